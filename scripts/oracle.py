"""pyffish (Fairy-Stockfish as a library) as the referee of the comparison scripts, and what is argued where it errs. Not a command."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyffish

from notation import board, squares_of, walls
from program import Verdict


class Engine(Protocol):
    """A program that can be asked about positions."""

    def ask(self, variant: str, fen: str, moves: Sequence[str] = ()) -> Verdict: ...


@dataclass(frozen=True)
class Ending:
    """How a game ended, in pyffish's judgement."""

    outcome: str  # `1-0`, `0-1` or `1/2-1/2`
    kind: str  # `variant end`, `mate`, `stalemate` or `n-move or n-fold`


class Difference(Exception):
    """The two programs disagree; the text says where, and how to ask the program under test again."""


def load_rules(text: str) -> None:
    """Makes the variants of a rule file known to pyffish; ends the script if pyffish does not accept one.

    pyffish itself reports what it does not understand on standard error only.
    """
    pyffish.load_variant_config(text)
    for name in section_names(text):
        if name not in pyffish.variants():
            raise SystemExit(f"pyffish does not accept the variant `{name}`")


def section_names(text: str) -> list[str]:
    """The variants that a rule file defines."""
    return re.findall(r"^\[([^\]:]+)", text, re.MULTILINE)


def fen_after(variant: str, fen: str, moves: Sequence[str]) -> str:
    """The FEN after `moves`. Where gates are left and no man to put in, pyffish leaves the castling field empty; here it is `-`."""
    return pyffish.get_fen(variant, fen, list(moves)).replace("  ", " - ")


def play(variant: str, fen: str, move: str) -> str:
    """The FEN after one move."""
    return fen_after(variant, fen, [move])


def legal_moves(variant: str, fen: str) -> list[str]:
    """Sorted moves in UCI notation; none if the game has ended by the variant's own rules."""
    return sorted(pyffish.legal_moves(variant, fen, []))


def ended(
    variant: str, start: str, moves: Sequence[str], fen: str, legal: Sequence[str], ask_draws: bool = True
) -> Ending | None:
    """How the game after `moves` from `start` ended, if it did; `fen` and `legal` describe the position reached.

    `ask_draws` false skips the n-move and n-fold rules, for a caller that knows that they cannot apply.
    """
    history = list(moves)
    if not legal:
        kind = "variant end"
        over, value = pyffish.is_immediate_game_end(variant, start, history)
        if not over:
            kind = "mate" if pyffish.gives_check(variant, fen, []) else "stalemate"
            value = pyffish.game_result(variant, start, history)
    elif ask_draws:
        kind = "n-move or n-fold"
        over, value = pyffish.is_optional_game_end(variant, start, history)
        if not over:
            return None
    else:
        return None
    if value == 0:
        return Ending("1/2-1/2", kind)
    # Values are for the side to move.
    return Ending("1-0" if (value > 0) == (fen.split()[1] == "w") else "0-1", kind)


def compare(variant: str, start: str, moves: Sequence[str], ours: Verdict, theirs: Verdict) -> None:
    """Raises `Difference` unless the program under test (`ours`) and pyffish (`theirs`) say the same."""
    if ours == theirs:
        return
    lines = [f"variant {variant}", f"fen     {start}", f"moves   {' '.join(moves) or '(none)'}", f"reached {theirs.fen}"]
    for key in ("fen", "check", "outcome"):
        a, b = getattr(ours, key), getattr(theirs, key)
        if a != b:
            lines.append(f"{key}: here {a}, pyffish {b}")
    if ours.legal != theirs.legal:
        here, there = set(ours.legal), set(theirs.legal)
        lines.append(f"legal: only here {sorted(here - there)}, only pyffish {sorted(there - here)}, in common {len(here & there)}")
    question = json.dumps({"variant": variant, "fen": start, "moves": list(moves)})
    lines.append(f"repeat with: echo '{question}' | interregnum legal --stdin")
    raise Difference("\n".join(lines))


def settled(engine: Engine, variant: str, start: str, line: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The moves that are legal after `line`, where the program under test and pyffish disagree about moves that build walls.

    As tests/pyffish_differences.md argues, a move is legal if its side is not in check on the board that it leaves, with its
    wall on it. So a move that only `ours` lists stands if the position after it shows the wall and no other surprise, and
    pyffish sees no check there; a move that only `theirs` lists falls if pyffish sees a check there.
    """
    fen = fen_after(variant, start, line)
    moves = set(theirs)
    for move in set(ours) - set(theirs):
        reached = engine.ask(variant, start, [*line, move]).fen
        placed = board(reached)
        wall = move.split(",")[1][len(squares_of(move)[1]) :] if "," in move else ""
        stands = not wall or wall not in placed and wall in walls(reached)
        if "*" in reached.split()[0] and stands and near(fen, move, placed) and not in_check_after(variant, reached):
            moves.add(move)
    for move in set(theirs) - set(ours):
        reached = fen_after(variant, start, [*line, move])
        if "*" in reached.split()[0] and in_check_after(variant, reached):
            moves.discard(move)
    return sorted(moves)


def in_check_after(variant: str, fen: str) -> bool:
    """Whether the side that has just moved stands in check, by the board alone, and has not ended the game."""
    if pyffish.is_immediate_game_end(variant, fen, [])[0]:
        return False
    fields = fen.split()
    fields[1] = "b" if fields[1] == "w" else "w"
    fields[3] = "-"
    return bool(pyffish.gives_check(variant, " ".join(fields), []))


def near(fen: str, move: str, placed: dict[str, str]) -> bool:
    """Whether a move from `fen` that leaves the men `placed` has emptied only its origin and squares next to its target.

    An explosion empties squares next to the target. Castling may empty the square of the rook as well, however far away it is.
    """
    before = board(fen)
    origin, target = squares_of(move)
    gone = [square for square in before if square not in placed and square != origin]
    castles = before.get(origin, "").lower() == "k" and before.get(target, "").lower() != "k" and len(gone) == 1
    distance = [max(abs(ord(s[0]) - ord(target[0])), abs(int(s[1:]) - int(target[1:]))) for s in gone]
    return castles or max(distance, default=0) <= 1


def repetition(variant: str, fen: str) -> str:
    """What two positions must have in common to be the same: a right to capture in passing counts if a legal move uses it."""
    fields = fen.split()
    if fields[3][:1].isalpha():
        without = " ".join([*fields[:3], "-", *fields[4:]])
        if legal_moves(variant, fen) == legal_moves(variant, without):
            fields[3] = "-"
    return " ".join(fields[:4])


def times_seen(variant: str, start: str, moves: Sequence[str]) -> int:
    """How often the position after `moves` has occurred since `start`, by `repetition`."""
    positions = [repetition(variant, fen_after(variant, start, moves[:ply])) for ply in range(len(moves) + 1)]
    return positions.count(positions[-1])
