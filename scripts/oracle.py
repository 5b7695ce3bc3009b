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
from typing import Any

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
