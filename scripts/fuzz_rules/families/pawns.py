"""Families of keys about pawns and promotion. `d` is the draft that a family writes to."""

from __future__ import annotations

from fuzz_rules.draft import Draft
from fuzz_rules.families.registry import Families

FAMILIES = Families()


def promotion_types(d: Draft, most: int = 4) -> list[str]:
    """Piece types that a pawn may become: no pawn, no second king, and seldom a second commoner where that is royal."""
    pawns = {"king", "pawn", *d.types()} if len(d.types()) < 2 else {"king", "pawn"}
    if d.royal == "commoner" and d.chance(0.8):
        pawns.add("commoner")
    return d.some(1, most, tuple(pawns))


def base_promotion(d: Draft) -> None:
    """Keys of every file with pawns, whatever its families: what pawns become, and where they step two squares."""
    if "pawn" not in d.pieces:
        return
    types = promotion_types(d)
    if types and d.chance(0.95):
        d.keys["promotionPieceTypes"] = d.letters(types)
    promotion_region(d, 0.15)
    if d.ranks != 8:
        kind = d.rng.random()
        if kind < 0.5 or d.ranks < 5:
            d.keys["doubleStep"] = "false"
        elif kind < 0.9:
            for color in ("White", "Black"):
                d.keys[f"doubleStepRegion{color}"] = d.rank_region(color, 2, 2)


def promotion_region(d: Draft, probability: float) -> None:
    """The last ranks as the promotion region: always where the default of eight ranks does not fit, else with a probability."""
    if "promotionRegionWhite" in d.keys or (d.ranks == 8 and not d.chance(probability)):
        return
    depth = d.rng.choice([1, 1, 1, 2, 3] if d.ranks > 4 else [1])
    for color in ("White", "Black"):
        d.keys[f"promotionRegion{color}"] = d.rank_region(color, d.ranks + 1 - depth, d.ranks)


@FAMILIES.add(3, "promotionLimit mandatoryPawnPromotion promotionPieceTypesWhite promotionPieceTypesBlack promotionRegionWhite "
        "promotionRegionBlack", needs="pawn")  # fmt: skip
def promotion(d: Draft) -> None:
    d.keys.setdefault("promotionPieceTypes", d.letters(promotion_types(d)))
    what = d.rng.sample(["limit", "optional", "sides", "region"], d.rng.choice([1, 1, 2]))
    if "sides" in what:
        del d.keys["promotionPieceTypes"]
        for color in ("White", "Black"):
            d.keys[f"promotionPieceTypes{color}"] = d.letters(promotion_types(d))
    if "limit" in what:
        types = d.keys.get("promotionPieceTypes", d.keys.get("promotionPieceTypesWhite", ""))
        chosen = d.rng.sample(types, d.rng.randint(1, len(types)))
        d.keys["promotionLimit"] = " ".join(f"{letter}:{d.rng.randint(1, 3)}" for letter in chosen)
    if "optional" in what:
        d.keys["mandatoryPawnPromotion"] = "false"
    if "region" in what:
        for color in ("White", "Black"):
            first = d.rng.randint(max(2, d.ranks // 2), d.ranks)
            squares = {f"{chr(ord('a') + f)}{d.rank(color, d.rng.randint(first, d.ranks))}" for f in range(d.files)}
            d.keys[f"promotionRegion{color}"] = " ".join(sorted(squares))


@FAMILIES.add(3, "promotionPawnTypes promotionPawnTypesWhite promotionPawnTypesBlack pawnTypes", conflicts="shogi_promotion")
def promotion_pawn_types(d: Draft) -> None:
    pawns = d.some(1, 2, ("king", "commoner", "immobile", "pawn"))
    if "pawn" in d.pieces and d.chance(0.5):
        pawns.insert(0, "pawn")
    types = d.some(1, 3, ("king", "pawn", "commoner", *pawns))
    if not types or set(pawns) <= {"pawn"}:
        return
    if d.chance(0.3):
        d.keys["pawnTypes"] = d.letters(pawns)
    else:
        d.split("promotionPawnTypes", lambda _: d.letters(pawns))
    d.keys["promotionPieceTypes"] = d.letters(types)
    promotion_region(d, 0.3)
    if d.chance(0.15):
        d.keys["mandatoryPawnPromotion"] = "false"


@FAMILIES.add(4, "promotedPieceType piecePromotionOnCapture mandatoryPiecePromotion pieceDemotion")
def shogi_promotion(d: Draft) -> None:
    types = d.types(("king", "commoner"))
    d.rng.shuffle(types)
    if len(types) < 2:
        return
    cut = d.rng.randint(1, min(4, len(types) - 1))
    low, high = types[:cut], types[cut:]
    pairs = [(piece, d.rng.choice(high if d.chance(0.9) else [t for t in types if t != piece])) for piece in low]
    d.keys["promotedPieceType"] = " ".join(f"{d.pieces[a]}:{d.pieces[b]}" for a, b in pairs)
    promotion_region(d, 0.6)
    if d.chance(0.3):
        limited = d.rng.choice(pairs)[1]
        d.keys["promotionLimit"] = f"{d.pieces[limited]}:{d.rng.randint(1, 2)}"
    for key, probability in (("piecePromotionOnCapture", 0.2), ("mandatoryPiecePromotion", 0.25), ("pieceDemotion", 0.25)):
        if d.chance(probability):
            d.keys[key] = "true"


@FAMILIES.add(2, "doubleStep doubleStepRegionWhite doubleStepRegionBlack", needs="pawn", least=(3, 5))
def double_step(d: Draft) -> None:
    for key in ("doubleStep", "doubleStepRegionWhite", "doubleStepRegionBlack"):
        d.keys.pop(key, None)
    if d.chance(0.25):
        d.keys["doubleStep"] = "false"
        return
    for color in d.rng.choice([["White", "Black"], ["White", "Black"], ["White"]]):
        first = d.rng.randint(1, 3)
        d.keys[f"doubleStepRegion{color}"] = (
            d.rank_region(color, first, min(d.ranks, first + d.rng.randrange(3))) if d.chance(0.8) else d.any_region(color)
        )


@FAMILIES.add(1.5, "tripleStepRegionWhite tripleStepRegionBlack", needs="pawn", least=(3, 7))
def triple_step(d: Draft) -> None:
    for color in d.rng.choice([["White", "Black"], ["White", "Black"], ["Black"]]):
        d.keys[f"tripleStepRegion{color}"] = d.rank_region(color, 2, 2 + d.rng.randrange(2))


@FAMILIES.add(2, "enPassantRegion enPassantRegionWhite enPassantRegionBlack enPassantTypes enPassantTypesWhite "
        "enPassantTypesBlack", needs="pawn", least=(4, 7))  # fmt: skip
def en_passant(d: Draft) -> None:
    if d.keys.pop("doubleStep", None) or d.ranks != 8:
        for color in ("White", "Black"):
            d.keys[f"doubleStepRegion{color}"] = d.rank_region(color, 2, 2)
    if d.chance(0.5):
        third = d.ranks - 2  # the rank that a double step of the other side passes
        d.split("enPassantRegion", lambda color: d.any_region(color) if d.chance(0.5) else d.rank_region(color, third, third), 0.3)
    if d.chance(0.6) or not any(key.startswith("enPassantRegion") for key in d.keys):
        d.split("enPassantTypes", lambda _: "-" if d.chance(0.15) else d.letters(["pawn", *d.some(0, 2, ("king", "pawn"))]))
