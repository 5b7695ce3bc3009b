"""Runs on a Ray cluster: the same commands, the same bytes.

    python -m pyinterregnum.cluster train gardner --out runs/g --seed 1 --address auto --program ./interregnum
    python -m pyinterregnum.cluster stress standard --out runs/s
    python -m pyinterregnum.cluster match model:A.safetensors model:B.safetensors --variant gardner --shared-in runs/m --rounds 400

The command of the run goes on here (it *owns* the run: it trains, writes, decides), and offers its games in units; stateless tasks do them anywhere. A task
needs this package, and nothing of the run but the unit and its files, which travel through the object store. Lost workers cost what they were doing.
"""

import argparse
import collections
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import _native

# How often a unit may fail by itself, with the same error to be expected on any machine, before the run is given up.
MOST_FAILURES = 3
# Seconds between two looks for units.
PATIENCE = 0.02


def _work(job: bytes, unit: str, storage: str | None, hashes: list[str], *files: bytes) -> bytes:
    """What a task does: one unit. Its result travels back, or to `storage`, a folder or fsspec URL that driver and workers share."""
    sealed = _native.do_unit(job, unit, dict(zip(hashes, files, strict=True)), 1)
    if storage is None:
        return sealed
    fsspec = importlib.import_module("fsspec")
    name = f"{storage.rstrip('/')}/{json.loads(unit)['id']}"
    with fsspec.open(name, "wb") as file:
        file.write(sealed)
    return b""


def _stored(storage: str, unit_id: str) -> bytes:
    """A result that a worker has put into the storage, which is then removed."""
    fsspec = importlib.import_module("fsspec")
    system, path = fsspec.core.url_to_fs(f"{storage.rstrip('/')}/{unit_id}")
    with system.open(path, "rb") as file:
        sealed: bytes = file.read()
    system.rm(path)
    return sealed


class UnitFailed(RuntimeError):
    """A unit that fails by itself, wherever it is done."""


@dataclass
class Counts:
    """What a driver has seen."""

    done: int = 0
    lost: int = 0
    damaged: int = 0
    failed: int = 0


@dataclass
class Driver:
    """Moves units between a run directory and a Ray cluster."""

    run: Path
    # Units that are in flight at once, for each processor of the cluster.
    window: int = 2
    storage: str | None = None
    progress: bool = True
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.ray: Any = importlib.import_module("ray")
        # The driver itself asks again for what was lost, so that it can be named.
        task = self.ray.remote(num_cpus=1, max_retries=0, scheduling_strategy="SPREAD")
        self._task: Any = task(_work)
        self._flying: dict[Any, str] = {}
        self._queue: collections.deque[str] = collections.deque()
        self._job = b""
        self._state, self._read = (0, 0, 0), 0.0
        self._failures: dict[str, int] = {}
        self._jobs: dict[bytes, Any] = {}
        self._files: dict[str, Any] = {}
        self._nodes: dict[str, bool] = {}
        self._looked = 0.0
        self._bar: Any = None
        if self.progress:
            tqdm = importlib.import_module("tqdm.auto")
            self._bar = tqdm.tqdm(unit=" units", desc="cluster")

    def say(self, text: str) -> None:
        """Writes a line to standard error, above the bar."""
        if self._bar is not None:
            self._bar.write(f"cluster: {text}", file=sys.stderr)
        else:
            print(f"cluster: {text}", file=sys.stderr, flush=True)

    def step(self, timeout: float = PATIENCE) -> None:
        """Sends out what is pending, takes in what is done, and waits a moment if there is nothing to do."""
        self._look_at_nodes()
        self._look_for_units()
        self._send()
        if not self._flying:
            time.sleep(timeout)
            return
        ready, _ = self.ray.wait(list(self._flying), timeout=timeout)
        for reference in ready:
            self._receive(reference, self._flying.pop(reference))

    def _look_for_units(self) -> None:
        """Reads the list of units when it has changed, and now and then where there seems to be nothing to do: the owner may ask for a result again."""
        now = time.monotonic()
        try:
            seen = os.stat(self.run / "work" / "units.jsonl")
            state = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        except OSError:
            state = (0, 0, 0)
        idle = not self._queue and not self._flying and now > self._read + 1
        if state == self._state and not idle:
            return
        try:
            self._job, units = _native.pending_units(self.run)
        except _native.RunError:
            # The owner writes the job before the list of its units: what is half of each is whole at the next look.
            return
        self._state, self._read = state, now
        wanted = set(units)
        for reference in [reference for reference, unit in self._flying.items() if unit not in wanted]:
            # The owner has gone on without it: a sequential test was decided.
            self.ray.cancel(reference)
            del self._flying[reference]
        flying = set(self._flying.values())
        self._queue = collections.deque(unit for unit in units if unit not in flying)

    def _send(self) -> None:
        room = self.window * max(1, round(self.ray.cluster_resources().get("CPU", 1)))
        while self._queue and len(self._flying) < room:
            unit = self._queue.popleft()
            needed = _native.unit_needs(self._job, unit)
            try:
                new = {name: _native.unit_file(self.run, name) for name in needed if name not in self._files}
            except _native.RunError:
                return  # The owner has gone on meanwhile.
            if self._job not in self._jobs:
                self._jobs = {self._job: self.ray.put(self._job)}
            # Files that this unit does not need leave the object store with their references, once no task needs them.
            self._files = {name: self._files.get(name) or self.ray.put(new[name]) for name in needed}
            reference = self._task.remote(self._jobs[self._job], unit, self.storage, needed, *self._files.values())
            self._flying[reference] = unit

    def _receive(self, reference: Any, unit: str) -> None:
        exceptions, name = self.ray.exceptions, json.loads(unit)["id"]
        try:
            sealed = self.ray.get(reference)
        except exceptions.RayTaskError as error:
            self.counts.failed += 1
            self._failures[name] = self._failures.get(name, 0) + 1
            reason = str(error.cause if error.cause is not None else error).strip().splitlines()[-1]
            self.say(f"unit {name} failed: {reason}")
            if self._failures[name] >= MOST_FAILURES:
                raise UnitFailed(f"unit {name} has failed {MOST_FAILURES} times: {reason}") from error
            self._queue.append(unit)
            return
        except exceptions.RayError as error:
            # A worker, its node or its memory was lost: the unit is sent out again, however often that happens.
            self.counts.lost += 1
            self.say(f"unit {name} was lost ({type(error).__name__}), and is done again")
            self._queue.append(unit)
            return
        try:
            if self.storage is not None:
                sealed = _stored(self.storage, name)
            _native.put_result(self.run, unit, sealed)
        except (OSError, _native.RunError) as error:
            if not (self.run / "work" / "done").is_dir():
                return  # The run is finished without it.
            self.counts.damaged += 1
            self.say(f"unit {name}: {error}; it is done again")
            self._queue.append(unit)
            return
        self.counts.done += 1
        if self._bar is not None:
            self._bar.update()
            self._bar.set_postfix(flying=len(self._flying), lost=self.counts.lost, refresh=False)

    def _look_at_nodes(self) -> None:
        if time.monotonic() < self._looked + 2:
            return
        self._looked = time.monotonic()
        nodes = {node["NodeID"][:12]: bool(node["Alive"]) for node in self.ray.nodes()}
        for name, alive in nodes.items():
            if self._nodes.get(name, False) and not alive:
                self.say(f"node {name} was lost")
        self._nodes = nodes

    def close(self) -> None:
        """Cancels what is in flight."""
        for reference in self._flying:
            self.ray.cancel(reference, force=True)
        self._flying.clear()
        if self._bar is not None:
            self._bar.close()


