#!/usr/bin/env python3
"""Differential test of the rules against pyffish: legal moves, check, FEN and outcome of every position of random games, and
the moves in algebraic notation of some positions.

    compare_pyffish.py --positions 10000                                   every built-in variant
    compare_pyffish.py --variants chess,gardner --perft 3
    compare_pyffish.py --variant-path tests/perft/variants.ini             the variants of a rule file
    compare_pyffish.py --suite quick                                       the shifts of a stress suite
    compare_pyffish.py --resolved                                          the rule files that `variants show` prints

A side moves at random, or prefers captures, checks, moves to and fro or moves forward. Games begin at the start or at an earlier
position, at times with the move counter near its limit. The same seed gives the same games, whatever the number of processes.
The first difference is printed with all that is needed to repeat it, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyffish

import oracle
import random_play
from oracle import Difference
from program import Interregnum, Verdict, add_binary, command_parser, run_json

CHUNK = 500  # positions of one task
MAX_PLIES = 160
KEPT_FENS = 40  # earlier positions from which games may start
SECOND_LETTERS = {"H": "N", "E": "B"}
# The n-move rule that the counter of a position is set near to, whatever the variant's own.
N_MOVE_RULE = 50
# Share of positions whose moves are compared in algebraic notation.
SAN_SHARE = 0.1


@dataclass(frozen=True)
class Task:
    """A share of the work, complete in itself, so that results do not depend on the process that does it."""

    variant: str
    positions: int
    seed: str
    perft: int
    binary: Path
    variant_path: Path | None


@dataclass
class Report:
    """What a task saw, or the first difference."""

    variant: str
    seen: Counter[str] = field(default_factory=Counter)
    difference: str | None = None


def choose(rng: random.Random, style: str, fen: str, legal: list[str], own_last: str | None, engine: Interregnum, variant: str) -> str:
    """A legal move, mostly of the kind that the style prefers: `check`, or one of those in `random_play.preferred`."""
    if style == "check" and rng.random() < random_play.PREFERENCE:
        for move in rng.sample(legal, min(len(legal), 8)):
            if engine.ask(variant, fen, [move]).check:
                return move
    return random_play.choose(rng, style, fen, legal, own_last)


def compare_san(variant: str, fen: str, legal: list[str], engine: Interregnum) -> None:
    """Raises `Difference` unless both programs write the moves alike in standard algebraic notation."""
    ours = engine.san(variant, fen)
    for move in legal:
        theirs = pyffish.get_san(variant, fen, move, False, pyffish.NOTATION_SAN)
        # pyffish has two letters for some men of xiangqi. It writes the first in a FEN and the second in SAN; a rule file can
        # give one only.
        first = SECOND_LETTERS.get(theirs[0], theirs[0]) + theirs[1:]
        # pyffish decides about `+` and `#` before the wall is built, so it does not see that the wall closes a line.
        if "," in move and ours[move].rstrip("+#") == theirs.rstrip("+#"):
            continue
        # Where men of several types turn into the same one when they are dropped, pyffish writes their drops alike. The program
        # under test writes them with `+`, so that they differ.
        if ours[move] not in (theirs, first) and not ours[move].startswith("+"):
            raise Difference(f"variant {variant}\nfen     {fen}\nSAN of {move}: here {ours[move]}, pyffish {theirs}")


def random_game(rng: random.Random, engine: Interregnum, variant: str, start: str, budget: int, report: Report) -> list[str]:
    """Plays and compares one game of at most `budget` positions; gives the FENs of the positions passed."""
    styles = [rng.choice(["random", "capture", "check", "push", "shuffle"]) for _ in range(2)]
    if rng.random() < 0.15:
        styles = ["shuffle", "shuffle"]
    moves: list[str] = []
    fens: list[str] = []
    placements: Counter[str] = Counter()
    fen = oracle.fen_after(variant, start, [])
    for ply in range(min(budget, MAX_PLIES)):
        ours = engine.ask(variant, start, moves)
        fields = fen.split()
        placement = " ".join(fields[:4])
        placements[placement] += 1
        # pyffish takes milliseconds to look for draws: it is asked where one is possible or the program under test sees one, and
        # now and then.
        ask_draws = ours.outcome is not None or placements[placement] > 1 or int(fields[-2]) >= 80 or rng.random() < 0.1
        legal = oracle.legal_moves(variant, fen)
        if legal != ours.legal:
            # Some ends of games (passing twice, facing kings, castling) follow from the moves before, which no FEN tells.
            legal = sorted(pyffish.legal_moves(variant, start, moves))
        playable = legal
        if legal != ours.legal:
            legal = oracle.settled(engine, variant, start, moves, ours.legal, legal)
            report.seen["positions with walls of their own"] += legal != playable
        ending = oracle.ended(variant, start, moves, fen, legal, ask_draws)
        theirs = Verdict(fen, legal, pyffish.gives_check(variant, fen, []), ending.outcome if ending else None)
        # pyffish tells positions apart by rights to capture in passing that no move can use, so it counts fewer repetitions.
        if ours.outcome and not theirs.outcome and oracle.times_seen(variant, start, moves) > placements[placement]:
            report.seen["repetitions after idle rights"] += 1
            break
        oracle.compare(variant, start, moves, ours, theirs)
        report.seen["positions"] += 1
        report.seen["checks"] += theirs.check
        if rng.random() < SAN_SHARE and legal == playable:
            compare_san(variant, fen, rng.sample(legal, min(len(legal), 20)), engine)
            report.seen["positions in SAN"] += 1
        fens.append(fen)
        if ending:
            report.seen[ending.kind] += 1
            break
        # pyffish cannot play a move that it takes for illegal.
        playable = [move for move in playable if move in legal]
        if not playable:
            break
        move = choose(rng, styles[ply % 2], fen, playable, moves[-2] if len(moves) > 1 else None, engine, variant)
        moves.append(move)
        fen = oracle.play(variant, fen, move)
    report.seen["games"] += 1
    return fens


def compare_games(task: Task, engine: Interregnum, report: Report) -> None:
    """Plays games, from the start or from an earlier position, until the positions of the task are compared."""
    rng = random.Random(task.seed)
    first = pyffish.start_fen(task.variant)
    kept: list[str] = []
    while report.seen["positions"] < task.positions:
        start = rng.choice(kept) if kept and rng.random() < 0.5 else first
        if start != first and rng.random() < 0.3:
            start = random_play.near_move_limit(rng, start, N_MOVE_RULE)
        fens = random_game(rng, engine, task.variant, start, task.positions - report.seen["positions"], report)
        kept = (kept + rng.sample(fens, min(4, len(fens))))[-KEPT_FENS:]


def count(variant: str, fen: str, depth: int, path: list[str]) -> int:
    """Pyffish's perft: the lines of `depth` legal moves from the position after `path`."""
    moves = pyffish.legal_moves(variant, fen, path)
    if depth <= 1:
        return len(moves) if depth else 1
    return sum(count(variant, fen, depth - 1, [*path, move]) for move in moves)


