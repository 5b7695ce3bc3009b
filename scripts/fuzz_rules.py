#!/usr/bin/env python3
"""Differential fuzzing of the rules against pyffish: random rule files, each played at random by both programs.

    fuzz_rules.py --files 1000 --jobs 2 --state fuzz.jsonl --keep fuzz     goes on where it was stopped
    fuzz_rules.py --focus castling --files 50                              a family of keys, or one key, in every file
    fuzz_rules.py --focus '?'                                              the families and their keys
    fuzz_rules.py --only 'maxFile|maxRank|startFen|king|rook|castling'     no file with any other key
    fuzz_rules.py --stats --files 300                                      which keys the files use; nothing is compared
    fuzz_rules.py --show 17                                                the file of an index

File number i depends on the seed, the focus, --only and i alone. Every file is generated and played in a process of its
own, so that a crash or a hang of pyffish costs that file. A file ends at its first difference, the run goes on. The exit
code is 1 if any file differs, or is refused with a message that --allow-refusal does not match.

pyffish is asked about whole games (start and moves), as the outcome of some rules depends on the moves before. Where it
contradicts what it says about the FEN of the same position (it detects checks faster, but not always rightly, after a
move), either answer is right; such positions are counted as ambiguous and end their game.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import multiprocessing.connection
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyffish

import oracle
from compare_pyffish import Difference, compare
from oracle import Interregnum, Verdict, board

TIMEOUT = 60.0  # seconds for a file, then its process is killed
TIME_TO_STOP = 40.0  # seconds after which no new position of a file is compared
MAX_PLIES = 90
KEPT_FENS = 30
ATTEMPTS = 400  # drafts until one is playable
ZEAL = 0.7  # how often a side that prefers a kind of move plays it when it can
CRAMPED = 20  # most pieces a side starts with when walls multiply its moves

# ---------------------------------------------------------------- pieces

NAMED = [
    "pawn", "knight", "bishop", "rook", "queen", "fers", "alfil", "fersAlfil", "silver", "aiwok", "bers", "archbishop",
    "chancellor", "amazon", "knibis", "biskni", "kniroo", "rookni", "shogiPawn", "lance", "shogiKnight", "gold", "dragonHorse",
    "clobber", "breakthrough", "immobile", "cannon", "janggiCannon", "soldier", "horse", "elephant", "janggiElephant",
    "banner", "wazir", "commoner", "centaur",
]  # fmt: skip
CLASSIC = ["knight", "bishop", "rook", "queen"]
FOOT = ["pawn", "shogiPawn", "soldier", "breakthrough", "lance", "wazir", "fers", "silver"]
RARE = ["immobile", "clobber"]
LETTERS = {"knight": "n", "fersAlfil": "s", "immobile": "x", "kniroo": "t", "king": "k"}
# Longest and shortest side of a leap, by atom.
LEAPS = {
    "W": (1, 0), "F": (1, 1), "D": (2, 0), "N": (2, 1), "A": (2, 2), "H": (3, 0), "L": (3, 1), "C": (3, 1), "J": (3, 2),
    "Z": (3, 2), "G": (3, 3), "K": (1, 1), "R": (1, 0), "B": (1, 1), "Q": (1, 1),
}  # fmt: skip
# Atoms of one group do not meet in one modality of a piece: what a rider of the one does would leak into the other.
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
# Direction modifiers that select at least one direction, for leaps along a line and for the others. `lr`, `hv` and the like
# are no pairs; lone `h` and pairs such as `sv` select nothing.
STRAIGHT = ["f", "f", "b", "s", "v", "l", "r", "fs", "bs", "ffrr", "bbll", "fl", "br", "rv", "ffbb"]
OBLIQUE = ["f", "f", "b", "s", "v", "l", "r", "ff", "fs", "bs", "fl", "fr", "bl", "br", "lf", "rf", "lb", "rb", "lv", "rv",
           "fh", "bh", "lh", "rh", "hr", "hl", "ffbs", "flbr"]  # fmt: skip
KING_BETZA = ["W", "F", "WD", "FA", "N", "KN", "KD", "KA", "FD", "WA", "NC", "mKcF", "mWcF", "fKbW", "KfN", "KimN", "KNZ",
              "KmR", "KmB2", "KmNN", "W2F", "KQ2", "R", "KB"]  # fmt: skip


def fits(atom: str, files: int, ranks: int) -> bool:
    """Whether an atom, with its modifiers, has a move from some square of the board."""
    letter = next(c for c in atom if c.isupper())
    long, short = LEAPS[letter]
    # A hopper needs a hurdle between.
    long += 2 * (atom[0] in "pg")
    return min(files, ranks) > max(long, short)


def random_betza(rng: random.Random, files: int, ranks: int, initial: bool) -> str:
    """A piece of one to four atoms."""
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
        # The first move is worth something only where there is one afterwards.
        if len(parts) == 1:
            parts.insert(0, "fmWfcF")
    return "".join(parts)


# ---------------------------------------------------------------- drafts


@dataclass
class Draft:
    """A rule file in the making."""

    rng: random.Random
    files: int
    ranks: int
    pieces: dict[str, str] = field(default_factory=dict)  # key -> letter
    betza: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)  # pieces that must stand on the board
    royal: str | None = None  # the piece with one per side, `king` or `commoner`
    families: set[str] = field(default_factory=set)
    hand: list[str] = field(default_factory=list)
    castling: dict[str, Any] | None = None
    gates: str | None = None  # `all` or `cambodian`
    sparse: bool = False
    cramped: bool = False
    king_in_hand: bool = False
    holes: int = 0
    checks: int = 0

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def types(self, but: Sequence[str] = ("king",)) -> list[str]:
        return [piece for piece in self.pieces if piece not in but]

    def letters(self, types: Sequence[str]) -> str:
        return "".join(self.pieces[piece] for piece in types)

    def some(self, least: int, most: int, but: Sequence[str] = ("king",)) -> list[str]:
        """Between `least` and `most` piece types, fewer if there are not as many."""
        known = self.types(but)
        return self.rng.sample(known, min(len(known), self.rng.randint(least, most)))

    def on_board(self, but: Sequence[str] = ()) -> list[str]:
        """One type that is sure to stand on the board, or none."""
        known = [piece for piece in self.types(but) if piece not in RARE]
        if not known:
            return []
        piece = self.rng.choice(known)
        self.placed.append(piece)
        return [piece]

    def rank(self, color: str, rank: int) -> int:
        return rank if color == "White" else self.ranks + 1 - rank

    def square(self) -> str:
        return f"{chr(ord('a') + self.rng.randrange(self.files))}{self.rng.randint(1, self.ranks)}"

    def rank_region(self, color: str, first: int, last: int) -> str:
        return " ".join(f"*{self.rank(color, r)}" for r in range(first, last + 1))

    def any_region(self, color: str) -> str:
        """Ranks, files or squares."""
        kind = self.rng.random()
        if kind < 0.5:
            first = self.rng.randint(1, self.ranks)
            return self.rank_region(color, first, min(self.ranks, first + self.rng.randrange(4)))
        if kind < 0.7:
            files = self.rng.sample(range(self.files), self.rng.randint(1, max(1, self.files - 2)))
            return " ".join(f"{chr(ord('a') + f)}*" for f in sorted(files))
        return " ".join(sorted({self.square() for _ in range(self.rng.randint(1, 8))}))

    def palace(self, color: str) -> list[str]:
        """The nine squares of a three by three block before the first rank."""
        left = (self.files - 3) // 2
        return [f"{chr(ord('a') + left + f)}{self.rank(color, 1 + r)}" for f in range(3) for r in range(3)]

    def split(self, key: str, values: Callable[[str], str | None], shared: float = 0.6) -> None:
        """One key for both sides, or one or two for one side each."""
        if self.chance(shared):
            value = values("White")
            if value:
                self.keys[key] = value
            return
        colors = self.rng.choice([["White"], ["Black"], ["White", "Black"], ["White", "Black"]])
        for color in colors:
            value = values(color)
            if value:
                self.keys[key + color] = value


# ---------------------------------------------------------------- families of keys


@dataclass(frozen=True)
class Family:
    """Keys that go together."""

    name: str
    write: Callable[[Draft], None]
    weight: float
    keys: tuple[str, ...]
    needs: tuple[str, ...] = ()
    royal: str | None = None  # `king`, `commoner` or `no king`
    conflicts: tuple[str, ...] = ()
    least: tuple[int, int] = (3, 3)  # files and ranks


FAMILIES: dict[str, Family] = {}


def family(
    weight: float,
    keys: str,
    needs: str = "",
    royal: str | None = None,
    conflicts: str = "",
    least: tuple[int, int] = (3, 3),
) -> Callable[[Callable[[Draft], None]], Callable[[Draft], None]]:
    """Registers a family under the function's name."""

    def register(write: Callable[[Draft], None]) -> Callable[[Draft], None]:
        name = write.__name__
        FAMILIES[name] = Family(
            name, write, weight, tuple(keys.split()), tuple(needs.split()), royal, tuple(conflicts.split()), least
        )
        return write

    return register


