"""What the comparison scripts share: pyffish (Fairy-Stockfish as a library) as the referee, and the program under test.

Not a command: see compare_pyffish.py and uci_session.py.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import pyffish

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_BINARY = ROOT / "target" / "release" / "interregnum"


@dataclass(frozen=True)
class Verdict:
    """All that is compared about one position."""

    fen: str
    legal: list[str]
    check: bool
    outcome: str | None


class Engine(Protocol):
    """Who is asked about positions."""

    def ask(self, variant: str, fen: str, moves: Sequence[str] = ()) -> Verdict: ...


def board(fen: str) -> dict[str, str]:
    """Men by the name of their square."""
    return {square: char for square, char in placed_on(fen) if char != "*"}


def walls(fen: str) -> set[str]:
    """The names of the squares that are walls."""
    return {square for square, char in placed_on(fen) if char == "*"}


def placed_on(fen: str) -> list[tuple[str, str]]:
    squares: list[tuple[str, str]] = []
    rows = fen.split()[0].split("[")[0].split("/")
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


def squares_of(move: str) -> tuple[str, str]:
    """Origin and target of a move on a board of up to 10 ranks, where a rank may have two digits. A drop comes from nowhere."""
    move = move.split(",")[0]
    if "@" in move:
        return "", move.split("@")[1]
    body = move[1:]
    split = 1 + next(i for i, char in enumerate(body) if char.isalpha())
    target = move[split:]
    return move[:split], target[: 1 + sum(char.isdigit() for char in target)]


def load_rules(text: str) -> None:
    """Makes the variants of a rule file known to pyffish, which reports what it does not understand on stderr only."""
    pyffish.load_variant_config(text)
    for name in section_names(text):
        if name not in pyffish.variants():
            raise SystemExit(f"pyffish does not accept the variant `{name}`")


def section_names(text: str) -> list[str]:
    """The variants that a rule file defines."""
    return re.findall(r"^\[([^\]:]+)", text, re.MULTILINE)


def fen_after(variant: str, fen: str, moves: Sequence[str]) -> str:
    """The FEN after `moves`. Where gates are left and no man to put in, pyffish writes no castling field at all."""
    return pyffish.get_fen(variant, fen, list(moves)).replace("  ", " - ")


def play(variant: str, fen: str, move: str) -> str:
    """The FEN after `move`."""
    return fen_after(variant, fen, [move])


def legal_moves(variant: str, fen: str) -> list[str]:
    """Sorted moves in UCI notation; none if the game has ended by the variant's own rules."""
    return sorted(pyffish.legal_moves(variant, fen, []))


def ended(
    variant: str, start: str, moves: Sequence[str], fen: str, legal: Sequence[str], ask_draws: bool = True
) -> tuple[str, str] | None:
    """Outcome and kind of ending after `moves` from `start`; `fen` and `legal` describe the position reached.

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
        return "1/2-1/2", kind
    # Values are for the side to move.
    return ("1-0" if (value > 0) == (fen.split()[1] == "w") else "0-1"), kind


def in_check_after(variant: str, fen: str) -> bool:
    """Whether the side that has just moved stands in check, by the board alone, and has not ended the game."""
    if pyffish.is_immediate_game_end(variant, fen, [])[0]:
        return False
    fields = fen.split()
    fields[1] = "b" if fields[1] == "w" else "w"
    fields[3] = "-"
    return bool(pyffish.gives_check(variant, " ".join(fields), []))


def settled(engine: Engine, variant: str, start: str, line: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The legal moves after `line` where walls are built and the programs disagree: the board that a move leaves decides, its wall
    included (tests/pyffish_differences.md). Whether a king on it is in check is for pyffish to say.
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


def near(fen: str, move: str, placed: dict[str, str]) -> bool:
    """Whether only men around a move's target are gone after it, and the one that moved; castling goes further."""
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
    """How often the position after `moves` has occurred since `start`."""
    positions = [repetition(variant, fen_after(variant, start, moves[:ply])) for ply in range(len(moves) + 1)]
    return positions.count(positions[-1])


class Interregnum:
    """`interregnum legal --stdin`, one question at a time."""

    def __init__(self, binary: Path, variant_path: Path | None = None) -> None:
        extra = ["--variant-path", str(variant_path)] if variant_path else []
        self._process = subprocess.Popen(
            [str(binary), *extra, "legal", "--stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> Interregnum:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        if self._process.wait() != 0 and error is None:
            raise RuntimeError(f"`interregnum legal --stdin` ended with exit code {self._process.returncode}")

    def ask(self, variant: str, fen: str, moves: Sequence[str] = ()) -> Verdict:
        answer = self._answer({"variant": variant, "fen": fen, "moves": list(moves)})
        return Verdict(answer["fen"], answer["legal"], answer["check"], answer["outcome"])

    def san(self, variant: str, fen: str) -> dict[str, str]:
        """The legal moves in standard algebraic notation, by their UCI notation."""
        answer = self._answer({"variant": variant, "fen": fen, "san": True})
        return dict(zip(answer["legal"], answer["san"], strict=True))

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"`interregnum legal --stdin` stopped at {question}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"`interregnum legal --stdin` refused {question}: {answer['error']}")
        return answer


def run_json(binary: Path, *arguments: str) -> dict[str, Any]:
    """The JSON object that a subcommand prints."""
    output = subprocess.run([str(binary), *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    answer: dict[str, Any] = json.loads(output)
    return answer