def compare_perft(task: Task, report: Report) -> None:
    """Compares perft at the start and at two positions of a random game."""
    rng = random.Random(task.seed)
    fen = pyffish.start_fen(task.variant)
    for plies in (0, 8, 12):
        for _ in range(plies):
            legal = oracle.legal_moves(task.variant, fen)
            if not legal:
                return
            fen = oracle.play(task.variant, fen, rng.choice(legal))
        extra = ["--variant-path", str(task.variant_path)] if task.variant_path else []
        command = [str(task.binary), *extra, "perft", "--variant", task.variant, "--fen", fen, str(task.perft)]
        ours = int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        theirs = count(task.variant, fen, task.perft, [])
        if ours != theirs:
            raise Difference(f"variant {task.variant}\nfen {fen}\nperft {task.perft}: here {ours}, pyffish {theirs}")
        report.seen["perft counts"] += 1


def work(task: Task) -> Report:
    """Does a task up to its end or its first difference."""
    report = Report(task.variant)
    try:
        if task.perft:
            compare_perft(task, report)
        else:
            with Interregnum(task.binary, task.variant_path) as engine:
                compare_games(task, engine, report)
    except Difference as difference:
        report.difference = str(difference)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        report.difference = f"variant {task.variant}: {error}"
    return report


def resolved_rules(binary: Path, name: str) -> str:
    """The rule file that `variants show` prints, under a name that pyffish does not know: it must take all rules from the file."""
    text = subprocess.run([str(binary), "variants", "show", name], check=True, stdout=subprocess.PIPE, text=True).stdout
    header = f"[{name}]"
    if header not in text.splitlines():
        raise SystemExit(f"`variants show {name}` printed no section {header}")
    return text.replace(header, f"[{name}-resolved]")


