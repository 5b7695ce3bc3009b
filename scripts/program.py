"""The program under test, as the scripts of this folder drive it. Not a command.

Needs nothing but Python's standard library, so that scripts that ask no other program can use it, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_BINARY = ROOT / "target" / "release" / "interregnum"


def command_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser of command lines whose help begins with a script's docstring, line breaks included."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def add_binary(parser: argparse.ArgumentParser) -> None:
    """The option `--binary`; without it the release build of this repository is tested."""
    parser.add_argument("--binary", type=Path, default=DEFAULT_BINARY, help="the program under test")


def require(condition: bool, what: str) -> None:
    """Ends the script with exit code 1 and a message unless the condition holds."""
    if not condition:
        raise SystemExit(f"{Path(sys.argv[0]).stem}: {what}")


def run_json(binary: Path, *arguments: str) -> dict[str, Any]:
    """The JSON object that a subcommand prints."""
    output = subprocess.run([str(binary), *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    answer: dict[str, Any] = json.loads(output)
    return answer


@dataclass(frozen=True)
class Verdict:
    """Everything about a position that two programs are compared in."""

    fen: str
    legal: list[str]  # moves in UCI notation, sorted
    check: bool
    outcome: str | None  # `1-0`, `0-1` or `1/2-1/2`; None while the game goes on


class Interregnum:
    """The subcommand `legal --stdin`, asked one question at a time."""

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
        """What the program says about the position after `moves` from `fen`; RuntimeError if it refuses the question."""
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
