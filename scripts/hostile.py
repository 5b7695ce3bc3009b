#!/usr/bin/env python3
"""Gives broken inputs to the program, for everything that it reads, under limits of time and memory.

    hostile.py --cases 4000                              all readers in turn
    hostile.py --reader suites --cases 500 --seed 7      one reader
    hostile.py --only suites:7:123 --keep DIR            case 123 of seed 7 once more; its files are kept

A reader is a part of the program that reads one kind of input. Case number i of a reader depends on the seed, the reader and i
alone. A case is a problem if the program panics, is killed, takes more processor time or memory than a broken file may cost,
answers with an exit code that does not fit (an input that is certainly wrong must never be accepted), says more than one line or
400 characters about it, writes a character that a terminal would act on, or leaves files behind that it should not. The exit code
is 1 if there was any problem. `--keep` keeps the folders of cases with problems.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hostile_inputs import Case, Inputs
from program import ROOT, command_parser

MEMORY = 256  # MiB that a case may take beyond what the program takes without any input
TIMEOUT = 60.0  # seconds until a case is ended
LONGEST = 400  # characters of a line on standard error
# Characters that a terminal acts on instead of showing them.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@dataclass
class Ended:
    """How the program ended."""

    code: int | None  # None if a signal ended it
    signal: int | None
    stdout: str
    stderr: str
    memory: float  # MiB
    seconds: float  # of the processor


@dataclass(frozen=True)
class Usage:
    """What a process ended with and what it took."""

    status: int  # as the system gives it
    seconds: float  # of the processor
    memory: float  # MiB


class Program:
    """The program under test, which may take `cpu` seconds of the processor for a case."""

    def __init__(self, path: Path, cpu: int) -> None:
        self.path, self.cpu = path, cpu
        self.base = 0.0  # MiB that it takes without any input

    def run(self, args: list[str], folder: Path, stdin: bytes = b"", limit: bool = True) -> Ended:
        """Runs the program in a folder; without `limit` it may take ten times the processor time."""
        cpu = self.cpu if limit else 10 * self.cpu
        shell = f'ulimit -t {cpu}; ulimit -v 8388608; exec "$@"'
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            words = [os.fsencode(word) for word in args]
            process = subprocess.Popen(
                [b"/bin/sh", b"-c", shell.encode(), b"sh", os.fsencode(self.path), *words],
                stdin=given, stdout=out, stderr=err, cwd=folder, start_new_session=True,
            )  # fmt: skip
            usage = self.wait(process.pid)
            code = process.returncode = os.waitstatus_to_exitcode(usage.status)
            out.seek(0)
            err.seek(0)
            stdout, stderr = (file.read(1 << 22).decode(errors="replace") for file in (out, err))
        exited = code >= 0
        return Ended(code if exited else None, None if exited else -code, stdout, stderr, usage.memory, usage.seconds)

    @staticmethod
    def wait(pid: int) -> Usage:
        """Waits for the end of a process, and kills it when it has taken too long."""
        end, pause, memory = time.monotonic() + TIMEOUT, 0.001, 0.0
        while True:
            # Asked for while the process runs: the system's sum at the end includes memory of the process that started it.
            memory = max(memory, peak(pid))
            found, status, usage = os.wait4(pid, os.WNOHANG)
            if not found and time.monotonic() > end:
                os.killpg(pid, signal.SIGKILL)
                found, status, usage = os.wait4(pid, 0)
            if found:
                return Usage(status, usage.ru_utime + usage.ru_stime, memory)
            time.sleep(pause)
            pause = min(2 * pause, 0.01)


def peak(pid: int) -> float:
    """The most memory that a process has taken so far, in MiB."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def judge(case: Case, ended: Ended, base: float) -> list[str]:
    """What is wrong with how a case ended."""
    problems = []
    if ended.signal == signal.SIGXCPU or ended.signal == signal.SIGKILL:
        problems.append("takes too long")
    elif ended.signal is not None:
        problems.append(f"died of {signal.Signals(ended.signal).name}")
    elif ended.code not in case.codes:
        problems.append(f"exit code {ended.code}; one of {case.codes} was expected")
    if case.wrong and ended.code == 0:
        problems.append("was accepted")
    if "panicked" in ended.stderr or "RUST_BACKTRACE" in ended.stderr:
        problems.append("panicked")
    if ended.memory > base + MEMORY:
        problems.append(f"takes {ended.memory:.0f} MiB")
    problems += spoken(ended)
    if ended.code == 2:
        problems += [f"leaves {path.name} behind" for path in case.absent if path.exists() or path.is_symlink()]
    for path, kind in case.unchanged.items():
        mode = path.lstat().st_mode
        right = {"fifo": stat.S_ISFIFO, "socket": stat.S_ISSOCK}.get(kind, stat.S_ISCHR)
        if not right(mode):
            problems.append(f"replaced the {kind}")
    if case.answers is not None:
        problems += answered(ended.stdout, case.answers)
    if case.ready and ended.code == 0 and (found := ended.stdout.split("\n").count("readyok")) not in case.ready:
        problems.append(f"{found} readyok for {case.ready[0]} isready")
    return problems


