"""Calls that make no sense end in exceptions, never in an abort or a hang."""

import math
import os
import pickle
import random
import subprocess
import sys
import threading

import numpy as np
import pytest

import pyinterregnum as pin
from pyinterregnum import _native

TEXTS = [
    "", "gardner", "chess", "duck", "grand", "e2e4", "b2b3", "e7e8q", "P@c3", "0000", "é", "\0", "\n", "a" * 100_000, "[x:gardner]\n", "k", "c3",
    "8/8/8/8/8/8/8/8 w - - 0 1", "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1", "K/k b", "/", "zero", "gardner-1", "random", "\ud800", "true", "-1", "%s",
]
NUMBERS = [0, 1, -1, 2, 7, 2**31 - 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, -0.0, math.nan, math.inf, True]
ARRAYS = [
    np.zeros(0, np.int32), np.zeros(3, np.int32), np.full(3, 2**31 - 1, np.int32), np.zeros((3, 2), np.float32), np.zeros(3, np.int64),
    np.array(["x"]), np.array([None]), np.zeros((3, 119, 5, 5), np.uint8), np.zeros((0, 0)), np.broadcast_to(np.int32(0), (3,)),
    np.zeros(6, np.int32)[::2],
]


class Odd:
    """An object whose every use fails."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __iter__(self):
        raise RuntimeError("iter")

    def __fspath__(self):
        raise RuntimeError("fspath")

    def __index__(self):
        raise RuntimeError("index")


def evil(batch):
    return random.choice([None, (batch, batch), (np.zeros(10**6), np.zeros((3, 3))), ("x", "y"), ([math.nan], [[1]])])


def value(rng):
    kinds = [TEXTS, NUMBERS, ARRAYS, [None, Odd(), evil, object(), b"bytes", [], {}, (), range(3), sys, Odd, print]]
    choice = rng.choice(rng.choice(kinds))
    if rng.random() < 0.15:
        return rng.choice([[choice], {"mask": choice}, {choice if isinstance(choice, str) else "stalemate": value(rng)}, (choice, choice)])
    return choice


def objects():
    variant = pin.variant("gardner")
    env = pin.VectorEnv("gardner", 3)
    result = pin.search(variant.game(), "zero", playouts=5)
    evaluator = pin.load("gardner-1")
    match = pin.match("random", "random", "gardner", rounds=1, progress=False)
    return [variant, variant.game(), pin.variant("grand").game(), env, result, evaluator, match, match.games()]


# What plays or searches long when it is asked to, or writes files.
SLOW = {"search", "play_match", "play_suite", "match", "stress", "command_line"}


def test_random_calls_end_in_exceptions(tmp_path, monkeypatch):
    # Some of the calls write files whose names are relative paths.
    monkeypatch.chdir(tmp_path)
    rng = random.Random(7)
    things, refused, calls = objects(), 0, 10_000
    functions = [getattr(_native, name) for name in dir(_native) if callable(getattr(_native, name)) and name not in SLOW]
    for _ in range(calls):
        if rng.random() < 0.02:
            things = objects()
        thing = rng.choice(things)
        names = [name for name in dir(thing) if name not in {"__class__", "__reduce_ex__", "__init_subclass__", "__subclasshook__", "__del__"}]
        arguments = [value(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
        keywords = {rng.choice(["name", "fen", "moves", "seed", "out", "change", "strict", "variant", "flagPiece"]): value(rng)} if rng.random() < 0.2 else {}
        try:
            target = rng.choice(functions) if rng.random() < 0.3 else getattr(thing, rng.choice(names))
            if callable(target):
                target(*arguments, **keywords)
        except Exception as error:
            assert type(error).__name__ != "PanicException"
            refused += 1
    assert refused > calls // 3


def test_random_searches_end_in_exceptions_or_results():
    rng = random.Random(8)
    games = [pin.variant(name).game() for name in ["gardner", "chess", "duck", "grand"]]
    counts = [0, 1, 3, 40, -1, 2**32, 2**64, None, "x", math.nan]
    for _ in range(600):
        options = {
            name: rng.choice(values)
            for name, values in {
                "playouts": [*counts, 20, 30],
                "batch": [*counts, 1, 4],
                "threads": [*counts, 1, 2],
                "cpuct": [0.0, 1.0, -1.0, math.nan, math.inf, 1e30, "x"],
                "fpu_reduction": [0.0, math.nan, -1e30, 1e30],
                "considered": [*counts, None, None],
                "seed": [*counts, 0],
                "tree": [*counts, 0],
                "method": ["mcts", "alphabeta", "", None],
                "believes": [None, pin.variant("gardner"), pin.variant("chess"), 1],
                "solver": [True, False, None],
            }.items()
            if rng.random() < 0.3
        }
        options.setdefault("playouts", 25)
        judge = rng.choice(["zero", "rollout", "gardner-1", "x", evil, None, pin.load("zero"), lambda b: (np.zeros(len(b)), np.ones(b.moves.shape[:2]))])
        try:
            pin.search(rng.choice([*games, None]), judge, **options)
        except (ValueError, TypeError, OverflowError):
            pass


def test_damaged_pickles_are_refused():
    rng = random.Random(9)
    game = pin.variant("crazyhouse").game(moves=["e4", "d5", "exd5"])
    rebuild, ([(variant, moves)], fen, actions) = game.__reduce__()
    remake, (name, ini, payoff) = variant.__reduce__()
    for _ in range(300):
        at = rng.randrange(len(ini))
        broken = ini[:at] + chr(rng.randrange(1, 400)) + ini[at + rng.randrange(3) :]
        try:
            remake(name, broken, payoff)
        except ValueError:
            pass
        with pytest.raises((ValueError, TypeError)):
            rebuild([(variant, [*moves, rng.choice(TEXTS)])], fen, actions)
        with pytest.raises((ValueError, TypeError)):
            remake(name, ini, {rng.choice(TEXTS): 2.0})
    assert pickle.loads(pickle.dumps(game)).fen == game.fen


def test_threads_may_share_a_game():
    game, errors = pin.variant("gardner").game(), []

    def play(seed):
        rng = random.Random(seed)
        for _ in range(300):
            try:
                moves = game.legal_moves
                if moves and rng.random() < 0.6:
                    game.push(rng.choice(moves))
                elif rng.random() < 0.5:
                    game.pop()
                else:
                    pin.search(game, "zero", playouts=30)
            except (ValueError, IndexError, RuntimeError):
                pass
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=play, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    while game.ply:
        game.pop()
    assert game.fen == game.variant.start_fen


FORKED = """
import os, sys
import pyinterregnum as pin
game = pin.variant("gardner").game()
pin.search(game, "gardner-1", playouts=12000, batch=8, threads=2)
pin.match("random", "random", "gardner", rounds=4, jobs=2, progress=False)
child = os.fork()
found = pin.search(game, "gardner-1", playouts=12000, batch=8, threads=2)
result = pin.match("random", "random", "gardner", rounds=4, jobs=2, progress=False)
assert found.playouts > 0 and len(result.games()) == 8
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_processes_go_on():
    subprocess.run([sys.executable, "-c", FORKED], check=True, timeout=120)
