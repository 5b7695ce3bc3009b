"""Families of keys about how games end: mates, draws, repetitions, extinction, flags, counts. `d` is the draft that a family writes to."""

from __future__ import annotations

from fuzz_rules.draft import Draft
from fuzz_rules.families.registry import Families

FAMILIES = Families()


@FAMILIES.add(2.5, "nMoveRule nMoveRuleTypes nMoveRuleTypesWhite nMoveRuleTypesBlack")
def n_move(d: Draft) -> None:
    if d.chance(0.8):
        d.keys["nMoveRule"] = str(d.rng.choice([0, 2, 3, 4, 5, 6, 8, 10, 15, 70]))
    if d.keys.get("nMoveRule") != "0" and (d.chance(0.6) or "nMoveRule" not in d.keys):
        d.split("nMoveRuleTypes", lambda _: d.letters(d.some(1, 3)))


@FAMILIES.add(2.5, "nFoldRule nFoldValue nFoldValueAbsolute")
def n_fold(d: Draft) -> None:
    if d.chance(0.7):
        d.keys["nFoldRule"] = str(d.rng.choice([0, 2, 2, 4, 5]))
    if d.keys.get("nFoldRule") != "0" and (d.chance(0.7) or "nFoldRule" not in d.keys):
        d.keys["nFoldValue"] = d.rng.choice(["win", "loss"])
        if d.chance(0.4):
            d.keys["nFoldValueAbsolute"] = "true"


@FAMILIES.add(1.5, "perpetualCheckIllegal", royal="king")
def perpetual(d: Draft) -> None:
    d.keys["perpetualCheckIllegal"] = "true"
    d.sparse = d.sparse or d.chance(0.5)


