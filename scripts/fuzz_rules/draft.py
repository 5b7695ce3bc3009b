"""A rule file in the making, and the random choices that every family of keys makes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fuzz_rules.pieces import RARE


@dataclass(frozen=True)
class Castling:
    """How the sides of a draft castle. Files count from 0; the rank counts from 1 and from the side's own edge of the board."""

    king: str  # the piece that castles as the king
    rook: str
    king_file: int
    left: int  # file of the rook on the queen's side
    right: int  # file of the rook on the king's side
    rank: int
    rights: str  # as in a FEN


@dataclass
class Draft:
    """A rule file in the making. Colours are `White` and `Black`, as in the names of keys; ranks count from 1."""

    rng: random.Random
    files: int
    ranks: int
    pieces: dict[str, str] = field(default_factory=dict)  # letters by piece type
    betza: dict[str, str] = field(default_factory=dict)  # moves by piece type, where the file gives them
    keys: dict[str, str] = field(default_factory=dict)  # values of all other keys
    placed: list[str] = field(default_factory=list)  # piece types that must stand on the board
    royal: str | None = None  # the piece type with one piece per side, `king` or `commoner`
    families: set[str] = field(default_factory=set)
    hand: list[str] = field(default_factory=list)  # pieces that each side starts with in hand
    castling: Castling | None = None
    gates: str | None = None  # which pieces the FEN lists as unmoved: `all`, or `cambodian` for the king and the fers
    sparse: bool = False  # few pieces, for rules that matter on an open board
    cramped: bool = False  # walls multiply the moves, so each side starts with few pieces
    king_in_hand: bool = False
    holes: int = 0  # walls on the start position
    checks: int = 0  # checks that win, 0 if they are not counted

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def types(self, but: Sequence[str] = ("king",)) -> list[str]:
        """All piece types without some."""
        return [piece for piece in self.pieces if piece not in but]

    def letters(self, types: Sequence[str]) -> str:
        return "".join(self.pieces[piece] for piece in types)

    def some(self, least: int, most: int, but: Sequence[str] = ("king",)) -> list[str]:
        """Between `least` and `most` piece types without those in `but`; fewer if there are not as many."""
        known = self.types(but)
        return self.rng.sample(known, min(len(known), self.rng.randint(least, most)))

    def on_board(self, but: Sequence[str] = ()) -> list[str]:
        """One piece type, which is noted as one that must stand on the board; empty if there is none but those in `but`."""
        known = [piece for piece in self.types(but) if piece not in RARE]
        if not known:
            return []
        piece = self.rng.choice(known)
        self.placed.append(piece)
        return [piece]

    def rank(self, color: str, rank: int) -> int:
        """The rank of the board that a colour counts as its own `rank`, from its edge of the board."""
        return rank if color == "White" else self.ranks + 1 - rank

    def square(self) -> str:
        """A random square."""
        return f"{chr(ord('a') + self.rng.randrange(self.files))}{self.rng.randint(1, self.ranks)}"

    def rank_region(self, color: str, first: int, last: int) -> str:
        """The ranks `first` to `last` as a colour counts them, in the notation of region keys."""
        return " ".join(f"*{self.rank(color, r)}" for r in range(first, last + 1))

    def any_region(self, color: str) -> str:
        """Random ranks, files or squares, in the notation of region keys."""
        kind = self.rng.random()
        if kind < 0.5:
            first = self.rng.randint(1, self.ranks)
            return self.rank_region(color, first, min(self.ranks, first + self.rng.randrange(4)))
        if kind < 0.7:
            files = self.rng.sample(range(self.files), self.rng.randint(1, max(1, self.files - 2)))
            return " ".join(f"{chr(ord('a') + f)}*" for f in sorted(files))
        return " ".join(sorted({self.square() for _ in range(self.rng.randint(1, 8))}))

    def palace(self, color: str) -> list[str]:
        """The nine squares of a block in the middle of a colour's first three ranks."""
        left = (self.files - 3) // 2
        return [f"{chr(ord('a') + left + f)}{self.rank(color, 1 + r)}" for f in range(3) for r in range(3)]

    def split(self, key: str, values: Callable[[str], str | None], shared: float = 0.6) -> None:
        """Writes a key that holds for both sides or, with its colour as a suffix, for one: `shared` is the probability of the former."""
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
