"""Families of keys about moves: castling, drops, gating, walls, passing, mobility. `d` is the draft that a family writes to."""

from __future__ import annotations

import re
from collections.abc import Callable

from fuzz_rules.draft import Castling, Draft
from fuzz_rules.families.registry import Families

FAMILIES = Families()


@FAMILIES.add(6, "castling castlingKingsideFile castlingQueensideFile castlingRank castlingKingFile castlingKingPiece "
        "castlingKingPieceWhite castlingKingPieceBlack castlingRookKingsideFile castlingRookQueensideFile castlingRookPieces "
        "castlingRookPiecesWhite castlingRookPiecesBlack oppositeCastling castlingWins chess960",
        conflicts="cambodian kings_in_hand duck", least=(6, 4))  # fmt: skip
def castling(d: Draft) -> None:
    rng = d.rng
    if d.files < 8 and d.chance(0.6):
        d.files = rng.choice([8, 8, 8, 8 if d.cramped else 9])
    king = d.royal or next(iter(d.on_board(("pawn", "rook"))), None)
    if king is None:
        return
    if "rook" in d.pieces and d.chance(0.75):
        rook = "rook"
    else:
        others = d.types(("king", "pawn", king, "immobile"))
        if not others:
            return
        rook = rng.choice(others)
    chess = d.files == 8 and d.chance(0.6)
    king_file = 4 if chess else rng.randint(2, d.files - 3)
    right = d.files - 1 if chess or d.chance(0.8) else rng.randint(king_file + 1, d.files - 1)
    left = 0 if chess or d.chance(0.8) else rng.randint(0, king_file - 1)
    king_to = 6 if chess and d.chance(0.8) else rng.randint(king_file + 1, d.files - 1)
    queen_to = 2 if chess and d.chance(0.8) else rng.randint(0, king_file - 1)
    rank = 2 if d.ranks > 6 and d.chance(0.1) else 1
    rights = rng.choice(["KQkq", "KQkq", "KQkq", "KQkq", "KQk", "Kkq", "Kk", "Qq", "KQ"])

    def name(file: int) -> str:
        return chr(ord("a") + file) if d.chance(0.7) else str(file + 1)

    def differing(key: str, value: int, default: int, probability: float = 1.0) -> None:
        if value != default and d.chance(probability):
            d.keys[key] = name(value)

    differing("castlingKingsideFile", king_to, 6)
    differing("castlingQueensideFile", queen_to, 2)
    differing("castlingKingFile", king_file, 4, 0.6)
    differing("castlingRookKingsideFile", right, 11, 1.0 if right != d.files - 1 else 0.2)
    differing("castlingRookQueensideFile", left, 0)
    if rank != 1:
        d.keys["castlingRank"] = str(rank)
    if king != "king":
        d.split("castlingKingPiece", lambda _: d.pieces[king], 0.7)
        if len([key for key in d.keys if key.startswith("castlingKingPiece")]) == 1 and "castlingKingPiece" not in d.keys:
            rights = re.sub("[kq]" if "castlingKingPieceWhite" in d.keys else "[KQ]", "", rights)
            if not rights:
                rights = "KQ" if "castlingKingPieceWhite" in d.keys else "kq"
    if rook != "rook":
        d.keys["castlingRookPieces"] = d.pieces[rook]
    elif d.chance(0.15):
        more = d.some(1, 1, ("king", "pawn", "rook", king))
        if more:
            d.split("castlingRookPieces", lambda _: d.letters(["rook", *more]))
    if d.chance(0.1):
        d.keys["oppositeCastling"] = "true"
    if d.chance(0.12) and {"K", "Q"} & set(rights) and {"k", "q"} & set(rights):
        d.keys["castlingWins"] = "".join(c for c in rights if d.chance(0.7)) or rights
    if d.chance(0.1):
        d.keys["chess960"] = "true"
    d.castling = Castling(king, rook, king_file, left, right, rank, rights)


@FAMILIES.add(1, "checking", royal="king", conflicts="check_counting")
def checking(d: Draft) -> None:
    d.keys["checking"] = "false"


@FAMILIES.add(3, "mustCapture")
def must_capture(d: Draft) -> None:
    d.keys["mustCapture"] = "true"