@FAMILIES.add(1, "moveRepetitionIllegal nFoldRule", royal="king")
def repeated_moves(d: Draft) -> None:
    d.keys["moveRepetitionIllegal"] = "true"
    d.keys["nFoldRule"] = str(d.rng.choice([4, 5]))
    if "mobilityRegionWhiteKing" not in d.keys and d.chance(0.7) and d.ranks > 4:
        for color in ("White", "Black"):
            d.keys[f"mobilityRegion{color}King"] = d.rank_region(color, 1, d.ranks // 2)


@FAMILIES.add(0.7, "chasingRule", needs="rook horse elephant cannon soldier", royal="king", least=(7, 7))
def chasing(d: Draft) -> None:
    d.keys["chasingRule"] = "axf"
    d.keys.setdefault("soldierPromotionRank", str(d.ranks // 2 + 1))
    if d.chance(0.5):
        d.keys["flyingGeneral"] = "true"
    if d.chance(0.5):
        d.keys["perpetualCheckIllegal"] = "true"


@FAMILIES.add(3, "stalemateValue stalematePieceCount")
def stalemate(d: Draft) -> None:
    d.keys["stalemateValue"] = d.rng.choice(["win", "loss"])
    if d.chance(0.3):
        d.keys["stalematePieceCount"] = "true"


@FAMILIES.add(1.5, "checkmateValue", royal="king")
def checkmate(d: Draft) -> None:
    d.keys["checkmateValue"] = d.rng.choice(["win", "draw"])


@FAMILIES.add(1, "shatarMateRule", needs="knight rook bers", royal="king")
def shatar(d: Draft) -> None:
    d.keys["shatarMateRule"] = "true"


@FAMILIES.add(0.8, "bikjangRule", royal="king")
def bikjang(d: Draft) -> None:
    d.keys["bikjangRule"] = "true"
    d.sparse = True
    if d.chance(0.6):
        d.keys["pass"] = "true"


@FAMILIES.add(3, "extinctionValue extinctionPieceTypes extinctionPieceCount extinctionOpponentPieceCount extinctionClaim")
def extinction(d: Draft) -> None:
    if "extinctionPseudoRoyal" in d.keys:
        return
    kind = d.rng.random()
    if d.royal == "commoner" and kind < 0.5:
        more = d.on_board(("commoner",))
        d.keys["extinctionPieceTypes"] = d.letters(["commoner", *more])
    elif kind < 0.75 or d.royal == "commoner":
        types = ["commoner"] if d.royal == "commoner" else []
        types += d.on_board(("king", "commoner", *types)) or []
        if not types:
            return
        d.keys["extinctionPieceTypes"] = d.letters(types)
    else:
        d.keys["extinctionPieceTypes"] = "*"
    d.keys["extinctionValue"] = d.rng.choice(["loss", "loss", "loss", "win", "draw"])
    if d.keys["extinctionPieceTypes"] == "*" and ("king" in d.pieces or d.chance(0.3)):
        d.keys["extinctionPieceCount"] = str(d.rng.randint(1, 3))
    elif d.chance(0.2):
        d.keys["extinctionPieceCount"] = str(d.rng.randint(1, 2))
    if d.chance(0.3):
        d.keys["extinctionOpponentPieceCount"] = str(d.rng.randint(1, 3))
        if d.chance(0.4):
            d.keys["extinctionClaim"] = "true"


@FAMILIES.add(4, "extinctionPseudoRoyal dupleCheck extinctionPieceCount", conflicts="immunity")
def pseudo_royal(d: Draft) -> None:
    if d.royal == "commoner":
        types = ["commoner"]
        if d.chance(0.2):
            types += d.on_board(("commoner", "pawn"))
    else:
        types = d.on_board(("king", "pawn"))
    if not types:
        return
    d.keys["extinctionValue"] = "loss"
    d.keys["extinctionPieceTypes"] = d.letters(types)
    d.keys["extinctionPseudoRoyal"] = "true"
    d.keys.pop("extinctionOpponentPieceCount", None)
    d.keys.pop("extinctionClaim", None)
    if d.chance(0.2):
        d.keys["dupleCheck"] = "true"
        d.placed += types
    if "extinctionPieceCount" in d.keys or d.chance(0.1):
        d.keys.pop("extinctionPieceCount", None)
        if types != ["commoner"]:
            d.keys["extinctionPieceCount"] = "1"
            d.placed += types


@FAMILIES.add(4, "flagPiece flagPieceWhite flagPieceBlack flagRegion flagRegionWhite flagRegionBlack flagPieceCount "
        "flagPieceBlockedWin flagMove flagPieceSafe")  # fmt: skip
def flag(d: Draft) -> None:
    pieces = [*d.types(("immobile",)), *(["king"] * 2 if "king" in d.pieces else [])]
    chosen = d.rng.choice(pieces)
    everything = d.chance(0.15)
    if not everything:
        d.split("flagPiece", lambda _: d.pieces[chosen], 0.8)
    if d.chance(0.4):
        middle = [f"{chr(ord('a') + f)}{r}" for f in range(d.files) for r in range((d.ranks + 1) // 2, d.ranks // 2 + 2)]
        squares = d.rng.sample(middle, min(len(middle), d.rng.randint(1, 4)))
        d.keys["flagRegion"] = " ".join(sorted(squares))
    else:
        for color in ("White", "Black") if d.chance(0.85) else (d.rng.choice(["White", "Black"]),):
            d.keys[f"flagRegion{color}"] = d.rank_region(color, d.rng.choice([d.ranks, d.ranks, d.ranks - 1]), d.ranks)
    if chosen != "king" and d.chance(0.3):
        d.keys["flagPieceCount"] = str(d.rng.randint(2, 3))
        if d.chance(0.5):
            d.keys["flagPieceBlockedWin"] = "true"
    if d.chance(0.25):
        d.keys["flagMove"] = "true"
    if d.chance(0.2) and "blastOnCapture" not in d.keys:
        d.keys["flagPieceSafe"] = "true"


@FAMILIES.add(2.5, "checkCounting", royal="king", conflicts="checking")
def check_counting(d: Draft) -> None:
    d.keys["checkCounting"] = "true"
    d.checks = d.rng.choice([1, 2, 3, 3, 5, 7])


@FAMILIES.add(2, "materialCounting")
def material_counting(d: Draft) -> None:
    d.keys["materialCounting"] = d.rng.choice(["janggi", "unweighted", "whitedrawodds", "blackdrawodds"])
    if d.chance(0.5) and "nMoveRule" not in d.keys:
        d.keys["nMoveRule"] = str(d.rng.randint(2, 8))
    elif d.chance(0.5) and not any(key.startswith("pass") for key in d.keys):
        d.keys["pass"] = "true"


@FAMILIES.add(1, "adjudicateFullBoard")
def full_board(d: Draft) -> None:
    """Only drops and walls fill a board, so the key is for files that have one of them."""
    if {"pieceDrops", "wallingRule"} & set(d.keys):
        d.keys["adjudicateFullBoard"] = "true"


@FAMILIES.add(1.5, "countingRule", royal="king")
def counting(d: Draft) -> None:
    d.keys["countingRule"] = d.rng.choice(["makruk", "asean"])
    d.sparse = d.sparse or d.chance(0.7)
