"""FENs and moves in UCI notation, read and written as text, on boards of up to 12 files and 10 ranks. Not a command."""

from __future__ import annotations

import re
from collections.abc import Mapping

# A piece type to drop or the square of origin, then the target. A promotion, a gated piece or a wall may follow.
MOVE = re.compile(r"(?:\+?[A-Za-z]@|([a-l]\d{1,2}))([a-l]\d{1,2})")


def squares_of(move: str) -> tuple[str, str]:
    """Origin and target of a move; the origin of a drop is empty."""
    match = MOVE.match(move)
    assert match, move
    return match[1] or "", match[2]


def board(fen: str) -> dict[str, str]:
    """The letters of the men, by the names of their squares."""
    return {square: char for square, char in placed_on(fen) if char != "*"}


def walls(fen: str) -> set[str]:
    """The names of the squares that are walls."""
    return {square for square, char in placed_on(fen) if char == "*"}


def placed_on(fen: str) -> list[tuple[str, str]]:
    """The squares that are not empty, each with its letter, or `*` for a wall."""
    squares: list[tuple[str, str]] = []
    rows = rows_of(fen)
    for index, row in enumerate(rows):
        file, skip = 0, 0
        for char in row:
            if char.isdigit():
                skip = skip * 10 + int(char)
            elif char.isalpha() or char == "*":
                file, skip = file + skip, 0
                squares.append((f"{chr(ord('a') + file)}{len(rows) - index}", char))
                file += 1
    return squares


def rows_of(fen: str) -> list[str]:
    """The ranks of a FEN as they are written, the last rank first, without the pieces in hand."""
    return fen.split()[0].split("[")[0].split("/")


def placement(men: Mapping[tuple[int, int], str], files: int, ranks: int) -> str:
    """The first field of a FEN, without pieces in hand. Squares are pairs of file and rank, both from 0."""
    rows = []
    for rank in reversed(range(ranks)):
        row, empty = "", 0
        for file in range(files):
            if (file, rank) in men:
                row += (str(empty) if empty else "") + men[file, rank]
                empty = 0
            else:
                empty += 1
        rows.append(row + (str(empty) if empty else ""))
    return "/".join(rows)
