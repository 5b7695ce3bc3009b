#!/usr/bin/env python3
"""Reads the shards of a training run with polars and checks them against pyffish and against each other.

    read_shards.py RUN_DIR [--games 20]

Within a game every position must follow by the rules from the position and the move of the row before. A row of a searched
position must list exactly the legal moves, and its visits, value and worth must fit together. Works for runs of a variant that
pyffish knows, without edits of its rules and without a payoff.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars
import pyffish

from program import command_parser

SCHEMA = {
    "variant": polars.String,
    "rules": polars.String,
    "weights": polars.String,
    "generation": polars.Int32,
    "game": polars.Int32,
    "ply": polars.Int32,
    "fen": polars.String,
    "played": polars.String,
    "playouts": polars.Int32,
    "target": polars.Boolean,
    "moves": polars.List(polars.String),
    "visits": polars.List(polars.Int32),
    "value": polars.Float32,
    "outcome": polars.Int32,
}


def board_and_turn(fen: str) -> list[str]:
    """The first two fields of a FEN. The programs may write the others differently."""
    return fen.split()[:2]


def check(rows: polars.DataFrame) -> None:
    """Raises AssertionError with the row that is wrong."""
    assert dict(rows.schema) == SCHEMA, rows.schema
    before = None
    for row in rows.iter_rows(named=True):
        variant, fen = row["variant"], row["fen"]
        if before is not None and (before["generation"], before["game"]) == (row["generation"], row["game"]):
            reached = pyffish.get_fen(variant, before["fen"], [before["played"]])
            assert board_and_turn(reached) == board_and_turn(fen), (before, row)
            assert row["ply"] == before["ply"] + 1 and row["outcome"] == -before["outcome"], row
        else:
            assert row["ply"] == 0 and board_and_turn(fen) == board_and_turn(pyffish.start_fen(variant)), row
        if row["playouts"] == 0:
            assert row["value"] is None and not row["moves"] and not row["target"], row
        else:
            assert sorted(row["moves"]) == sorted(pyffish.legal_moves(variant, fen, [])), row
            assert sum(row["visits"]) == row["playouts"] and len(row["visits"]) == len(row["moves"]), row
            assert row["played"] in row["moves"] and -1 <= row["value"] <= 1, row
        assert row["outcome"] in (-1, 0, 1), row
        before = row


def main() -> int:
    parser = command_parser(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--games", type=int, default=20, help="of each generation [default: %(default)s]")
    args = parser.parse_args()
    shards = polars.read_parquet(args.run / "shards" / "*.parquet")
    rows = shards.filter(polars.col("game") < args.games).sort("generation", "game", "ply")
    check(rows)
    games = rows.select("generation", "game").n_unique()
    print(f"{rows.height} rows of {games} games agree with pyffish; {rows['target'].sum()} are learnt from")
    return 0


if __name__ == "__main__":
    sys.exit(main())
