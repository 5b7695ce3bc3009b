#!/usr/bin/env python3
"""Writes positions of few men with what python-chess and pyffish say of their material; the tests of the rules read them.

    insufficient_material.py > crates/rules/tests/data/insufficient_material.txt

Each line has a variant, a FEN, the word of python-chess and the word of pyffish: `dead` if neither side can win with its men,
otherwise `open`. For variants that python-chess does not play, its word is `-`. The same seed gives the same positions.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import chess
import chess.variant
import pyffish

from notation import placement, rows_of
from program import command_parser

BOARDS = {
    "chess": chess.Board,
    "crazyhouse": chess.variant.CrazyhouseBoard,
    "atomic": chess.variant.AtomicBoard,
    "3check": chess.variant.ThreeCheckBoard,
    "kingofthehill": chess.variant.KingOfTheHillBoard,
    "racingkings": chess.variant.RacingKingsBoard,
    "antichess": chess.variant.AntichessBoard,
}
# Men beside the kings, the likelier ones several times.
MEN = {
    "chess": "NNBBBBPRQ", "crazyhouse": "NNBBBPRQ", "atomic": "NNBBBPRQ", "3check": "NBBPRQ", "kingofthehill": "NBBPRQ",
    "racingkings": "NBBRQ", "antichess": "NBBPRQ", "gardner": "NNBBBBPRQ", "losalamos": "NNPRQ",
    "makruk": "MMSNRP", "shatranj": "BBQQNRP", "knightmate": "MMBBBPRQ", "seirawan": "NNBBBBHEP", "capablanca": "NBBACP",
    "cambodian": "MMSNRP", "nocastle": "NNBBBBPRQ", "fischerandom": "NNBBBBPRQ", "grand": "NBBACP", "amazon": "NNBBBBPRA",
}  # fmt: skip


@dataclass(frozen=True)
class Verdicts:
    """What both programs say of a position: `dead` or `open`."""

    python_chess: str  # `-` if it does not play the variant
    pyffish: str


def random_fen(rng: random.Random, variant: str, files: int, ranks: int) -> str | None:
    """A FEN with random men; None where the kings touch or a pawn stands on the first or last rank."""
    count = rng.choice([0, 1, 1, 1, 2, 2, 3, 4])
    men = ["K", "k"]
    letters = MEN[variant] if rng.random() < 0.5 else rng.choice(["N", "B", "BB", MEN[variant]])
    letters = [m for m in letters if m in MEN[variant]] or list(MEN[variant])
    men += [rng.choice([m, m.lower()]) for m in rng.choices(letters, k=count)]
    squares = [(square % files, square // files) for square in rng.sample(range(files * ranks), len(men))]
    white, black = squares[:2]
    if max(abs(white[0] - black[0]), abs(white[1] - black[1])) < 2:
        return None
    for man, (_, rank) in zip(men, squares, strict=True):
        if man in "Pp" and rank in (0, ranks - 1):
            return None
    fen = placement(dict(zip(squares, men, strict=True)), files, ranks)
    if variant == "crazyhouse":
        fen += f"[{rng.choice(['', '', '', 'N', 'b', 'p'])}]"
    elif variant == "seirawan":
        fen += "[]"
    turn = rng.choice("wb")
    return f"{fen} {turn} - - {'3+3 ' if variant == '3check' else ''}0 1"


def verdicts(variant: str, fen: str) -> Verdicts | None:
    """What both programs say; None if the position is not valid."""
    try:
        other = fen.replace(" w ", " b ") if " w " in fen else fen.replace(" b ", " w ")
        if pyffish.validate_fen(fen, variant) != pyffish.FEN_OK or pyffish.gives_check(variant, other, []):
            return None
    except Exception:  # noqa: BLE001
        return None
    theirs = "dead" if all(pyffish.has_insufficient_material(variant, fen, [])) else "open"
    board = BOARDS.get("chess" if variant in ("nocastle", "fischerandom") else variant)
    if board is None:
        return Verdicts("-", theirs)
    position = board(fen)
    if not position.is_valid():
        return None
    return Verdicts("dead" if position.is_insufficient_material() else "open", theirs)


def main() -> None:
    parser = command_parser(__doc__)
    parser.add_argument("--positions", type=int, default=60, help="of each variant")
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    for variant in sorted(MEN):
        rows = rows_of(pyffish.start_fen(variant))
        files = sum(int(run) if run.isdigit() else 1 for run in re.findall(r"\d+|\D", rows[0]))
        rng = random.Random(f"{args.seed} {variant}")
        found = 0
        for _ in range(args.positions * 100):
            if found == args.positions:
                break
            fen = random_fen(rng, variant, files, len(rows))
            said = verdicts(variant, fen) if fen else None
            if said:
                print(variant, fen, said.python_chess, said.pyffish, sep="\t")
                found += 1


if __name__ == "__main__":
    main()