def run_directory(words: Sequence[str]) -> Path:
    """The directory in which a command shares its work: that of `--out`, or of `--shared-in` for matches."""
    for name in ("--out", "--shared-in"):
        for place, word in enumerate(words):
            if word == name and place + 1 < len(words):
                return Path(words[place + 1])
            if word.startswith(f"{name}="):
                return Path(word.partition("=")[2])
    raise SystemExit("cluster: the command needs --out DIR, or --shared-in DIR for matches")


def drive(
    command: Sequence[str],
    *,
    program: Sequence[str] | None = None,
    unit_seconds: float = 2.0,
    window: int = 2,
    storage: str | None = None,
    progress: bool = True,
    counts: Counts | None = None,
) -> int:
    """Runs a command of `interregnum` (`train`, `stress`, `match` or `tournament` with its words) whose units a Ray cluster does, to which `ray.init` has connected
    this process. Returns its exit code. `counts` is told what happened to units.
    """
    own = [sys.executable, "-m", "pyinterregnum"]
    words = [*(program or own), *command, "--units", "wait", "--unit-seconds", str(unit_seconds)]
    owner = subprocess.Popen(words)
    driver = Driver(run_directory(command), window, storage, progress, counts or Counts())
    try:
        while owner.poll() is None:
            driver.step()
    except BaseException:
        # What the run has written is whole at any moment: the same command with --resume goes on, with a cluster or without.
        owner.terminate()
        raise
    finally:
        driver.close()
        owner.wait()
    return owner.returncode


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pyinterregnum.cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--address", help="of the cluster, `auto` for the one of this machine [default: a cluster of this machine alone]")
    parser.add_argument("--program", help="the program that owns the run; training needs one that was built with libtorch [default: this package's]")
    parser.add_argument("--unit-seconds", type=float, default=2.0, help="what a unit should take [default: %(default)s]")
    parser.add_argument("--window", type=int, default=2, help="units in flight for each processor [default: %(default)s]")
    parser.add_argument("--storage", metavar="URL", help="a folder or fsspec URL through which results travel [default: the object store]")
    parser.add_argument("command", choices=["train", "stress", "match", "tournament"], help="what to run, with its own words behind it")
    options, words = parser.parse_known_args()
    run_directory(words)
    if options.window < 1 or not options.unit_seconds > 0:
        parser.error("--window of 1 or more, --unit-seconds above 0 were expected")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    alone = {}
    if not options.address:
        # A cluster of this machine alone listens on its loopback and nowhere else. Ray does that where it takes itself to be on a desktop.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        alone = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
    ray = importlib.import_module("ray")
    ray.init(address=options.address, log_to_driver=False, logging_level="warning", **alone)
    try:
        return drive(
            [options.command, *words],
            program=[os.path.abspath(options.program)] if options.program else None,
            unit_seconds=options.unit_seconds,
            window=options.window,
            storage=options.storage,
        )
    except UnitFailed as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cluster: interrupted; the same command with --resume goes on", file=sys.stderr)
        return 130
    finally:
        ray.shutdown()


if __name__ == "__main__":
    sys.exit(main())