VALUES = ["win", "loss", "draw"]


def promotion_types(d: Draft, most: int = 4) -> list[str]:
    """What pawns become: not what promotes itself, and no second king."""
    pawns = {"king", "pawn", *d.types()} if len(d.types()) < 2 else {"king", "pawn"}
    if d.royal == "commoner" and d.chance(0.8):
        pawns.add("commoner")
    return d.some(1, most, tuple(pawns))


def base_promotion(d: Draft) -> None:
    """What a variant with pawns says anyway."""
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
    if "promotionRegionWhite" in d.keys or (d.ranks == 8 and not d.chance(probability)):
        return
    depth = d.rng.choice([1, 1, 1, 2, 3] if d.ranks > 4 else [1])
    for color in ("White", "Black"):
        d.keys[f"promotionRegion{color}"] = d.rank_region(color, d.ranks + 1 - depth, d.ranks)


@family(3, "promotionLimit mandatoryPawnPromotion promotionPieceTypesWhite promotionPieceTypesBlack promotionRegionWhite "
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


@family(3, "promotionPawnTypes promotionPawnTypesWhite promotionPawnTypesBlack pawnTypes", conflicts="shogi_promotion")
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


@family(4, "promotedPieceType piecePromotionOnCapture mandatoryPiecePromotion pieceDemotion")
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


@family(2, "doubleStep doubleStepRegionWhite doubleStepRegionBlack", needs="pawn", least=(3, 5))
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


@family(1.5, "tripleStepRegionWhite tripleStepRegionBlack", needs="pawn", least=(3, 7))
def triple_step(d: Draft) -> None:
    for color in d.rng.choice([["White", "Black"], ["White", "Black"], ["Black"]]):
        d.keys[f"tripleStepRegion{color}"] = d.rank_region(color, 2, 2 + d.rng.randrange(2))


@family(2, "enPassantRegion enPassantRegionWhite enPassantRegionBlack enPassantTypes enPassantTypesWhite "
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


@family(6, "castling castlingKingsideFile castlingQueensideFile castlingRank castlingKingFile castlingKingPiece "
        "castlingKingPieceWhite castlingKingPieceBlack castlingRookKingsideFile castlingRookQueensideFile castlingRookPieces "
        "castlingRookPiecesWhite castlingRookPiecesBlack oppositeCastling castlingWins chess960",
        conflicts="cambodian kings_in_hand duck", least=(6, 4))  # fmt: skip
def castling(d: Draft) -> None:
    rng = d.rng
    if d.files < 8 and d.chance(0.6):
        d.files = rng.choice([8, 8, 8, 8 if d.cramped else 9])
    king = d.royal or (d.on_board(("pawn", "rook")) or [None])[0]
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
    d.castling = {"king": king, "rook": rook, "file": king_file, "left": left, "right": right, "rank": rank, "rights": rights}


@family(1, "checking", royal="king", conflicts="check_counting")
def checking(d: Draft) -> None:
    d.keys["checking"] = "false"


@family(3, "mustCapture")
def must_capture(d: Draft) -> None:
    d.keys["mustCapture"] = "true"


@family(8, "pieceDrops capturesToHand dropLoop firstRankPawnDrops promotionZonePawnDrops dropRegionWhite dropRegionBlack "
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


@family(0.7, "mustDrop mustDropType castlingDroppedPiece", royal="king", conflicts="walling duck castling drops flying_general "
        "bikjang cambodian chasing gating check_counting repeated_moves", least=(5, 5))  # fmt: skip
def kings_in_hand(d: Draft) -> None:
    """All pieces but the foot are dropped first, the king too."""
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


@family(2.5, "gating seirawanGating", conflicts="walling duck cambodian", least=(4, 4))
def gating(d: Draft) -> None:
    d.keys["gating"] = d.keys["seirawanGating"] = "true"
    d.gates = "all"
    d.hand += d.some(1, 3, ("king", "pawn", "immobile")) or d.some(1, 1)
    if d.chance(0.2):
        d.keys["capturesToHand"] = "true"
    if d.chance(0.25):
        d.split("dropRegion", lambda color: d.rank_region(color, 1, 1) if d.chance(0.5) else d.any_region(color), 0.0)


@family(5, "wallingRule wallingRegion wallingRegionWhite wallingRegionBlack wallOrMove", conflicts="drops gating duck cambodian")
def walling(d: Draft) -> None:
    d.keys["wallingRule"] = d.rng.choice(["arrow", "edge", "past", "static"])
    walling_details(d)
    if d.chance(0.2) and d.royal == "king":
        d.keys["wallOrMove"] = "true"


@family(2, "wallingRule wallingRegion wallingRegionWhite wallingRegionBlack", royal="no king",
        conflicts="drops gating walling castling cambodian")  # fmt: skip
def duck(d: Draft) -> None:
    d.keys["wallingRule"] = "duck"
    walling_details(d)


def walling_details(d: Draft) -> None:
    d.cramped = True
    if d.chance(0.25):
        d.split("wallingRegion", lambda color: d.rank_region(color, 1, d.ranks - 1) if d.chance(0.5) else " ".join(
            f"{chr(ord('a') + f)}*" for f in range(d.rng.randrange(d.files - 1), d.files)))  # fmt: skip


@family(1, "cambodianMoves gating", needs="fers rook", royal="king", conflicts="castling gating walling duck mobility", least=(5, 4))
def cambodian(d: Draft) -> None:
    d.keys["cambodianMoves"] = d.keys["gating"] = "true"
    d.gates = "cambodian"
    d.placed += ["fers", "rook"]


@family(1, "diagonalLines", least=(5, 6))
def diagonal_lines(d: Draft) -> None:
    if not {"rook", "wazir", "soldier", "janggiCannon"} & set(d.pieces):
        return
    squares = [square for color in ("White", "Black") for index, square in enumerate(d.palace(color)) if index % 2 == 0]
    d.keys["diagonalLines"] = " ".join(squares)


@family(3, "pass passWhite passBlack passOnStalemate passOnStalemateWhite passOnStalemateBlack")
def passing(d: Draft) -> None:
    d.split(d.rng.choice(["pass", "passOnStalemate"]), lambda _: "true")


@family(1, "makpongRule", royal="king")
def makpong(d: Draft) -> None:
    d.keys["makpongRule"] = "true"


@family(1.5, "flyingGeneral", royal="king")
def flying_general(d: Draft) -> None:
    d.keys["flyingGeneral"] = "true"
    d.sparse = d.sparse or d.chance(0.5)


@family(1, "soldierPromotionRank", needs="soldier", least=(3, 4))
def soldiers(d: Draft) -> None:
    d.keys["soldierPromotionRank"] = str(d.rng.randint(2, d.ranks))
    d.placed.append("soldier")


@family(3, "mobilityRegion", least=(4, 4))
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


@family(2.5, "nMoveRule nMoveRuleTypes nMoveRuleTypesWhite nMoveRuleTypesBlack")
def n_move(d: Draft) -> None:
    if d.chance(0.8):
        d.keys["nMoveRule"] = str(d.rng.choice([0, 2, 3, 4, 5, 6, 8, 10, 15, 70]))
    if d.keys.get("nMoveRule") != "0" and (d.chance(0.6) or "nMoveRule" not in d.keys):
        d.split("nMoveRuleTypes", lambda _: d.letters(d.some(1, 3)))


@family(2.5, "nFoldRule nFoldValue nFoldValueAbsolute")
def n_fold(d: Draft) -> None:
    if d.chance(0.7):
        d.keys["nFoldRule"] = str(d.rng.choice([0, 2, 2, 4, 5]))
    if d.keys.get("nFoldRule") != "0" and (d.chance(0.7) or "nFoldRule" not in d.keys):
        d.keys["nFoldValue"] = d.rng.choice(["win", "loss"])
        if d.chance(0.4):
            d.keys["nFoldValueAbsolute"] = "true"


@family(1.5, "perpetualCheckIllegal", royal="king")
def perpetual(d: Draft) -> None:
    d.keys["perpetualCheckIllegal"] = "true"
    d.sparse = d.sparse or d.chance(0.5)


@family(1, "moveRepetitionIllegal nFoldRule", royal="king")
def repeated_moves(d: Draft) -> None:
    d.keys["moveRepetitionIllegal"] = "true"
    d.keys["nFoldRule"] = str(d.rng.choice([4, 5]))
    if "mobilityRegionWhiteKing" not in d.keys and d.chance(0.7) and d.ranks > 4:
        for color in ("White", "Black"):
            d.keys[f"mobilityRegion{color}King"] = d.rank_region(color, 1, d.ranks // 2)


@family(0.7, "chasingRule", needs="rook horse elephant cannon soldier", royal="king", least=(7, 7))
def chasing(d: Draft) -> None:
    d.keys["chasingRule"] = "axf"
    d.keys.setdefault("soldierPromotionRank", str(d.ranks // 2 + 1))
    if d.chance(0.5):
        d.keys["flyingGeneral"] = "true"
    if d.chance(0.5):
        d.keys["perpetualCheckIllegal"] = "true"


@family(3, "stalemateValue stalematePieceCount")
def stalemate(d: Draft) -> None:
    d.keys["stalemateValue"] = d.rng.choice(["win", "loss"])
    if d.chance(0.3):
        d.keys["stalematePieceCount"] = "true"


@family(1.5, "checkmateValue", royal="king")
def checkmate(d: Draft) -> None:
    d.keys["checkmateValue"] = d.rng.choice(["win", "draw"])


@family(1, "shatarMateRule", needs="knight rook bers", royal="king")
def shatar(d: Draft) -> None:
    d.keys["shatarMateRule"] = "true"


@family(0.8, "bikjangRule", royal="king")
def bikjang(d: Draft) -> None:
    d.keys["bikjangRule"] = "true"
    d.sparse = True
    if d.chance(0.6):
        d.keys["pass"] = "true"


@family(3, "extinctionValue extinctionPieceTypes extinctionPieceCount extinctionOpponentPieceCount extinctionClaim")
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


@family(4, "extinctionPseudoRoyal dupleCheck extinctionPieceCount", conflicts="immunity")
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


@family(4, "flagPiece flagPieceWhite flagPieceBlack flagRegion flagRegionWhite flagRegionBlack flagPieceCount "
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


@family(2.5, "checkCounting", royal="king", conflicts="checking")
def check_counting(d: Draft) -> None:
    d.keys["checkCounting"] = "true"
    d.checks = d.rng.choice([1, 2, 3, 3, 5, 7])


@family(2, "materialCounting")
def material_counting(d: Draft) -> None:
    d.keys["materialCounting"] = d.rng.choice(["janggi", "unweighted", "whitedrawodds", "blackdrawodds"])
    if d.chance(0.5) and "nMoveRule" not in d.keys:
        d.keys["nMoveRule"] = str(d.rng.randint(2, 8))
    elif d.chance(0.5) and not any(key.startswith("pass") for key in d.keys):
        d.keys["pass"] = "true"


@family(1, "adjudicateFullBoard")
def full_board(d: Draft) -> None:
    """It takes drops or walls to fill a board, and a small one."""
    if {"pieceDrops", "wallingRule"} & set(d.keys):
        d.keys["adjudicateFullBoard"] = "true"


@family(1.5, "countingRule", royal="king")
def counting(d: Draft) -> None:
    d.keys["countingRule"] = d.rng.choice(["makruk", "asean"])
    d.sparse = d.sparse or d.chance(0.7)


@family(3, "blastOnCapture blastImmuneTypes petrifyBlastPieces", royal="no king")
def blast(d: Draft) -> None:
    d.keys["blastOnCapture"] = "true"
    d.keys.pop("flagPieceSafe", None)
    if "extinctionPseudoRoyal" not in d.keys and d.chance(0.4):
        types = d.some(1, 2)
        if types:
            d.keys["blastImmuneTypes"] = d.letters(types)
    if d.chance(0.2):
        d.keys["petrifyBlastPieces"] = "true"


@family(1.5, "mutuallyImmuneTypes", royal="no king", conflicts="pseudo_royal")
def immunity(d: Draft) -> None:
    d.keys["mutuallyImmuneTypes"] = d.letters(d.some(1, 3))


@family(2, "petrifyOnCaptureTypes")
def petrify(d: Draft) -> None:
    d.keys["petrifyOnCaptureTypes"] = d.letters(d.some(1, 4))


@family(1, "immobilityIllegal")
def immobility(d: Draft) -> None:
    if {"shogiPawn", "lance", "shogiKnight", "pawn", "breakthrough"} & set(d.pieces):
        d.keys["immobilityIllegal"] = "true"


@family(1, "sittuyinPromotion", needs="pawn", conflicts="gating walling duck", least=(4, 4))
def sittuyin_promotion(d: Draft) -> None:
    d.keys["sittuyinPromotion"] = "true"
    d.keys.setdefault("promotionPieceTypes", d.letters(promotion_types(d, 2)))
    for color in ("White", "Black"):
        squares = {f"{chr(ord('a') + f)}{d.rank(color, d.ranks - min(f, d.files - 1 - f, d.ranks // 2))}" for f in range(d.files)}
        d.keys[f"promotionRegion{color}"] = " ".join(sorted(squares))
    if d.chance(0.5):
        d.keys["promotionLimit"] = f"{d.rng.choice(d.keys['promotionPieceTypes'])}:1"


@family(1, "startFen", least=(4, 5))
def holes(d: Draft) -> None:
    """Walls that stand from the start."""
    d.holes = d.rng.randint(1, 4)


# The order of writing: what others look at comes first.
ORDER = ["castling", "walling", "duck", "shogi_promotion", "promotion_pawn_types", "promotion", "extinction",
         "pseudo_royal", "n_fold", "n_move", "mobility"]  # fmt: skip
# Keys that mobilityRegion<Color><Piece> stands for.
MOBILITY = re.compile(r"mobilityRegion(White|Black)[A-Z]\w*$")


def families_of(focus: str) -> list[str]:
    """The families that a focus means: its own name, or those that have the key."""
    if focus in FAMILIES:
        return [focus]
    if MOBILITY.match(focus):
        return ["mobility"]
    found = [name for name, f in FAMILIES.items() if focus in f.keys]
    if not found:
        raise SystemExit(f"--focus {focus}: neither a family nor a key of one; see --focus '?'")
    return found


def choose_families(rng: random.Random, focus: str | None) -> list[str]:
    """Families that can live together, the focused one among them."""
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


def choose_pieces(d: Draft) -> None:
    rng = d.rng
    wanted: list[str] = [] if d.royal is None else [d.royal]
    for name in sorted(d.families):
        wanted += FAMILIES[name].needs
    if rng.random() < 0.65:
        wanted.append("pawn")
    elif rng.random() < 0.7:
        wanted.append(rng.choice(FOOT))
    count = max(rng.choice([3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 10]), len(set(wanted)))
    if rng.random() < 0.35:
        wanted += CLASSIC
    custom = rng.choice([0.0, 0.2, 0.5, 0.9])
    slots = rng.sample(range(1, 26), 8) if rng.random() < 0.3 else list(range(1, 9))
    while len(set(wanted)) < count:
        if rng.random() < custom and slots:
            wanted.append(f"customPiece{slots.pop(0)}")
        else:
            piece = rng.choice(NAMED)
            if piece not in RARE or rng.random() < 0.4:
                wanted.append(piece)
    free = list("abcdefghijlmnopqrstuvwxyz") + ["k"]
    used: set[str] = set()
    for piece in dict.fromkeys(wanted):
        if not named_fits(piece, d):
            continue
        usual = LETTERS.get(piece, "k" if piece == d.royal else piece[0])
        letter = usual if usual not in used and rng.random() < 0.9 else rng.choice([c for c in free if c not in used])
        used.add(letter)
        d.pieces[piece] = letter
        if piece.startswith("custom"):
            d.betza[piece] = random_betza(rng, d.files, d.ranks, initial=rng.random() < 0.12 and d.ranks > 4)
    if d.royal == "king" and rng.random() < 0.14:
        fitting = [b for b in KING_BETZA if all(fits(c, d.files, d.ranks) for c in b if c.isupper())]
        d.betza["king"] = rng.choice(fitting)


def named_fits(piece: str, d: Draft) -> bool:
    """Whether a named piece can move on the board at all."""
    least = {"alfil": 3, "elephant": 3, "knight": 3, "horse": 3, "shogiKnight": 3, "janggiElephant": 4, "janggiCannon": 3}
    return min(d.files, d.ranks) >= least.get(piece, 2)


def random_size(rng: random.Random, least: tuple[int, int]) -> tuple[int, int]:
    files = rng.choice([3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 10, 11, 12])
    ranks = rng.choice([3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 10])
    return max(files, least[0]), max(ranks, least[1])


# ---------------------------------------------------------------- start positions


def fill_side(d: Draft, color: str) -> dict[tuple[int, int], str]:
    """Pieces of a side by file and rank, both from 0 and seen by that side."""
    rng = d.rng
    men: dict[tuple[int, int], str] = {}
    rows = 1 if d.ranks <= 4 else rng.choice([1, 2, 2, 2, 2, 3] if d.ranks > 6 else [1, 2, 2])
    density = 0.35 if d.sparse else rng.choice([0.6, 0.8, 0.9, 1.0, 1.0])
    foot = [piece for piece in d.types() if piece in FOOT] or d.types(("king", "commoner", *RARE)) or d.types()
    officers = d.types(("king", d.royal or "", *RARE, *foot)) or foot
    if d.royal != "commoner" and "commoner" in d.pieces:
        officers.append("commoner")
    front = rng.choice(foot)
    for row in range(rows):
        for file in range(d.files):
            if rng.random() < density:
                if row == rows - 1 and rows > 1:
                    men[file, row] = front if rng.random() < 0.85 else rng.choice(foot)
                else:
                    men[file, row] = rng.choice(officers)
    if rows == 1 and d.ranks >= 4 and rng.random() < 0.3:
        for file in rng.sample(range(d.files), rng.randint(1, d.files)):
            men[file, 1] = front
    for piece in RARE:
        if piece in d.pieces and piece not in (d.royal,):
            men[rng.randrange(d.files), rng.randrange(rows)] = piece
    fixed: set[tuple[int, int]] = set()
    if d.castling:
        row = d.castling["rank"] - 1
        own = "KQ" if color == "White" else "kq"
        for file in range(d.files):
            if (men.get((file, row)) == d.castling["rook"]) or (men.get((file, row)) == d.castling["king"]):
                men.pop((file, row))
        if set(own) & set(d.castling["rights"]) or rng.random() < 0.5:
            for file in range(d.files):
                if min(d.castling["left"], d.castling["file"]) < file < max(d.castling["right"], d.castling["file"]):
                    if rng.random() < 0.35:
                        men.pop((file, row), None)
            for file, piece in (("left", "rook"), ("right", "rook"), ("file", "king")):
                men[d.castling[file], row] = d.castling[piece]
                fixed.add((d.castling[file], row))
    if d.royal and not d.king_in_hand and not any(men.get(square) == d.royal for square in fixed):
        for square in [s for s, piece in men.items() if piece == d.royal]:
            del men[square]
        choices = [(file, 0) for file in range(d.files) if (file, 0) not in fixed] or [(0, 1)]
        square = rng.choice(choices)
        men[square] = d.royal
        fixed.add(square)
    for piece in d.placed:
        if piece not in ("king",) and (piece != d.royal or "dupleCheck" in d.keys or "extinctionPieceCount" in d.keys):
            many = 2 if "extinctionPieceCount" in d.keys or "dupleCheck" in d.keys else 1
            for _ in range(many):
                choices = [(f, r) for f in range(d.files) for r in range(max(1, rows)) if (f, r) not in fixed]
                if choices:
                    square = rng.choice([c for c in choices if c[1] == 0] or choices)
                    men[square] = piece
                    fixed.add(square)
    if d.cramped:
        for square in rng.sample(sorted(men), len(men)):
            if len(men) > CRAMPED and square not in fixed:
                del men[square]
    if "pawn" in d.pieces:
        # A pawn on its last rank never moves.
        for square in [s for s, piece in men.items() if piece == "pawn" and s[1] == 0 and s not in fixed and rng.random() < 0.8]:
            del men[square]
    return men


def start_fen(d: Draft) -> str:
    rng = d.rng
    white = fill_side(d, "White")
    kind = rng.random()
    black_castling = d.castling and not {"k", "q"} & set(d.castling["rights"])
    if kind < 0.12 and not black_castling:
        black = fill_side(d, "Black")
    else:
        black = dict(white)
    turned = 0.5 < kind < 0.65 and not d.castling
    grid: dict[tuple[int, int], str] = {}
    for (file, row), piece in white.items():
        grid[file, row] = d.pieces[piece].upper()
    for (file, row), piece in black.items():
        square = (d.files - 1 - file if turned else file, d.ranks - 1 - row)
        grid.setdefault(square, d.pieces[piece])
    empty = [(f, r) for f in range(d.files) for r in range(d.ranks) if (f, r) not in grid]
    for square in rng.sample(empty, min(len(empty), d.holes)):
        grid[square] = "*"
    rows = []
    for rank in reversed(range(d.ranks)):
        row, gap = "", 0
        for file in range(d.files):
            if (file, rank) in grid:
                row += (str(gap) if gap else "") + grid[file, rank]
                gap = 0
            else:
                gap += 1
        rows.append(row + (str(gap) if gap else ""))
    placement = "/".join(rows)
    if "pieceDrops" in d.keys or "seirawanGating" in d.keys:
        held = d.letters(d.hand)
        placement += f"[{held.upper()}{held if rng.random() < 0.93 else ''}]"
    rights = ""
    if d.castling:
        rights = d.castling["rights"]
        if "chess960" in d.keys and rng.random() < 0.7:
            right, left = (chr(ord("a") + d.castling[side]) for side in ("right", "left"))
            rights = rights.translate(str.maketrans("KQkq", right.upper() + left.upper() + right + left))
    if d.gates:
        row = d.castling["rank"] - 1 if d.castling else 0
        for color, own, rank in ((0, "KQ", row), (1, "kq", d.ranks - 1 - row)):
            letters = ""
            for file in range(d.files):
                letter = grid.get((file, rank), "*")
                if letter == "*" or letter.isupper() == bool(color):
                    continue
                piece = next(p for p, known in d.pieces.items() if known == letter.lower())
                if d.gates == "cambodian" and piece not in ("king", "fers"):
                    continue
                if d.castling and set(own) & set(rights) and file in (d.castling["file"], d.castling["left"], d.castling["right"]):
                    continue
                letters += chr(ord("A") + file)
            rights += letters.lower() if color else letters
    checks = f" {d.checks}+{d.checks}" if d.checks else ""
    return f"{placement} {'w' if rng.random() < 0.95 else 'b'} {rights or '-'} -{checks} 0 1"


# ---------------------------------------------------------------- rule files


def draft(rng: random.Random, name: str, focus: str | None) -> str:
    families = choose_families(rng, focus)
    least = tuple(max([3, *(FAMILIES[f].least[axis] for f in families)]) for axis in (0, 1))
    files, ranks = random_size(rng, (least[0], least[1]))
    d = Draft(rng, files, ranks, families=set(families))
    royals = {FAMILIES[f].royal for f in families} - {None}
    if "king" in royals:
        d.royal = "king"
    elif "no king" in royals:
        d.royal = rng.choice(["commoner", "commoner", "commoner", None])
    elif "pseudo_royal" in families:
        d.royal = rng.choice(["commoner", "commoner", "commoner", "king", None])
    else:
        d.royal = rng.choices(["king", "commoner", None], [75, 17, 8])[0]
    if {"walling", "duck"} & set(families):
        d.files, d.ranks = min(d.files, 8), min(d.ranks, 8)
    if "full_board" in families:
        d.files, d.ranks = max(least[0], min(d.files, 5)), max(least[1], min(d.ranks, 6))
    choose_pieces(d)
    if any(piece not in d.pieces for f in families for piece in FAMILIES[f].needs):
        return ""
    if d.royal == "commoner":
        d.keys["extinctionValue"] = "loss"
        d.keys["extinctionPieceTypes"] = d.pieces["commoner"]
    elif d.royal is None and not {"stalemate", "flag", "extinction", "pseudo_royal"} & set(families):
        extinction(d) if rng.random() < 0.7 else stalemate(d)
    base_promotion(d)
    for f in families:
        FAMILIES[f].write(d)
    tidy(d)
    if d.castling is None and "castlingDroppedPiece" not in d.keys and (d.gates or rng.random() < 0.6):
        d.keys["castling"] = "false"
    fen = start_fen(d)
    lines = [f"[{name}]"]
    if d.ranks != 8 or rng.random() < 0.3:
        lines.append(f"maxRank = {d.ranks}")
    if d.files != 8 or rng.random() < 0.3:
        lines.append(f"maxFile = {d.files if rng.random() < 0.7 else chr(ord('a') + d.files - 1)}")
    for piece, letter in d.pieces.items():
        lines.append(f"{piece} = {letter}" + (f":{d.betza[piece]}" if piece in d.betza else ""))
    lines.append(f"startFen = {fen}")
    lines += [f"{key} = {value}" for key, value in d.keys.items()]
    return "\n".join(lines) + "\n"


def tidy(d: Draft) -> None:
    """Removes what other keys contradict or leave without effect."""
    keys = d.keys
    royal_like = "king" in d.pieces or "extinctionPseudoRoyal" in keys

    def drop(*names: str) -> None:
        for name in names:
            keys.pop(name, None)

    if royal_like:
        drop("blastImmuneTypes", "mutuallyImmuneTypes")
    if "blastOnCapture" in keys:
        drop("flagPieceSafe")
    else:
        drop("blastImmuneTypes", "petrifyBlastPieces")
    if keys.get("checking") == "false":
        drop("checkCounting", "dropChecks", "perpetualCheckIllegal", "shatarMateRule", "shogiPawnDropMateIllegal")
        d.checks = 0
    if keys.get("doubleStep") == "false":
        drop("doubleStepRegionWhite", "doubleStepRegionBlack")
        if "tripleStepRegionWhite" not in keys and "tripleStepRegionBlack" not in keys:
            drop(*[key for key in keys if key.startswith("enPassant")])
    if keys.get("nMoveRule") == "0":
        drop(*[key for key in keys if key.startswith("nMoveRuleTypes")])
    if keys.get("nFoldRule") == "0":
        drop("nFoldValue", "nFoldValueAbsolute", "perpetualCheckIllegal", "chasingRule", "moveRepetitionIllegal")
    if "pieceDrops" not in keys and "seirawanGating" not in keys:
        drop("capturesToHand", "dropRegionWhite", "dropRegionBlack")
    if "capturesToHand" not in keys:
        drop("dropLoop")
    if "mustDrop" in keys:
        # pyffish asks each of the two rules about the other, without end.
        drop("mustCapture")
    if "promotionLimit" in keys:
        goals = "".join(keys.get(key, "") for key in ("promotionPieceTypes", "promotionPieceTypesWhite", "promotionPieceTypesBlack"))
        goals += "".join(pair[-1] for pair in keys.get("promotedPieceType", "").split())
        kept = [pair for pair in keys["promotionLimit"].split() if pair[0] in goals]
        keys["promotionLimit"] = " ".join(kept)
        if not kept:
            drop("promotionLimit")
    if "extinctionValue" not in keys:
        drop("extinctionPieceTypes", "extinctionPieceCount", "extinctionOpponentPieceCount", "extinctionClaim")
    for key in [key for key, value in keys.items() if value == ""]:
        drop(key)


def random_rules(rng: random.Random, name: str, focus: str | None = None) -> str:
    """A random rule file of one section; whether its start position is playable only pyffish can tell (`playable`)."""
    exact = focus if focus and focus not in FAMILIES else None
    for _ in range(5000):
        text = draft(rng, name, focus)
        if text and not (exact and exact not in keys_of(text)):
            if focus in FAMILIES and FAMILIES[focus].keys != ("startFen",):
                present = ["mobilityRegion" if MOBILITY.match(key) else key for key in keys_of(text)]
                if not set(FAMILIES[focus].keys) & set(present):
                    continue
            return text
    raise SystemExit(f"no draft has {focus}")


def keys_of(text: str) -> list[str]:
    return re.findall(r"^(\w+) *=", text, re.MULTILINE)


def playable(variant: str, rng: random.Random) -> bool:
    """Whether pyffish finds the start position valid, quiet and open for both sides, and survives a few moves."""
    start = pyffish.start_fen(variant)
    if pyffish.validate_fen(start, variant) != pyffish.FEN_OK:
        return False
    fields = start.split()
    for side in ("w", "b"):
        fen = " ".join([fields[0], side, *fields[2:]])
        if pyffish.is_immediate_game_end(variant, fen, [])[0] or pyffish.gives_check(variant, fen, []):
            return False
        if not pyffish.legal_moves(variant, fen, []):
            return False
    for _ in range(2):
        moves: list[str] = []
        for _ in range(8):
            legal = pyffish.legal_moves(variant, start, moves)
            if not legal:
                break
            moves.append(rng.choice(sorted(legal)))
        if len(moves) < 2:
            return False
    return True


def valid_rules(rng: random.Random, name: str, focus: str | None, only: re.Pattern[str] | None) -> str:
    """A rule file that pyffish can play, known to it under `name`. May crash or hang with pyffish."""
    for attempt in range(ATTEMPTS):
        for _ in range(20000):
            text = random_rules(rng, name, focus)
            if only is None or all(only.fullmatch(key) for key in keys_of(text)):
                break
        else:
            raise SystemExit("no draft keeps to --only")
        trial = f"{name}-{attempt}"
        pyffish.load_variant_config(text.replace(f"[{name}]", f"[{trial}]", 1))
        if trial in pyffish.variants() and playable(trial, rng):
            oracle.load_rules(text)
            return text
    raise SystemExit(f"no playable file in {ATTEMPTS} attempts")


# ---------------------------------------------------------------- games

MOVE = re.compile(r"(?:\+?[A-Za-z]@|([a-l]\d{1,2}))([a-l]\d{1,2})")


def endpoints(move: str) -> tuple[str | None, str]:
    """Origin, unless the move is a drop, and target."""
    match = MOVE.match(move)
    assert match, move
    return match[1], match[2]


def choose(rng: random.Random, style: str, fen: str, legal: list[str], own_last: str | None) -> str:
    """A move for a side that prefers moves of one kind."""
    if rng.random() < ZEAL and style != "random":
        preferred: list[str] = []
        if style == "capture":
            occupied = board(fen)
            white = fen.split()[1] == "w"
            preferred = [m for m in legal if (piece := occupied.get(endpoints(m)[1])) and piece.isupper() != white]
        elif style == "shuffle" and own_last:
            origin, target = endpoints(own_last)
            preferred = [m for m in legal if m.split(",")[0] == f"{target}{origin}"]
        elif style == "special":
            # Promotions, drops, gating, castling in Chess960 notation: all that is not origin and target.
            preferred = [m for m in legal if not re.fullmatch(r"[a-l]\d{1,2}[a-l]\d{1,2}", m.split(",")[0])]
        elif style == "push":
            forward = 1 if fen.split()[1] == "w" else -1
            stride = {m: forward * (int(b[1:]) - int(a[1:])) for m in legal for a, b in [endpoints(m)] if a}
            preferred = [m for m in stride if stride[m] == max(stride.values())]
        if preferred:
            return rng.choice(preferred)
    return rng.choice(legal)


def close_to_limit(rng: random.Random, fen: str, n_move_rule: int) -> str:
    """The same position with few moves left until the n-move rule."""
    fields = fen.split()
    fields[-2] = str(max(0, 2 * n_move_rule - rng.randrange(12)))
    return " ".join(fields)


class Pyffish:
    """pyffish in the place of the program under test, asked about the FEN alone."""

    def __enter__(self) -> Pyffish:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, variant: str, fen: str, moves: Sequence[str] = ()) -> Verdict:
        reached = oracle.fen_after(variant, fen, moves)
        legal = oracle.legal_moves(variant, reached)
        if pyffish.is_immediate_game_end(variant, fen, list(moves))[0]:
            legal = []
        ending = oracle.ended(variant, fen, moves, reached, legal)
        return Verdict(reached, legal, pyffish.gives_check(variant, reached, []), ending[0] if ending else None)


@dataclass
class Match:
    """One rule file under comparison."""

    variant: str
    rules: str
    rng: random.Random
    engine: Interregnum | Pyffish
    phase: Any  # shared with the parent: 1 while the program under test is asked
    deadline: float
    seen: Counter[str] = field(default_factory=Counter)

    def ask(self, start: str, moves: Sequence[str]) -> Verdict:
        self.phase.value = isinstance(self.engine, Interregnum)
        answer = self.engine.ask(self.variant, start, moves)
        self.phase.value = 0
        return answer

    def n_move_rule(self) -> int:
        found = re.search(r"^nMoveRule = (\d+)", self.rules, re.MULTILINE)
        return int(found[1]) if found else 50

    def game(self, start: str, budget: int) -> list[str]:
        """Plays and compares one game of at most `budget` positions; gives the FENs of the positions passed."""
        rng = self.rng
        styles = [rng.choice(["random", "capture", "capture", "push", "shuffle", "special"]) for _ in range(2)]
        if rng.random() < 0.15:
            styles = ["shuffle", "shuffle"]
        always_ask = re.search(r"^(countingRule|sittuyinPromotion|moveRepetitionIllegal) ", self.rules, re.MULTILINE) is not None
        limit = 2 * self.n_move_rule()
        moves: list[str] = []
        fens: list[str] = []
        placements: Counter[str] = Counter()
        for ply in range(min(budget, 40 if "wallingRule" in self.rules else MAX_PLIES)):
            ours = self.ask(start, moves)
            fen = oracle.fen_after(self.variant, start, moves)
            playable = legal = sorted(pyffish.legal_moves(self.variant, start, moves))
            if legal != ours.legal:
                legal = oracle.settled(self.engine, self.variant, start, moves, ours.legal, legal)
                self.seen["positions with walls of their own"] += legal != playable
            fields = fen.split()
            placement = " ".join(fields[:4])
            placements[placement] += 1
            ask_draws = (
                ours.outcome is not None
                or always_ask
                or placements[placement] > 1
                or int(fields[-2]) >= limit - 1 > 0
                or rng.random() < 0.15
            )
            ending = oracle.ended(self.variant, start, moves, fen, legal, ask_draws)
            theirs = Verdict(fen, legal, pyffish.gives_check(self.variant, start, moves), ending[0] if ending else None)
            if ours != theirs and ours == self.plain(start, moves, fen):
                self.seen["ambiguous"] += 1
                break
            if ours.outcome and not theirs.outcome and oracle.times_seen(self.variant, start, moves) > placements[placement]:
                self.seen["repetitions after idle rights"] += 1
                break
            compare(self.variant, start, moves, ours, theirs)
            self.seen["positions"] += 1
            self.seen["checks"] += theirs.check
            fens.append(fen)
            if ending:
                self.seen[ending[1]] += 1
                break
            if time.monotonic() > self.deadline:
                break
            # pyffish plays its own moves only.
            playable = [move for move in playable if move in legal]
            if not playable:
                break
            moves.append(choose(rng, styles[ply % 2], fen, playable, moves[-2] if len(moves) > 1 else None))
        self.seen["games"] += 1
        return fens[:-1] if len(fens) > 1 else fens

    def plain(self, start: str, moves: Sequence[str], fen: str) -> Verdict | None:
        """What pyffish says about the position without the moves before, unless those ended the game."""
        if pyffish.is_immediate_game_end(self.variant, start, list(moves))[0]:
            return None
        legal = oracle.legal_moves(self.variant, fen)
        if legal:
            ending = oracle.ended(self.variant, start, moves, fen, legal)
        else:
            ending = oracle.ended(self.variant, fen, [], fen, legal)
        return Verdict(fen, legal, pyffish.gives_check(self.variant, fen, []), ending[0] if ending else None)

    def usable(self, fen: str) -> bool:
        """Whether a game may start from a position, i.e. its FEN says all and is valid."""
        return (
            pyffish.validate_fen(fen, self.variant) == pyffish.FEN_OK
            and oracle.fen_after(self.variant, fen, []) == fen
            and bool(pyffish.legal_moves(self.variant, fen, []))
        )

    def play(self, positions: int) -> None:
        first = pyffish.start_fen(self.variant)
        kept: list[str] = []
        limit = self.n_move_rule()
        while self.seen["positions"] < positions and time.monotonic() < self.deadline and self.seen["games"] < positions:
            start = self.rng.choice(kept) if kept and self.rng.random() < 0.5 else first
            if start != first and limit and self.rng.random() < 0.3:
                start = close_to_limit(self.rng, start, limit)
            fens = self.game(start, positions - self.seen["positions"])
            kept = (kept + [fen for fen in self.rng.sample(fens, min(3, len(fens))) if self.usable(fen)])[-KEPT_FENS:]


# ---------------------------------------------------------------- one file in a process of its own


def examine(index: int, args: argparse.Namespace, pipe: multiprocessing.connection.Connection, phase: Any) -> None:
    """Generates and compares file number `index`; what happens is sent through the pipe."""
    os.setpgid(0, 0)
    with tempfile.TemporaryDirectory(prefix="fuzz_rules") as folder:
        messages = Path(folder) / "stderr"
        # Both programs complain on stderr.
        os.dup2(os.open(messages, os.O_WRONLY | os.O_CREAT), 2)
        rng = random.Random(f"{args.seed}/{args.focus}/{args.only and args.only.pattern}/{index}")
        name = f"fuzz{index}"
        try:
            text = valid_rules(rng, name, args.focus, args.only)
        except SystemExit as error:
            pipe.send({"result": "not generated", "message": str(error)})
            return
        pipe.send({"rules": text})
        if args.stats:
            pipe.send({"result": "generated"})
            return
        path = Path(folder) / "rules.ini"
        path.write_text(text)
        os.truncate(messages, 0)
        result: dict[str, Any] = {"result": "agreed"}
        match: Match | None = None
        try:
            with Pyffish() if args.pyffish_only else Interregnum(args.binary, path) as engine:
                match = Match(name, text, rng, engine, phase, time.monotonic() + TIME_TO_STOP)
                match.play(args.positions)
        except Difference as difference:
            result = {"result": "differs", "message": str(difference)}
        except (RuntimeError, BrokenPipeError, json.JSONDecodeError) as error:
            said = messages.read_text(errors="replace").strip()
            first = match is None or not match.seen["positions"]
            lines = [line for line in said.splitlines() if line.startswith("interregnum: ") and "warning: " not in line]
            message = lines[-1] if lines else re.sub(r"^.*refused \{.*\}: ", "", str(error))
            message = message.replace(str(path), "rules.ini")
            if first and "panicked" not in said:
                result = {"result": "refused", "message": message}
            else:
                result = {"result": "differs", "message": f"{error}\n{said}".strip()}
        except Exception:  # pyffish raises ValueError and SystemError for what it cannot do
            result = {"result": "failed", "message": traceback.format_exc()}
        if match:
            result["seen"] = dict(match.seen)
        pipe.send(result)


@dataclass
class Running:
    """A file being examined."""

    index: int
    process: Any
    phase: Any
    began: float
    rules: str = ""
    result: dict[str, Any] | None = None


def kind_of(message: str) -> str:
    """A refusal without what differs from file to file."""
    message = re.sub(r"variant `fuzz\d+` was refused: |rules\.ini(:\d+)?: |\[?fuzz\d+\]?:? ", "", message)
    message = re.sub(r"\b\d+\b", "N", message)
    message = re.sub(r"(mobilityRegion)\w+", r"\1...", message)
    return re.sub(r"`[^`]*`", "`...`", message).splitlines()[0][:200]


def start(context: Any, index: int, args: argparse.Namespace) -> tuple[Any, Running]:
    receiver, sender = context.Pipe(duplex=False)
    phase = context.RawValue("i", 0)
    process = context.Process(target=examine, args=(index, args, sender, phase), daemon=True)
    process.start()
    sender.close()
    return receiver, Running(index, process, phase, time.monotonic())


def stop(running: Running) -> None:
    """Kills the process of a file and the program it started."""
    try:
        os.killpg(running.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        running.process.kill()
    running.process.join()


def run(args: argparse.Namespace, todo: list[int], finished: Callable[[Running], None]) -> None:
    context = multiprocessing.get_context("fork")
    queue = list(reversed(todo))
    active: dict[Any, Running] = {}
    try:
        while queue or active:
            while queue and len(active) < args.jobs:
                receiver, running = start(context, queue.pop(), args)
                active[receiver] = running
            for receiver in multiprocessing.connection.wait(list(active), timeout=1.0):
                running = active[receiver]
                try:
                    news = receiver.recv()  # type: ignore[union-attr]
                except EOFError:
                    del active[receiver]
                    running.process.join(5.0)
                    if running.result is None:
                        code = running.process.exitcode
                        whose = "the program under test" if running.phase.value else "pyffish"
                        running.result = {"result": "crashed", "message": f"the process ended with {code} while {whose} was asked"}
                    stop(running)
                    finished(running)
                    continue
                if "rules" in news:
                    running.rules = news["rules"]
                else:
                    running.result = news
            for receiver, running in list(active.items()):
                if time.monotonic() - running.began > TIMEOUT:
                    stop(running)
                    del active[receiver]
                    if running.phase.value:
                        running.result = {"result": "differs", "message": "the program under test hung"}
                    else:
                        running.result = {"result": "hung", "message": "pyffish hung"}
                    finished(running)
    finally:
        for running in active.values():
            stop(running)


# ---------------------------------------------------------------- the command


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=oracle.DEFAULT_BINARY, help="the program under test")
    parser.add_argument("--files", type=int, default=1000, help="rule files [default: %(default)s]")
    parser.add_argument("--positions", type=int, default=100, help="positions per file [default: %(default)s]")
    parser.add_argument("--seed", default="1", help="[default: %(default)s]")
    parser.add_argument("--jobs", type=int, default=1, help="processes [default: %(default)s]")
    parser.add_argument("--state", type=Path, metavar="FILE.jsonl", help="one line per finished file, which is not done again")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where failing files go, each with its first difference")
    parser.add_argument("--focus", help="a family of keys or a key that every file has; ? lists them")
    parser.add_argument("--only", type=re.compile, metavar="REGEX", help="what every key of a file must match")
    parser.add_argument("--allow-refusal", type=re.compile, metavar="REGEX", help="messages of refusals that are no failures")
    parser.add_argument("--pyffish-only", action="store_true", help="compare pyffish with itself: finds its crashes")
    parser.add_argument("--stats", action="store_true", help="generate only, and count the keys")
    parser.add_argument("--show", type=int, metavar="INDEX", help="print the rule file of an index")
    return parser.parse_args()


def read_state(args: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """What earlier runs of the same seed, focus and --only have finished."""
    if not args.state or not args.state.exists():
        return {}
    done: dict[int, dict[str, Any]] = {}
    for line in args.state.read_text().splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut off by a kill
        if entry["run"] != identity(args):
            raise SystemExit(f"{args.state} belongs to another run: {entry['run']}, not {identity(args)}")
        done[entry["index"]] = entry
    return done


def identity(args: argparse.Namespace) -> str:
    return f"seed {args.seed}, focus {args.focus}, only {args.only and args.only.pattern}"


def failing(entry: dict[str, Any], allowed: re.Pattern[str] | None) -> bool:
    if entry["result"] == "refused":
        return not (allowed and allowed.search(entry["message"]))
    return entry["result"] in ("differs", "failed")


def summary(entries: list[dict[str, Any]], args: argparse.Namespace, seconds: float) -> int:
    results = Counter(entry["result"] for entry in entries)
    seen: Counter[str] = Counter()
    for entry in entries:
        seen.update(entry.get("seen", {}))
    compared = results["agreed"] + results["differs"]
    print(f"files {len(entries)}: compared {compared}, agreed {results['agreed']}, differing {results['differs']}, "
          f"refused {results['refused']}, pyffish crashed {results['crashed']}, pyffish hung {results['hung']}, "
          f"other failures {results['failed']}, not generated {results['not generated']} ({seconds:.0f} s)")  # fmt: skip
    print(", ".join(f"{what} {count}" for what, count in sorted(seen.items())))
    refusals = [entry for entry in entries if entry["result"] == "refused"]
    for message, count in Counter(kind_of(entry["message"]) for entry in refusals).most_common():
        allowed = args.allow_refusal and any(
            args.allow_refusal.search(e["message"]) for e in refusals if kind_of(e["message"]) == message
        )
        print(f"  refused {count}: {message}{' (allowed)' if allowed else ''}")
    for entry in entries:
        if entry["result"] in ("differs", "failed", "hung", "crashed"):
            lines = entry["message"].splitlines()
            # A difference ends in how to repeat it.
            line = lines[-2] if lines[-1].startswith("repeat with") else lines[-1]
            print(f"  {entry['result']} {entry['index']}: {line[:160]}")
    failures = [entry for entry in entries if failing(entry, args.allow_refusal)]
    return 1 if failures or not entries else 0


def statistics(texts: list[str], seconds: float) -> None:
    """How many of the files use each key."""
    counts: Counter[str] = Counter()
    special: list[int] = []
    for text in texts:
        keys = [re.sub(r"^(mobilityRegion|customPiece)\w+", r"\1...", key) for key in keys_of(text)]
        counts.update(set(keys))
        special.append(len([key for key in keys if key not in NAMED and not key.startswith(("custom", "king", "max", "startFen"))]))
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{key:32} {count:5} {100 * count / len(texts):6.1f} %")
    special.sort()
    middle, most = special[len(special) // 2], special[-1]
    print(f"{len(texts)} files in {seconds:.0f} s; keys besides pieces, size and start: median {middle}, most {most}")


def main() -> int:
    args = arguments()
    if args.focus == "?":
        for f in FAMILIES.values():
            print(f"{f.name}: {' '.join(f.keys)}")
        return 0
    if args.focus:
        families_of(args.focus)
    began = time.monotonic()
    if args.show is not None:
        args.stats = True
        shown: list[Running] = []
        run(args, [args.show], shown.append)
        print(shown[0].rules or shown[0].result)
        return 0
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    done = read_state(args)
    texts: list[str] = []
    entries = dict(done)

    def finished(running: Running) -> None:
        assert running.result is not None
        seen = running.result.get("seen", {})
        entry = {"index": running.index, "positions": seen.get("positions", 0), **running.result, "run": identity(args),
                 "seconds": round(time.monotonic() - running.began, 1)}  # fmt: skip
        entries[running.index] = entry
        texts.extend([running.rules] if running.rules else [])
        if args.state:
            with args.state.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        if args.keep and running.rules and (failing(entry, args.allow_refusal) or entry["result"] in ("crashed", "hung")):
            (args.keep / f"{running.index}.ini").write_text(running.rules)
            (args.keep / f"{running.index}.txt").write_text(f"{entry['result']}\n{entry['message']}\n")
        if len(entries) % 50 == 0 and not args.stats:
            counted = Counter(e["result"] for e in entries.values())
            print(f"{len(entries)} files, {time.monotonic() - began:.0f} s: {dict(counted)}", file=sys.stderr, flush=True)

    run(args, [index for index in range(args.files) if index not in done], finished)
    seconds = time.monotonic() - began
    if args.stats:
        statistics(texts, seconds)
        print(dict(Counter(entry["result"] for entry in entries.values())))
        return 0
    return summary([entries[index] for index in sorted(entries)], args, seconds)


if __name__ == "__main__":
    sys.exit(main())
