"""Interrupts end what runs within a second, and spoil nothing that comes after."""

import sys
import threading

import pytest

import pyinterregnum as pin
from helpers import interrupted

ENGINE = f"uci:{sys.executable} -m pyinterregnum uci@nodes=20"


@pytest.mark.parametrize(
    "player",
    ["zero@playouts=20000000", "model:chess-1@playouts=20000000,batch=64", "model:chess-1@playouts=20000000,considered=4",
     "model:chess-1@nodes=20000000", "alphabeta:chess-1@nodes=200000000"],
)
def test_long_moves_of_matches_end(player):
    interrupted(lambda: pin.match(player, player, "chess", rounds=2, progress=False))


def test_drawing_openings_and_showing_inputs_end():
    interrupted(lambda: pin.match("random", "random", "chess", rounds=3_000_000, plies=8, progress=False))
    evaluator, game = pin.load("chess-1"), pin.variant("chess").game()
    interrupted(lambda: evaluator.inputs([game] * 4_000_000))


def test_engines_play_after_an_interrupted_match():
    long = "zero@playouts=20000000"
    interrupted(lambda: pin.match(long, long, "chess", rounds=2, progress=False))
    result = pin.match(ENGINE, "random", "gardner", rounds=1, max_plies=12, progress=False)
    assert len(result.games()) == 2 and "forfeit" not in result.games()["ending"]


def test_an_interrupt_ends_the_matches_of_all_threads():
    ended = []

    def play():
        try:
            pin.match("zero@playouts=20000000", "random", "chess", rounds=2, progress=False)
        except BaseException as error:
            ended.append(type(error))

    threads = [threading.Thread(target=play) for _ in range(2)]
    for thread in threads:
        thread.start()
    long = "zero@playouts=20000000"
    interrupted(lambda: pin.match(long, long, "gardner", rounds=2, progress=False))
    for thread in threads:
        thread.join(timeout=5)
    assert ended == [KeyboardInterrupt] * 2
