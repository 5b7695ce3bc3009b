"""The names of pieces that a rule file can use, and random pieces in Betza notation."""

from __future__ import annotations

import random

NAMED = [
    "pawn", "knight", "bishop", "rook", "queen", "fers", "alfil", "fersAlfil", "silver", "aiwok", "bers", "archbishop",
    "chancellor", "amazon", "knibis", "biskni", "kniroo", "rookni", "shogiPawn", "lance", "shogiKnight", "gold", "dragonHorse",
    "clobber", "breakthrough", "immobile", "cannon", "janggiCannon", "soldier", "horse", "elephant", "janggiElephant",
    "banner", "wazir", "commoner", "centaur",
]  # fmt: skip
CLASSIC = ["knight", "bishop", "rook", "queen"]
# Pieces that fill the front rank, as pawns do.
FRONT = ["pawn", "shogiPawn", "soldier", "breakthrough", "lance", "wazir", "fers", "silver"]
# Pieces of which a side has one at most, as many of them leave it without a move.
RARE = ["immobile", "clobber"]
# The usual letters of pieces that do not begin with it.
LETTERS = {"knight": "n", "fersAlfil": "s", "immobile": "x", "kniroo": "t", "king": "k"}
# The longer and the shorter side of a leap, by atom.
LEAPS = {
    "W": (1, 0), "F": (1, 1), "D": (2, 0), "N": (2, 1), "A": (2, 2), "H": (3, 0), "L": (3, 1), "C": (3, 1), "J": (3, 2),
    "Z": (3, 2), "G": (3, 3), "K": (1, 1), "R": (1, 0), "B": (1, 1), "Q": (1, 1),
}  # fmt: skip
# Atoms by direction and kind, each group with its weight. No piece has two atoms of one group among its moves, nor among its
# captures: Fairy-Stockfish gives one of them what a modifier or limit says of the other.
GROUPS: list[tuple[int, list[str]]] = [
    (6, ["W"]),
    (6, ["F"]),
    (5, ["R", "R", "R2", "R3", "R4", "W2", "W3", "pR", "pR", "gR"]),
    (5, ["B", "B", "B2", "B3", "F2", "F3", "pB", "pB", "gB"]),
    (5, ["N", "N", "N", "nN", "NN", "N2"]),
    (3, ["D", "D", "nD"]),
    (3, ["A", "A", "nA"]),
    (2, ["Z", "J", "nZ"]),
    (2, ["C", "L"]),
    (1, ["H"]),
    (1, ["G"]),
    (3, ["K"]),
    (2, ["Q", "Q2", "Q3", "pQ", "gQ"]),
]
# Direction modifiers that select at least one direction, for leaps along a rank or file and for all others. The notation has
# no pairs such as `lr` and `hv`; `h` alone and pairs such as `sv` select no direction.
STRAIGHT = ["f", "f", "b", "s", "v", "l", "r", "fs", "bs", "ffrr", "bbll", "fl", "br", "rv", "ffbb"]
OBLIQUE = ["f", "f", "b", "s", "v", "l", "r", "ff", "fs", "bs", "fl", "fr", "bl", "br", "lf", "rf", "lb", "rb", "lv", "rv",
           "fh", "bh", "lh", "rh", "hr", "hl", "ffbs", "flbr"]  # fmt: skip
# Moves of a royal piece that does not move as the orthodox king does.
KING_BETZA = ["W", "F", "WD", "FA", "N", "KN", "KD", "KA", "FD", "WA", "NC", "mKcF", "mWcF", "fKbW", "KfN", "KimN", "KNZ",
              "KmR", "KmB2", "KmNN", "W2F", "KQ2", "R", "KB"]  # fmt: skip


def fits(atom: str, files: int, ranks: int) -> bool:
    """Whether an atom, with its modifiers, has a move from some square of the board."""
    letter = next(c for c in atom if c.isupper())
    long, short = LEAPS[letter]
    # A hopper needs a square for the piece that it jumps over, and one beyond it.
    long += 2 * (atom[0] in "pg")
    return min(files, ranks) > max(long, short)


def random_betza(rng: random.Random, files: int, ranks: int, initial: bool) -> str:
    """The Betza notation of a piece of one to four atoms, with moves of its own from the start if `initial`."""
    split = rng.random() < 0.3
    parts: list[str] = []
    hopper = lame = False
    seen: dict[str, set[int]] = {"m": set(), "c": set()}
    for _ in range(rng.choice([1, 1, 2, 2, 2, 3, 3, 4])):
        group = rng.choices(range(len(GROUPS)), [weight for weight, _ in GROUPS])[0]
        modality = rng.choice(["m", "c", "mc"]) if split else "mc"
        touched = {2, 3} if group == len(GROUPS) - 1 else {0, 1} if GROUPS[group][1] == ["K"] else {group}
        if any(seen[side] & touched for side in modality):
            continue
        atom = rng.choice(GROUPS[group][1])
        if not fits(atom, files, ranks) or (hopper and atom[0] == "n") or (lame and atom[0] in "pg"):
            continue
        hopper, lame = hopper or atom[0] in "pg", lame or atom[0] == "n"
        for side in modality:
            seen[side] |= touched
        short = LEAPS[next(c for c in atom if c.isupper())][1]
        directed = rng.random() < 0.35 and not {"K", "Q"} & set(atom)
        direction = rng.choice(OBLIQUE if short else STRAIGHT) if directed else ""
        part = ("" if modality == "mc" else modality) + direction + atom
        parts.append(part if rng.random() < 0.5 or modality == "mc" else direction + modality + atom)
    if not parts:
        parts = [rng.choice(["W", "F", "N" if min(files, ranks) > 2 else "K"])]
    if initial:
        atom = rng.choice([a for a in ["nD", "nD", "R2", "N", "A", "B2", "W", "R", "nA", "D"] if fits(a, files, ranks)])
        parts.append(rng.choice(["i", "if"]) + "m" + atom)
        # A piece with initial moves only could never move again.
        if len(parts) == 1:
            parts.insert(0, "fmWfcF")
    return "".join(parts)
