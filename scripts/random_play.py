"""How the comparison scripts play at random: sides with a taste for one kind of move. Not a command.

Moves that are chosen evenly seldom repeat a position, promote or leave few men on the board. A side that prefers captures,
moves to and fro or moves towards the last rank gets there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from notation import board, squares_of

# How often a side plays a move of the kind that it prefers, if it has one.
PREFERENCE = 0.7


def preferred(style: str, fen: str, legal: Sequence[str], own_last: str | None) -> list[str]:
    """The legal moves of the kind that a style prefers: `capture`, `shuffle`, `special` or `push`; none for any other style.

    `own_last` is the move that the side to move played last.
    """
    if style == "capture":
        occupied = board(fen)
        white = fen.split()[1] == "w"
        return [move for move in legal if (man := occupied.get(squares_of(move)[1])) and man.isupper() != white]
    if style == "shuffle" and own_last:
        origin, target = squares_of(own_last)
        return [move for move in legal if move.split(",")[0] == target + origin]
    if style == "special":
        # All that is more than origin and target: promotions, drops, gating.
        return [move for move in legal if not re.fullmatch(r"[a-l]\d{1,2}[a-l]\d{1,2}", move.split(",")[0])]
    if style == "push":
        # Towards promotion, flags and contact: the moves that go forward by the most ranks. Drops do not count.
        forward = 1 if fen.split()[1] == "w" else -1
        advance = {
            move: forward * (int(target[1:]) - int(origin[1:])) for move in legal for origin, target in [squares_of(move)] if origin
        }
        furthest = max(advance.values(), default=0)
        return [move for move in advance if advance[move] == furthest]
    return []


def choose(rng: random.Random, style: str, fen: str, legal: Sequence[str], own_last: str | None) -> str:
    """A legal move, mostly of the kind that the style prefers; see `preferred`."""
    if rng.random() < PREFERENCE:
        moves = preferred(style, fen, legal, own_last)
        if moves:
            return rng.choice(moves)
    return rng.choice(legal)


def near_move_limit(rng: random.Random, fen: str, n_move_rule: int) -> str:
    """A FEN with fewer than twelve plies left until the n-move rule ends the game."""
    fields = fen.split()
    fields[-2] = str(max(0, 2 * n_move_rule - rng.randrange(12)))
    return " ".join(fields)
