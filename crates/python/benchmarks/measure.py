#!/usr/bin/env python3
"""Measures this package against its peers, in one run on one core, and prints a Markdown table.

    taskset -c 0 python benchmarks/measure.py [--seconds 5] [--repeats 3]

Each figure is the median of its repeats. Peers that are not installed are left out. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import pyinterregnum as pin


@dataclass
class Figure:
    """One measured number."""

    work: str
    who: str
    number: float
    unit: str


def rate(step: Callable[[], int], seconds: float) -> float:
    """How much a function gets done in a second, warm."""
    step()
    done, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        done += step()
    return done / passed


def ours_vector(name: str, count: int) -> Callable[[], int]:
    """Random play through the vector environment, with observation, mask, reward and done."""
    env = pin.VectorEnv(name, count)
    out, actions = env.buffers(), np.zeros(count, np.int32)
    env.reset(out)

    def step() -> int:
        env.sample(actions)
        env.step(actions, out)
        return count

    return step


def pgx_vector(name: str, count: int) -> Callable[[], int]:
    """Random play through pgx, jitted over the batch, with observations."""
    import jax
    import pgx
    from pgx.experimental import auto_reset

    env = pgx.make({"gardner": "gardner_chess", "chess": "chess"}[name])
    advance = jax.jit(jax.vmap(auto_reset(env.step, env.init)))

    @jax.jit
    def choose(key, mask):
        return jax.random.categorical(key, jax.numpy.where(mask, 0.0, -1e9), axis=-1)

    key = jax.random.PRNGKey(0)
    state = jax.jit(jax.vmap(env.init))(jax.random.split(key, count))

    def step() -> int:
        nonlocal state, key
        key, first, second = jax.random.split(key, 3)
        state = advance(state, choose(first, state.legal_action_mask), jax.random.split(second, count))
        state.observation.block_until_ready()
        return count

    return step


def openspiel_chess() -> Callable[[], int]:
    """Random play of OpenSpiel's chess from Python, with observations."""
    import pyspiel

    game, rng = pyspiel.load_game("chess"), random.Random(1)
    state = game.new_initial_state()

    def step() -> int:
        nonlocal state
        state.apply_action(rng.choice(state.legal_actions()))
        if state.is_terminal():
            state = game.new_initial_state()
        state.observation_tensor()
        return 1

    return step


def python_chess_play() -> Callable[[], int]:
    """Random play of python-chess, without observations."""
    import chess

    board, rng = chess.Board(), random.Random(1)

    def step() -> int:
        nonlocal board
        board.push(rng.choice(list(board.legal_moves)))
        if board.is_game_over():
            board = chess.Board()
        return 1

    return step


def positions(count: int) -> list[str]:
    """FENs of random games of chess."""
    rng, fens = random.Random(2), []
    while len(fens) < count:
        game = pin.variant("chess").game()
        while not game.is_over and game.ply < 120:
            fens.append(game.fen)
            game.push(rng.choice(game.legal_moves))
    rng.shuffle(fens)
    return fens[:count]


def legal_moves(who: str, fens: list[str]) -> Callable[[], int]:
    """Legal moves of one position after the other, each from its FEN, as text or what the library has."""
    if who == "ours":
        chess_rules = pin.variant("chess")
        one: Callable[[str], object] = lambda fen: chess_rules.game(fen).legal_moves
    elif who == "python-chess":
        import chess

        one = lambda fen: list(chess.Board(fen).legal_moves)
    else:
        import pyffish

        one = lambda fen: pyffish.legal_moves("chess", fen, [])

    def step() -> int:
        for fen in fens:
            one(fen)
        return len(fens)

    return step


