"""All families of keys, and the choice of those that a file has."""

from __future__ import annotations

import random
import re

from fuzz_rules.families import captures, endings, moves, pawns
from fuzz_rules.families.registry import Family

# A file of a seed depends on the order of the families: changing it changes every file.
FAMILIES: dict[str, Family] = {**pawns.FAMILIES, **moves.FAMILIES, **endings.FAMILIES, **captures.FAMILIES}
# Families that write before all others, as others look at what they have written.
ORDER = ["castling", "walling", "duck", "shogi_promotion", "promotion_pawn_types", "promotion", "extinction",
         "pseudo_royal", "n_fold", "n_move", "mobility"]  # fmt: skip
# A key of the family `mobility`, which names them all `mobilityRegion`.
MOBILITY = re.compile(r"mobilityRegion(White|Black)[A-Z]\w*$")


def families_of(focus: str) -> list[str]:
    """The families that `--focus` asks for: the one of that name, or all that write the key of that name."""
    if focus in FAMILIES:
        return [focus]
    if MOBILITY.match(focus):
        return ["mobility"]
    found = [name for name, f in FAMILIES.items() if focus in f.keys]
    if not found:
        raise SystemExit(f"--focus {focus}: neither a family nor a key of one; see --focus '?'")
    return found


def choose_families(rng: random.Random, focus: str | None) -> list[str]:
    """Families without conflicts, in the order of writing; one that `focus` asks for is among them."""
    chosen: list[str] = [rng.choice(families_of(focus))] if focus else []
    if "full_board" in chosen:
        chosen.append(rng.choice(["drops", "walling"]))
    royals = {FAMILIES[name].royal for name in chosen} - {None}
    names = list(FAMILIES)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4])):
        name = rng.choices(names, [FAMILIES[n].weight for n in names])[0]
        f = FAMILIES[name]
        if name in chosen or any(name in FAMILIES[other].conflicts or other in f.conflicts for other in chosen):
            continue
        if f.royal and royals and royals != {f.royal}:
            continue
        royals |= {f.royal} - {None}
        chosen.append(name)
    return sorted(chosen, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
