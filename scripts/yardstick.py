#!/usr/bin/env python3
"""Matches of the shipped evaluators against other engines, all in one table.

Every row is a match at equal time a move, through UCI on both sides, one search at a time, over a book of openings that the shipped evaluator finds level
after 20,000 playouts (made here from a seed, so always the same; random games as the judge leave most openings decided). Give the machine nothing else
to do: a table from a busy machine says nothing. Rows that end in -search are matches of the program's two searches, alpha-beta's score.

A row that has been played is kept in the folder and not played again; one that was interrupted goes on where its PGN file ends.

    scripts/yardstick.py --out runs/yardstick
    scripts/yardstick.py --out runs/yardstick --only gardner losalamos --pairs 30
    scripts/yardstick.py --out runs/yardstick --only chess-search --pairs 30
    scripts/yardstick.py --out runs/yardstick --engine atomic="node engine.js"

Needs the engines: Debian's packages fairy-stockfish and gnuchess, or others by --engine. A row whose engine is missing is left out, and named.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from program import add_binary, command_parser, require

FAIRY = "fairy-stockfish"
# The other search of this program in place of another engine.
OTHER_SEARCH = "mcts"


@dataclass(frozen=True)
class Row:
    """A match: the name of the row, the variant, the search of ours, the other engine and what limits it."""

    name: str
    variant: str
    search: str = "auto"
    engine: str = FAIRY
    limit: str = ""


# Where `limit` is empty the other engine has as long for a move as ours.
ROWS = [
    Row("gardner", "gardner"),
    Row("gardner-mcts", "gardner", search="mcts"),
    Row("losalamos", "losalamos"),
    Row("losalamos-mcts", "losalamos", search="mcts"),
    Row("chess-10000-nodes", "chess", limit="nodes=10000"),
    Row("chess-gnuchess", "chess", engine="gnuchess --uci"),
    Row("minishogi", "minishogi"),
    Row("crazyhouse", "crazyhouse"),
    Row("makruk", "makruk"),
    Row("capablanca", "capablanca"),
    Row("xiangqi", "xiangqi"),
    Row("shogi", "shogi"),
    Row("antichess", "antichess"),
    Row("atomic", "atomic"),
]
ROWS += [Row(f"{v}-search", v, "alphabeta", OTHER_SEARCH) for v in dict.fromkeys(row.variant for row in ROWS)]


def book(options: argparse.Namespace, variant: str) -> Path:
    """The openings of a variant, made once: as many as there are pairs, that its evaluator finds level."""
    path = options.out / f"{variant}.epd"
    if not path.exists():
        command = ["openings", "--variant", variant, "--count", str(options.pairs), "--plies", "6", "--seed", "1", "--out", str(path)]
        judge = f"model:{variant}-long-1@playouts=20000"
        subprocess.run([options.binary, *command, "--balance", "0.1", "--judge", judge], check=True)
    return path


def play(options: argparse.Namespace, row: Row, engine: str) -> dict[str, object]:
    """The result of a row as the program prints it."""
    time = f"movetime={options.movetime}"
    late = "timemargin=3000"
    ours, other = (f"uci:{options.binary} uci@{time},{late},option.Search={search}" for search in (row.search, OTHER_SEARCH))
    theirs = other if engine == OTHER_SEARCH else f"uci:{engine}@{row.limit or time},{late}"
    pgn = options.out / f"{row.name}.pgn"
    command = ["match", ours, theirs, "--variant", row.variant, "--openings", str(book(options, row.variant))]
    command += ["--rounds", str(options.pairs), "--concurrency", "1", "--seed", "1", "--pgn", str(pgn), "--json"]
    command += ["--resume"] if pgn.exists() else []
    output = subprocess.run([options.binary, *command], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {"row": row.name, "engine": engine, "limit": row.limit or time, **json.loads(output)}


def line(result: dict) -> str:
    """A row of the table: the score in percent with its interval."""
    score, low, high = (100 * result[key] for key in ("score", "score_low", "score_high"))
    forfeits = sum(sum(f.values()) for f in result["forfeits"])
    note = f", {forfeits} forfeits" if forfeits else ""
    return f"| {result['row']} | {result['engine']}, {result['limit']} | {score:.1f} [{low:.1f}, {high:.1f}] | {result['games'] // 2}{note} |"


def main() -> None:
    parser = command_parser(__doc__)
    add_binary(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder for books, games and results")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of games of a row (default 100)")
    parser.add_argument("--movetime", type=int, default=100, help="milliseconds for a move (default 100)")
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help="rows to play (default all)")
    parser.add_argument("--engine", action="append", default=[], metavar="ROW=COMMAND", help="another engine for a row")
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    known = {row.name for row in ROWS}
    engines = dict(text.split("=", 1) for text in options.engine if "=" in text)
    unknown = [name for name in [*options.only, *engines] if name not in known]
    require(not unknown and len(engines) == len(options.engine), f"rows are {', '.join(sorted(known))}; found {unknown or options.engine}")
    table = ["| row | against | score in % | pairs |", "| --- | --- | ---: | ---: |"]
    for row in ROWS:
        if options.only and row.name not in options.only:
            continue
        engine = engines.get(row.name, row.engine)
        path = options.out / f"{row.name}.json"
        if path.exists():
            table.append(line(json.loads(path.read_text())))
        elif engine != OTHER_SEARCH and shutil.which(shlex.split(engine)[0]) is None:
            table.append(f"| {row.name} | {engine} | not installed | |")
        else:
            result = play(options, row, engine)
            path.write_text(json.dumps(result) + "\n")
            table.append(line(result))
        print(table[-1], flush=True)
    print("\n" + "\n".join(table))


if __name__ == "__main__":
    main()