@FAMILIES.add(8, "pieceDrops capturesToHand dropLoop firstRankPawnDrops promotionZonePawnDrops dropRegionWhite dropRegionBlack "
        "sittuyinRookDrop dropOppositeColoredBishop dropPromoted dropNoDoubled dropNoDoubledCount dropChecks mustDrop "
        "mustDropType shogiPawnDropMateIllegal immobilityIllegal", conflicts="walling duck")  # fmt: skip
def drops(d: Draft) -> None:
    d.keys["pieceDrops"] = "true"
    droppable = d.types()
    if d.chance(0.7):
        d.keys["capturesToHand"] = "true"
    if "capturesToHand" not in d.keys or d.chance(0.4):
        d.hand = [d.rng.choice(droppable) for _ in range(d.rng.randint(1, 4))]
    options: list[Callable[[], None]] = []

    def option(key: str, value: str | Callable[[], str] = "true", possible: bool = True) -> None:
        if possible:
            options.append(lambda: d.keys.update({key: value if isinstance(value, str) else value()}))

    promotes = bool({"promotionPieceTypes", "promotedPieceType", "promotionPieceTypesWhite"} & set(d.keys))
    option("dropLoop", possible=promotes and "capturesToHand" in d.keys)
    option("firstRankPawnDrops", possible="pawn" in d.pieces)
    option("promotionZonePawnDrops", possible="pawn" in d.pieces)
    option("sittuyinRookDrop", possible="rook" in d.pieces)
    option("dropOppositeColoredBishop", possible="bishop" in d.pieces)
    option("dropPromoted", possible="promotedPieceType" in d.keys)
    option("dropPromoted", possible="promotedPieceType" in d.keys)
    option("dropChecks", "false", "king" in d.pieces)
    option("shogiPawnDropMateIllegal", possible="king" in d.pieces and "shogiPawn" in d.pieces)
    option("mustDrop", possible=True)
    option("immobilityIllegal", possible="immobilityIllegal" not in d.keys)
    doubled = d.rng.choice(droppable)
    option("dropNoDoubled", d.pieces[doubled])
    region_color = d.rng.choice(["White", "Black"])
    for color in ("White", "Black") if d.chance(0.7) else (region_color,):
        option(f"dropRegion{color}", lambda c=color: d.any_region(c) if d.chance(0.3) else d.rank_region(c, 1, max(1, d.ranks // 2)))
    d.rng.shuffle(options)
    for write in options[: d.rng.choice([0, 1, 1, 2, 2, 3, 4])]:
        write()
    if "dropNoDoubled" in d.keys and d.chance(0.4):
        d.keys["dropNoDoubledCount"] = str(d.rng.randint(2, 3))
    if "mustDrop" in d.keys:
        if not d.hand:
            d.hand = [d.rng.choice(droppable) for _ in range(d.rng.randint(1, 4))]
        if d.chance(0.4):
            d.keys["mustDropType"] = d.pieces[d.rng.choice(d.hand)]
    for key, piece in (("sittuyinRookDrop", "rook"), ("dropOppositeColoredBishop", "bishop")):
        if key in d.keys:
            d.hand += [piece, piece]


@FAMILIES.add(0.7, "mustDrop mustDropType castlingDroppedPiece", royal="king", conflicts="walling duck castling drops flying_general "
        "bikjang cambodian chasing gating check_counting repeated_moves", least=(5, 5))  # fmt: skip
def kings_in_hand(d: Draft) -> None:
    """The king and some pieces start in hand and must be dropped before anything else moves."""
    d.keys["pieceDrops"] = d.keys["mustDrop"] = "true"
    d.king_in_hand = True
    d.hand = ["king", *(d.rng.choice(d.types(("king", "pawn"))) for _ in range(d.rng.randint(1, 4)) if d.types(("king", "pawn")))]
    d.keys["dropRegionWhite"] = d.rank_region("White", 1, max(1, d.ranks // 2 - 1))
    d.keys["dropRegionBlack"] = d.rank_region("Black", 1, max(1, d.ranks // 2 - 1))
    if d.files == 8 and "rook" in d.pieces and d.chance(0.6):
        d.hand += ["rook", "rook"]
        d.keys["castlingDroppedPiece"] = "true"
    if d.chance(0.3):
        d.keys["mustDropType"] = d.pieces["king"]


@FAMILIES.add(2.5, "gating seirawanGating", conflicts="walling duck cambodian", least=(4, 4))
def gating(d: Draft) -> None:
    d.keys["gating"] = d.keys["seirawanGating"] = "true"
    d.gates = "all"
    d.hand += d.some(1, 3, ("king", "pawn", "immobile")) or d.some(1, 1)
    if d.chance(0.2):
        d.keys["capturesToHand"] = "true"
    if d.chance(0.25):
        d.split("dropRegion", lambda color: d.rank_region(color, 1, 1) if d.chance(0.5) else d.any_region(color), 0.0)


@FAMILIES.add(5, "wallingRule wallingRegion wallingRegionWhite wallingRegionBlack wallOrMove", conflicts="drops gating duck cambodian")
def walling(d: Draft) -> None:
    d.keys["wallingRule"] = d.rng.choice(["arrow", "edge", "past", "static"])
    walling_details(d)
    if d.chance(0.2) and d.royal == "king":
        d.keys["wallOrMove"] = "true"


@FAMILIES.add(2, "wallingRule wallingRegion wallingRegionWhite wallingRegionBlack", royal="no king",
        conflicts="drops gating walling castling cambodian")  # fmt: skip
def duck(d: Draft) -> None:
    d.keys["wallingRule"] = "duck"
    walling_details(d)


def walling_details(d: Draft) -> None:
    d.cramped = True
    if d.chance(0.25):
        d.split("wallingRegion", lambda color: d.rank_region(color, 1, d.ranks - 1) if d.chance(0.5) else " ".join(
            f"{chr(ord('a') + f)}*" for f in range(d.rng.randrange(d.files - 1), d.files)))  # fmt: skip


@FAMILIES.add(1, "cambodianMoves gating", needs="fers rook", royal="king", conflicts="castling gating walling duck mobility", least=(5, 4))
def cambodian(d: Draft) -> None:
    d.keys["cambodianMoves"] = d.keys["gating"] = "true"
    d.gates = "cambodian"
    d.placed += ["fers", "rook"]


@FAMILIES.add(1, "diagonalLines", least=(5, 6))
def diagonal_lines(d: Draft) -> None:
    if not {"rook", "wazir", "soldier", "janggiCannon"} & set(d.pieces):
        return
    squares = [square for color in ("White", "Black") for index, square in enumerate(d.palace(color)) if index % 2 == 0]
    d.keys["diagonalLines"] = " ".join(squares)


@FAMILIES.add(3, "pass passWhite passBlack passOnStalemate passOnStalemateWhite passOnStalemateBlack")
def passing(d: Draft) -> None:
    d.split(d.rng.choice(["pass", "passOnStalemate"]), lambda _: "true")


@FAMILIES.add(1, "makpongRule", royal="king")
def makpong(d: Draft) -> None:
    d.keys["makpongRule"] = "true"


@FAMILIES.add(1.5, "flyingGeneral", royal="king")
def flying_general(d: Draft) -> None:
    d.keys["flyingGeneral"] = "true"
    d.sparse = d.sparse or d.chance(0.5)


@FAMILIES.add(1, "soldierPromotionRank", needs="soldier", least=(3, 4))
def soldiers(d: Draft) -> None:
    d.keys["soldierPromotionRank"] = str(d.rng.randint(2, d.ranks))
    d.placed.append("soldier")


@FAMILIES.add(3, "mobilityRegion", least=(4, 4))
def mobility(d: Draft) -> None:
    for piece in d.some(1, 3, ()):
        for color in ("White", "Black") if d.chance(0.85) else (d.rng.choice(["White", "Black"]),):
            kind = d.rng.random()
            if kind < 0.5 or (piece == "pawn" and kind < 0.9):
                region = d.rank_region(color, 1, d.rng.randint((d.ranks + 1) // 2, d.ranks - 1))
            elif kind < 0.75:
                region = " ".join(d.palace(color))
            else:
                gone = {d.square() for _ in range(3)}
                region = " ".join(
                    square
                    for f in range(d.files)
                    for r in range(1, d.ranks + 1)
                    if (square := f"{chr(ord('a') + f)}{r}") not in gone
                )
            d.keys[f"mobilityRegion{color}{piece[0].upper()}{piece[1:]}"] = region