def suite_rules(binary: Path, suite: str, builtin: list[str]) -> tuple[str, list[str]]:
    """The rule file of all shifts of a suite, and the names of the variants."""
    shifts = run_json(binary, "stress", suite, "--list", "--json")["shifts"]
    texts = {shift["variant"]: shift["rules"] for shift in shifts}
    return "\n".join(text for name, text in texts.items() if name not in builtin), list(texts)


def arguments() -> argparse.Namespace:
    parser = command_parser(__doc__)
    add_binary(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--variant-path", type=Path, metavar="FILE.ini", help="a rule file, read by both programs")
    source.add_argument("--suite", help="a stress suite, whose shifts are compared")
    source.add_argument("--resolved", action="store_true", help="compare by the rule files that `variants show` prints")
    parser.add_argument("--variants", help="names, with commas [default: all of the rule file or suite, or all built in]")
    parser.add_argument("--positions", type=int, default=1000, help="positions per variant [default: %(default)s]")
    parser.add_argument("--perft", type=int, default=0, metavar="DEPTH", help="compare perft of this depth instead of games")
    parser.add_argument("--seed", default="1", help="[default: %(default)s]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes [default: %(default)s]")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    builtin = [variant["name"] for variant in run_json(args.binary, "variants", "list", "--json")["variants"]]
    rules, names = "", builtin
    if args.variant_path:
        rules = args.variant_path.read_text()
        names = oracle.section_names(rules)
    elif args.suite:
        rules, names = suite_rules(args.binary, args.suite, builtin)
    elif args.resolved:
        # A rule file cannot tell pyffish how the king of janggi moves: see tests/pyffish_differences.md.
        rules = "\n".join(resolved_rules(args.binary, name) for name in builtin if not name.startswith("janggi"))
        names = oracle.section_names(rules)
    if args.variants:
        unknown = set(args.variants.split(",")) - set(names) - set(builtin)
        if unknown:
            raise SystemExit(f"no such variant: {', '.join(sorted(unknown))}")
        names = args.variants.split(",")

    began = time.monotonic()
    totals: dict[str, Report] = {name: Report(name) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        variant_path = None
        if rules:
            oracle.load_rules(rules)
            variant_path = Path(folder) / "variants.ini"
            variant_path.write_text(rules)
        sizes = [CHUNK] * (args.positions // CHUNK) + [args.positions % CHUNK] * (args.positions % CHUNK > 0)
        if args.perft:
            sizes = [0]
        tasks = [
            Task(name, size, f"{args.seed}/{name}/{chunk}", args.perft, args.binary, variant_path)
            for name in names
            for chunk, size in enumerate(sizes)
        ]
        # Forked processes inherit the rules that pyffish has read.
        with multiprocessing.get_context("fork").Pool(args.jobs) as pool:
            for report in pool.imap(work, tasks):
                if report.difference:
                    pool.terminate()
                    print(f"DIFFERENCE\n{report.difference}", file=sys.stderr)
                    return 1
                totals[report.variant].seen.update(report.seen)
    for name, report in totals.items():
        print(f"{name}: " + ", ".join(f"{what} {count}" for what, count in sorted(report.seen.items())))
    compared = sum(r.seen["positions"] + r.seen["perft counts"] for r in totals.values())
    print(f"agreed with pyffish on {compared} of {compared} ({time.monotonic() - began:.0f} s)")
    return 0 if compared else 1


if __name__ == "__main__":
    sys.exit(main())