def measured(args: argparse.Namespace) -> list[Figure]:
    """All figures."""
    figures: list[Figure] = []

    def take(work: str, who: str, unit: str, make: Callable[[], Callable[[], int]]) -> None:
        try:
            step = make()
            numbers = [rate(step, args.seconds) for _ in range(args.repeats)]
        except ImportError as error:
            print(f"{who} is left out: {error}", file=sys.stderr)
            return
        figures.append(Figure(work, who, statistics.median(numbers), unit))
        print(figures[-1], file=sys.stderr)

    for name in ["gardner", "chess"]:
        for count in [64, 1024]:
            take(f"random play, {name}", f"VectorEnv, {count} games", "steps/s", lambda n=name, c=count: ours_vector(n, c))
        for count in args.pgx_batches:
            take(f"random play, {name}", f"pgx, batch of {count}", "steps/s", lambda n=name, c=count: pgx_vector(n, c))
    take("random play, chess", "OpenSpiel", "steps/s", openspiel_chess)
    take("random play, chess", "python-chess, no observations", "steps/s", python_chess_play)
    fens = positions(2000)
    for who in ["ours", "python-chess", "pyffish"]:
        take("legal moves of random positions", who, "positions/s", lambda w=who: legal_moves(w, fens))
    figures += searches(args) + imports(args)
    return figures


def searches(args: argparse.Namespace) -> list[Figure]:
    """The search from Python and from the command line, and by a callable that costs nothing."""
    game, playouts = pin.variant("gardner").game(), args.playouts
    evaluator = pin.load("gardner-long-1")

    def seconds(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    def command(count: int) -> Callable[[], object]:
        player = f"model:gardner-long-1@playouts={count}"
        words = [sys.executable, "-m", "pyinterregnum", "search", player, "--variant", "gardner", "--json"]
        return lambda: subprocess.run(words, check=True, capture_output=True)

    figures = []
    inside = statistics.median(seconds(lambda: pin.search(game, evaluator, playouts=playouts)) for _ in range(args.repeats))
    # What the process takes to start is measured by a search of one playout, and taken off.
    start = statistics.median(seconds(command(1)) for _ in range(args.repeats))
    outside = statistics.median(seconds(command(playouts)) for _ in range(args.repeats)) - start
    figures.append(Figure("search, gardner-long-1", "from Python", playouts / inside, "playouts/s"))
    figures.append(Figure("search, gardner-long-1", "from the command line", playouts / outside, "playouts/s"))
    for batch in [1, 64, 256]:
        calls = 0

        def judge(given: pin.Batch) -> tuple[np.ndarray, np.ndarray]:
            nonlocal calls
            calls += 1
            return np.zeros(len(given), np.float32), np.ones(given.moves.shape[:2], np.float32)

        few = max(playouts // 20, 500)
        passed = seconds(lambda: pin.search(game, judge, playouts=few, batch=batch))
        figures.append(Figure("search by a callable that costs nothing", f"batch of {batch}", few / passed, "playouts/s"))
        figures.append(Figure("search by a callable that costs nothing", f"batch of {batch}", 1e6 * passed / calls, "µs/batch"))
    return figures


def imports(args: argparse.Namespace) -> list[Figure]:
    """What importing the package takes, less Python and numpy."""

    def milliseconds(code: str) -> float:
        words = [sys.executable, "-c", f"import time, numpy; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"]
        run = lambda: float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        return 1000 * statistics.median(run() for _ in range(3 * args.repeats))

    return [Figure("import", "pyinterregnum, after numpy", milliseconds("import pyinterregnum"), "ms")]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each repeat [default: %(default)s]")
    parser.add_argument("--repeats", type=int, default=3, help="of each figure [default: %(default)s]")
    parser.add_argument("--playouts", type=int, default=200_000, help="of a search [default: %(default)s]")
    parser.add_argument("--pgx-batches", type=int, nargs="*", default=[64, 256, 1024], help="[default: %(default)s]")
    print("| work | who | measured | |\n| --- | --- | ---: | --- |")
    for figure in measured(parser.parse_args()):
        print(f"| {figure.work} | {figure.who} | {figure.number:,.4g} | {figure.unit} |")


if __name__ == "__main__":
    main()
