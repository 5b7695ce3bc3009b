"""What several files of tests use."""

import os
import signal
import threading
import time

import pytest

# A suite of seconds, with one shift that changes nothing and one that adds a goal.
SUITE = """
name = "small"
title = "A suite for tests"
variant = "gardner"
seed = 1
opening_plies = 4
families = ["none", "goal"]
files.inherited = ["gardner-{1..2}"]
grid = { experiment = "headline", agent = "frozen", opponent = "reselected" }

[[experiment]]
name = "headline"
matches = [["frozen", "reselected"]]
playouts = [8]
pairs = 3

[[shift]]
name = "none"
family = "none"
expect = "no-effect"
hypothesis = "Nothing changes."

[[shift]]
name = "hill"
family = "goal"
hypothesis = "Harmful: a new way to win is added."
edit = { flagPiece = "k", flagRegion = "c3" }
files.reselected = ["gardner-hill-1"]
"""


def interrupted(work):
    """Does work that an interrupt must end within a second."""
    pressed = []

    def press():
        time.sleep(0.7)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - pressed[0] < 1.0
    thread.join()
