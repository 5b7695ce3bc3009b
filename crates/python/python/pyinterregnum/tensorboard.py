"""TensorBoard: run directories as event files, which W&B and Aim read, too.

`python -m pyinterregnum.tensorboard RUN_DIR LOG_DIR` follows a run until it is interrupted.
"""

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

try:
    from tensorboardX import SummaryWriter
except ImportError as error:
    raise ImportError("this needs tensorboardX: pip install 'pyinterregnum[tensorboard]'") from error

# The logs that are read, and what stands before the names of their numbers.
_LOGS = {"events.jsonl": "", "clock.jsonl": "clock"}
_RESULTS = "results.jsonl"


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    """The numbers in plain data, with the names of the keys that lead to them."""
    if isinstance(value, bool):
        yield name, float(value)
    elif isinstance(value, int | float):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, f"{name}/{key}" if name else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _numbers(inner, f"{name}/{place}")


class Follower:
    """Writes what is new in a run directory, of training or of a stress test, each time that it is asked to.

    Training: the numbers of `events.jsonl`, and of `clock.jsonl` under `clock/`, by generation. Stress: for each cell the mean score so far, as
    `EXPERIMENT/SHIFT/AGENT-OPPONENT`, by number of pairs.
    """

    def __init__(self, folder: str | PathLike[str], log_dir: str | PathLike[str]) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise NotADirectoryError(self.folder)
        self.writer = SummaryWriter(str(log_dir))
        self._read: dict[str, int] = {}
        self._scores: dict[str, tuple[float, int]] = {}

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        """Whole lines that were added to a log since it was read last. A log that has become shorter, as that of a run which went on after an
        interrupt, is read from its beginning."""
        path = self.folder / name
        if not path.exists():
            return
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._read.get(name, 0):
                self._read[name] = 0
                if name == _RESULTS:
                    self._scores.clear()
            file.seek(self._read.get(name, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._read[name] = self._read.get(name, 0) + len(line)
                try:
                    found = json.loads(line)
                    if not isinstance(found, dict):
                        raise ValueError("no object")
                except ValueError as error:
                    self._left_out(name, error)
                    continue
                yield found

    def _left_out(self, name: str, error: Exception) -> None:
        warnings.warn(f"{self.folder / name}: a line that cannot be read was left out: {error!r}", stacklevel=2)

    def poll(self) -> int:
        """Writes what is new. Returns the number of lines that were read."""
        count = 0
        for name, prefix in _LOGS.items():
            for line in self._lines(name):
                try:
                    generation = int(line.pop("generation"))
                except (KeyError, TypeError, ValueError) as error:
                    self._left_out(name, error)
                    continue
                count += 1
                line.pop("next", None)
                for tag, number in _numbers(line, prefix):
                    self.writer.add_scalar(tag, number, generation)
        for row in self._lines(_RESULTS):
            try:
                tag = f"{row['experiment']}/{row['shift']}/{row['agent']}-{row['opponent']}"
                score = float(row["score"])
            except (KeyError, TypeError, ValueError) as error:
                self._left_out(_RESULTS, error)
                continue
            count += 1
            total, pairs = self._scores.get(tag, (0.0, 0))
            self._scores[tag] = (total + score, pairs + 1)
            self.writer.add_scalar(tag, (total + score) / (pairs + 1), pairs + 1)
        if count:
            self.writer.flush()
        return count

    def follow(self, seconds: float = 2.0) -> None:
        """Asks again and again, until it is interrupted."""
        while True:
            self.poll()
            time.sleep(seconds)

    def close(self) -> None:
        """Writes everything and closes the event file."""
        self.writer.close()


def main() -> None:
    """Follows a run that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument("logs", type=Path, help="where event files are written")
    args = parser.parse_args()
    follower = Follower(args.run, args.logs)
    if not any((args.run / name).exists() for name in [*_LOGS, _RESULTS]):
        print(f"{args.run} holds no {', '.join(_LOGS)} or {_RESULTS} yet: waiting for one", file=sys.stderr)
    try:
        follower.follow()
    except KeyboardInterrupt:
        follower.close()


if __name__ == "__main__":
    main()