def spoken(ended: Ended) -> list[str]:
    """What is wrong with what the program wrote for its user."""
    problems = []
    rows = [row for row in ended.stderr.split("\n") if row]
    for name, text in (("standard error", ended.stderr), ("standard output", ended.stdout)):
        if found := CONTROL.search(text):
            at = found.start()
            problems.append(f"{name} has a raw {found.group()!r}: {text[max(0, at - 30) : at + 20]!r}")
    if long := [row for row in rows if len(row) > LONGEST]:
        problems.append(f"a line of {len(long[0])} characters on standard error")
    own = [row for row in rows if row.startswith("interregnum: ")]
    own = [row for row in own if not row.startswith(("interregnum: warning: ", "interregnum: weight files "))]
    usage = any(row.startswith("error: ") for row in rows)
    if ended.code in (1, 2) and len(own) != 1 and not usage:
        problems.append(f"{len(own)} lines say why")
    for row in own:
        parts = row.removeprefix("interregnum: ").split(": ")
        if any(a == b and len(a) > 3 for a, b in itertools.pairwise(parts)):
            problems.append("says the same twice")
    return problems


def answered(stdout: str, expected: int) -> list[str]:
    """What is wrong with the answers of `legal --stdin` to a number of questions."""
    rows = stdout.removesuffix("\n").split("\n")
    if len(rows) != expected:
        return [f"{len(rows)} answers to {expected} questions"]
    for row in rows:
        try:
            answer = json.loads(row)
        except json.JSONDecodeError:
            return [f"an answer that is no JSON: {row[:80]}"]
        if len(answer.get("error", "")) > LONGEST:
            return ["a long error in an answer"]
    return []


def prepare(program: Program, base: Path) -> bool:
    """Makes the valid files that cases are mutations of; returns whether the program can train."""

    def need(args: list[str], name: str | None = None) -> Ended:
        ended = program.run(args, base, limit=False)
        if ended.code != 0:
            sys.exit(f"hostile: {' '.join(args)}: {ended.stderr}")
        if name:
            (base / name).write_text(ended.stdout)
        return ended

    program.base = need(["variants", "list", "--json"], "variants.json").memory
    models = ["--models", str(ROOT / "models")]
    need(["stress", str(ROOT / "tests/data/small.toml"), "--out", str(base / "stress"), *models])
    (base / "match").mkdir()
    match = ["match", "random", "random", "--variant", "gardner", "--rounds", "3", "--maxmoves", "3", "--concurrency", "1"]
    need([*match, "--pgn", str(base / "match/games.pgn")])
    (base / "tournament.toml").write_text(
        'name = "small"\nvariant = "gardner"\nrounds = 2\nmax_plies = 4\n[[player]]\nname = "a"\nspec = "random"\n'
        '[[player]]\nname = "b"\nspec = "random"\n'
    )
    need(["tournament", str(base / "tournament.toml"), "--out", str(base / "tournament"), "--jobs", "1"])
    return "cannot train" not in program.run(["train", "x", "--out", str(base / "x")], base).stderr


