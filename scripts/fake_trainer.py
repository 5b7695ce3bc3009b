"""A training run's directory, written line by line as a trainer writes it, without a trainer. Not a command.

The numbers are invented; what is tested is that a page follows a run that goes on, is killed while it writes, and is resumed.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

RULES = "7229f949656198fe"


def configuration(generations: int) -> dict[str, Any]:
    """The configuration of a run of Gardner minichess."""
    return {
        "variant": "gardner",
        "seed": 1,
        "generations": generations,
        "network": {"hidden": 32},
        "self_play": {
            "games": 200, "playouts": 32, "random_plies": 4, "temperature_plies": 8, "noise_share": 0.25,
            "noise_concentration": 10.0, "max_plies": 120,
        },
        "training": {
            "window": 2, "batch": 64, "reuse": 1.0, "learning_rate": 1e-3, "final_learning_rate": 1e-4, "weight_decay": 1e-4,
            "search_value_share": 0.5,
        },
        "gate": {"pairs": 40, "playouts": 32, "threshold": 0.5},
    }  # fmt: skip


def generation(number: int) -> dict[str, Any]:
    """A line of `events.jsonl`: progress that slows down, with a candidate that is rejected now and then."""
    fall = math.exp(-number / 6)
    won = round(6 + 14 * fall)
    gate = [2, 4, 34 - won, won, round(won / 2)] if number % 4 else [6, 10, 14, 8, 2]
    counts = {"games": 200, "positions": 4000, "playouts": 200_000, "plies": 7000 + 90 * number, "white_wins": 92, "draws": 20 + number}
    none = {"resigned": 0, "would_resign": 0, "false_resignations": 0}
    genome = {"learning_rate": 1.0, "search_value_share": 0.5, "cpuct": 1.5}
    trial = {
        "member": {"id": 0, "parent": None, "continues": 0, "genome": genome},
        "weights": f"{number:016x}", "steps": 120, "value_loss": 0.62 + 0.4 * fall, "policy_loss": 1.5 + 0.9 * fall,
        "visit_entropy": 1.3 + 0.4 * fall, "calibration_error": 0.06 + 0.1 * fall, "gate": gate, "decision": None,
    }  # fmt: skip
    return {
        "generation": number, "config": "0", "rules": [RULES], "parent": "0", "self_play": counts | none, "trials": [trial],
        "best": 0, "accepted": number % 4 != 0, "champion": f"{number:016x}", "cpuct": 1.5, "next": [],
    }  # fmt: skip


class FakeTrainer:
    """Writes a run of so many generations into a folder."""

    def __init__(self, folder: Path, generations: int) -> None:
        self.folder = folder
        self.generations = generations
        self.done = 0

    def begin(self) -> None:
        """What stands there before the first generation is over."""
        (self.folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        (self.folder / "shards").mkdir(exist_ok=True)
        (self.folder / "config.json").write_text(json.dumps(configuration(self.generations)))

    def step(self) -> None:
        """Finishes a generation: the event log is replaced, the clock grows."""
        self.done += 1
        self._replace("".join(json.dumps(generation(i + 1)) + "\n" for i in range(self.done)))
        times = {"generation": self.done, "self_play_seconds": 9.5, "training_seconds": 3.5, "gate_seconds": 4.0, "cpu_seconds": 31.0}
        with open(self.folder / "clock.jsonl", "a", encoding="utf-8") as clock:
            clock.write(json.dumps(times) + "\n")

    def tear(self) -> None:
        """Leaves the last line of the log half written, as a kill of a careless writer would."""
        whole = "".join(json.dumps(generation(i + 1)) + "\n" for i in range(self.done))
        (self.folder / "events.jsonl").write_text(whole + json.dumps(generation(self.done + 1))[:50])

    def _replace(self, text: str) -> None:
        partial = self.folder / "events.jsonl.partial"
        partial.write_text(text)
        os.replace(partial, self.folder / "events.jsonl")
