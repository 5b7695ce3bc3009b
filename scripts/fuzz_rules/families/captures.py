"""Families of keys about what a capture does beyond itself, and a few that fit nowhere else. `d` is the draft that a family writes to."""

from __future__ import annotations

from fuzz_rules.draft import Draft
from fuzz_rules.families.pawns import promotion_types
from fuzz_rules.families.registry import Families

FAMILIES = Families()


@FAMILIES.add(3, "blastOnCapture blastImmuneTypes petrifyBlastPieces", royal="no king")
def blast(d: Draft) -> None:
    d.keys["blastOnCapture"] = "true"
    d.keys.pop("flagPieceSafe", None)
    if "extinctionPseudoRoyal" not in d.keys and d.chance(0.4):
        types = d.some(1, 2)
        if types:
            d.keys["blastImmuneTypes"] = d.letters(types)
    if d.chance(0.2):
        d.keys["petrifyBlastPieces"] = "true"


@FAMILIES.add(1.5, "mutuallyImmuneTypes", royal="no king", conflicts="pseudo_royal")
def immunity(d: Draft) -> None:
    d.keys["mutuallyImmuneTypes"] = d.letters(d.some(1, 3))


@FAMILIES.add(2, "petrifyOnCaptureTypes")
def petrify(d: Draft) -> None:
    d.keys["petrifyOnCaptureTypes"] = d.letters(d.some(1, 4))


@FAMILIES.add(1, "immobilityIllegal")
def immobility(d: Draft) -> None:
    if {"shogiPawn", "lance", "shogiKnight", "pawn", "breakthrough"} & set(d.pieces):
        d.keys["immobilityIllegal"] = "true"


@FAMILIES.add(1, "sittuyinPromotion", needs="pawn", conflicts="gating walling duck", least=(4, 4))
def sittuyin_promotion(d: Draft) -> None:
    d.keys["sittuyinPromotion"] = "true"
    d.keys.setdefault("promotionPieceTypes", d.letters(promotion_types(d, 2)))
    for color in ("White", "Black"):
        squares = {f"{chr(ord('a') + f)}{d.rank(color, d.ranks - min(f, d.files - 1 - f, d.ranks // 2))}" for f in range(d.files)}
        d.keys[f"promotionRegion{color}"] = " ".join(sorted(squares))
    if d.chance(0.5):
        d.keys["promotionLimit"] = f"{d.rng.choice(d.keys['promotionPieceTypes'])}:1"


@FAMILIES.add(1, "startFen", least=(4, 5))
def holes(d: Draft) -> None:
    """Walls that stand from the start."""
    d.holes = d.rng.randint(1, 4)