@dataclass(frozen=True)
class Planned:
    """A case that is to be run."""

    reader: str
    seed: int
    number: int

    def __str__(self) -> str:
        return f"{self.reader}:{self.seed}:{self.number}"


@dataclass(frozen=True)
class Done:
    """A case that has been run."""

    reader: str
    code: int | None
    memory: float  # MiB
    seconds: float  # of the processor
    problems: int


@dataclass(frozen=True)
class Runner:
    """Runs cases, each in a folder of its own below `scratch`."""

    program: Program
    inputs: Inputs
    scratch: Path
    keep: Path | None  # where the folders of cases are kept
    keep_all: bool  # also those of cases without a problem

    def run(self, planned: Planned) -> Done:
        """Makes, runs and judges a case; problems are printed."""
        folder = self.scratch / f"{planned.reader}-{planned.number}"
        folder.mkdir()
        case = self.inputs.readers[planned.reader](random.Random(str(planned)), folder)
        ended = self.program.run(case.args, folder, case.stdin, limit=case.limited)
        problems = judge(case, ended, self.program.base)
        if problems:
            shown = " ".join(word if len(word) < 200 else word[:200] + "…" for word in case.args)
            print(f"{planned} ({case.what}): {'; '.join(problems)}", file=sys.stderr)
            print(f"    {ascii(shown)}\n    {ascii(ended.stderr[:500])}", file=sys.stderr)
        if self.keep and (problems or self.keep_all):
            target = self.keep / folder.name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(folder, target, symlinks=True, ignore=lambda _, names: [n for n in names if n == "special"])
            (target / "stderr").write_text(ended.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        return Done(planned.reader, ended.code, ended.memory, ended.seconds, len(problems))


def main() -> int:
    parser = command_parser(__doc__)
    parser.add_argument("--cases", type=int, default=4000, help="cases, shared by the readers [default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="[default: %(default)s]")
    parser.add_argument("--reader", action="append", help="only this reader; may be given several times")
    parser.add_argument("--only", metavar="READER:SEED:NUMBER", help="only this case")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the files of cases with problems are kept")
    parser.add_argument("--program", type=Path, help="the program under test [default: the newest build]")
    parser.add_argument("--cpu", type=int, default=5, help="processor seconds that a case may take [default: %(default)s]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="cases at a time [default: %(default)s]")
    options = parser.parse_args()
    builds = [build for kind in ("release", "debug") if (build := ROOT / "target" / kind / "interregnum").exists()]
    path: Path | None = options.program or max(builds, key=lambda build: build.stat().st_mtime, default=None)
    if path is None:
        sys.exit("hostile: build the program first: cargo build --release")
    program = Program(path.resolve(), options.cpu)

    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        base = Path(scratch) / "base"
        base.mkdir()
        inputs = Inputs(base, torch=prepare(program, base))
        if options.only:
            reader, seed, number = options.only.split(":")
            plan = [Planned(reader, int(seed), int(number))]
        else:
            readers = options.reader or list(inputs.readers)
            plan = [Planned(readers[i % len(readers)], options.seed, i // len(readers)) for i in range(options.cases)]
        if unknown := {planned.reader for planned in plan} - set(inputs.readers):
            sys.exit(f"hostile: no reader {', '.join(unknown)}; there are {', '.join(inputs.readers)}")
        runner = Runner(program, inputs, Path(scratch), options.keep, keep_all=bool(options.only))
        began = time.monotonic()
        with ThreadPoolExecutor(options.jobs) as pool:
            done = list(pool.map(runner.run, plan))
    counts = Counter(case.reader for case in done)
    codes = Counter(case.code for case in done)
    problems = sum(case.problems > 0 for case in done)
    print(", ".join(f"{reader} {count}" for reader, count in counts.items()))
    print(f"exit codes: {', '.join(f'{code}: {count}' for code, count in codes.most_common())}")
    print(
        f"at most {max(case.memory for case in done):.0f} MiB ({program.base:.0f} without any input) and "
        f"{max(case.seconds for case in done):.1f} s of the processor; {time.monotonic() - began:.0f} s in all"
    )
    print(f"hostile: {len(done)} cases, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
