#!/usr/bin/env python3
"""Positions of few men with what python-chess and pyffish say of their material: what the rules' own answer is tested against.

    insufficient_material.py > crates/rules/tests/data/insufficient_material.txt

Each line has a variant, a FEN, and two words: `dead` or `open` as python-chess has it (`-` for variants that it does not play), and
as pyffish has it. A position is dead if neither side can win with its men. The same seed gives the same positions.
"""

from __future__ import annotations

import argparse
import random

import chess
import chess.variant
import pyffish

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


def placement(rng: random.Random, variant: str, files: int, ranks: int) -> str | None:
    """A FEN with random men, or None where the kings touch."""
    count = rng.choice([0, 1, 1, 1, 2, 2, 3, 4])
    men = ["K", "k"]
    letters = MEN[variant] if rng.random() < 0.5 else rng.choice(["N", "B", "BB", MEN[variant]])
    letters = [m for m in letters if m in MEN[variant]] or list(MEN[variant])
    men += [rng.choice([m, m.lower()]) for m in rng.choices(letters, k=count)]
    squares = rng.sample(range(files * ranks), len(men))
    if max(abs(squares[0] % files - squares[1] % files), abs(squares[0] // files - squares[1] // files)) < 2:
        return None
    for man, square in zip(men, squares, strict=True):
        if man in "Pp" and square // files in (0, ranks - 1):
            return None
    board = dict(zip(squares, men, strict=True))
    rows = []
    for rank in reversed(range(ranks)):
        row, empty = "", 0
        for file in range(files):
            man = board.get(rank * files + file)
            if man is None:
                empty += 1
            else:
                row += (str(empty) if empty else "") + man
                empty = 0
        rows.append(row + (str(empty) if empty else ""))
    fen = "/".join(rows)
    if variant == "crazyhouse":
        fen += f"[{rng.choice(['', '', '', 'N', 'b', 'p'])}]"
    elif variant == "seirawan":
        fen += "[]"
    turn = rng.choice("wb")
    return f"{fen} {turn} - - {'3+3 ' if variant == '3check' else ''}0 1"


def verdicts(variant: str, fen: str) -> tuple[str, str] | None:
    """What both say, or None where the position cannot be."""
    try:
        other = fen.replace(" w ", " b ") if " w " in fen else fen.replace(" b ", " w ")
        if pyffish.validate_fen(fen, variant) != pyffish.FEN_OK or pyffish.gives_check(variant, other, []):
            return None
    except Exception:  # noqa: BLE001
        return None
    theirs = "dead" if all(pyffish.has_insufficient_material(variant, fen, [])) else "open"
    board = BOARDS.get("chess" if variant in ("nocastle", "fischerandom") else variant)
    if board is None:
        return "-", theirs
    position = board(fen)
    if not position.is_valid():
        return None
    return "dead" if position.is_insufficient_material() else "open", theirs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--positions", type=int, default=60, help="of each variant")
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    for variant in sorted(MEN):
        start = pyffish.start_fen(variant)
        ranks = start.split()[0].count("/") + 1
        row = start.split("[")[0].split()[0].split("/")[0]
        files = sum(int(c) if c.isdigit() else 1 for c in row.replace("10", "x" * 10))
        rng = random.Random(f"{args.seed} {variant}")
        found = 0
        for _ in range(args.positions * 100):
            if found == args.positions:
                break
            fen = placement(rng, variant, files, ranks)
            said = fen and verdicts(variant, fen)
            if said:
                print(variant, fen, *said, sep="\t")
                found += 1


if __name__ == "__main__":
    main()
