"""Every rule file in a process of its own, so that a crash or a hang of pyffish costs that file alone."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import multiprocessing.connection
import os
import random
import re
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oracle
from fuzz_rules.match import Match, Pyffish
from fuzz_rules.rules import valid_rules
from program import Interregnum

TIMEOUT = 60.0  # seconds for a file, then its process is killed
TIME_TO_STOP = 40.0  # seconds after which no new position of a file is compared


def examine(index: int, args: argparse.Namespace, pipe: multiprocessing.connection.Connection, phase: Any) -> None:
    """Generates and compares file number `index`, in a process of its own.

    Sends one or two dictionaries through the pipe: `rules` with the text, and `result` with what it names. `phase` is an
    integer shared with the parent process: 1 while the program under test is asked, else 0.
    """
    # A group of its own, so that the parent can kill the program under test along with this process.
    os.setpgid(0, 0)
    with tempfile.TemporaryDirectory(prefix="fuzz_rules") as folder:
        messages = Path(folder) / "stderr"
        # Both programs write their complaints to standard error.
        os.dup2(os.open(messages, os.O_WRONLY | os.O_CREAT), 2)
        rng = random.Random(f"{args.seed}/{args.focus}/{args.only and args.only.pattern}/{index}")
        name = f"fuzz{index}"
        try:
            text = valid_rules(rng, name, args.focus, args.only)
        except SystemExit as error:
            pipe.send({"result": "not generated", "message": str(error)})
            return
        pipe.send({"rules": text})
        if args.stats:
            pipe.send({"result": "generated"})
            return
        path = Path(folder) / "rules.ini"
        path.write_text(text)
        os.truncate(messages, 0)
        result: dict[str, Any] = {"result": "agreed"}
        match: Match | None = None
        try:
            with Pyffish() if args.pyffish_only else Interregnum(args.binary, path) as engine:
                match = Match(name, text, rng, engine, phase, time.monotonic() + TIME_TO_STOP)
                match.play(args.positions)
        except oracle.Difference as difference:
            result = {"result": "differs", "message": str(difference)}
        except (RuntimeError, BrokenPipeError, json.JSONDecodeError) as error:
            said = messages.read_text(errors="replace").strip()
            if (match is None or not match.seen["positions"]) and "panicked" not in said:
                # Nothing was compared yet, so it is the file that the program under test does not take.
                result = {"result": "refused", "message": refusal(error, said).replace(str(path), "rules.ini")}
            else:
                result = {"result": "differs", "message": f"{error}\n{said}".strip()}
        except Exception:  # pyffish raises ValueError and SystemError for what it cannot do
            result = {"result": "failed", "message": traceback.format_exc()}
        if match:
            result["seen"] = dict(match.seen)
        pipe.send(result)


def refusal(error: Exception, said: str) -> str:
    """Why the program under test refused a file: its last error on standard error (`said`), or the answer it gave."""
    lines = [line for line in said.splitlines() if line.startswith("interregnum: ") and "warning: " not in line]
    return lines[-1] if lines else re.sub(r"^.*refused \{.*\}: ", "", str(error))


@dataclass
class Running:
    """A file being examined."""

    index: int
    process: Any
    receiver: Any  # the end of the pipe from which to read what the process sends
    phase: Any  # see `examine`
    began: float  # on the monotonic clock
    rules: str = ""  # the text of the file, once it is known
    result: dict[str, Any] | None = None


def start(context: Any, index: int, args: argparse.Namespace) -> Running:
    """Starts the process of a file."""
    receiver, sender = context.Pipe(duplex=False)
    phase = context.RawValue("i", 0)
    process = context.Process(target=examine, args=(index, args, sender, phase), daemon=True)
    process.start()
    sender.close()
    return Running(index, process, receiver, phase, time.monotonic())


def stop(running: Running) -> None:
    """Kills the process of a file and the program it started."""
    try:
        os.killpg(running.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        running.process.kill()
    running.process.join()


def run(args: argparse.Namespace, todo: list[int], finished: Callable[[Running], None]) -> None:
    """Examines the files of the numbers in `todo`, `args.jobs` at a time, and hands over each that has its result."""
    context = multiprocessing.get_context("fork")
    queue = list(reversed(todo))
    active: dict[Any, Running] = {}
    try:
        while queue or active:
            while queue and len(active) < args.jobs:
                running = start(context, queue.pop(), args)
                active[running.receiver] = running
            for receiver in multiprocessing.connection.wait(list(active), timeout=1.0):
                running = active[receiver]
                try:
                    news = running.receiver.recv()
                except EOFError:
                    del active[receiver]
                    running.process.join(5.0)
                    if running.result is None:
                        code = running.process.exitcode
                        whose = "the program under test" if running.phase.value else "pyffish"
                        running.result = {"result": "crashed", "message": f"the process ended with {code} while {whose} was asked"}
                    stop(running)
                    finished(running)
                    continue
                if "rules" in news:
                    running.rules = news["rules"]
                else:
                    running.result = news
            for receiver, running in list(active.items()):
                if time.monotonic() - running.began > TIMEOUT:
                    stop(running)
                    del active[receiver]
                    if running.phase.value:
                        running.result = {"result": "differs", "message": "the program under test hung"}
                    else:
                        running.result = {"result": "hung", "message": "pyffish hung"}
                    finished(running)
    finally:
        for running in active.values():
            stop(running)
