#!/usr/bin/env python3
"""Broken inputs for everything that the program reads, each given to the real program under limits of time and memory.

    hostile.py --cases 4000                      all readers in turn
    hostile.py --reader suites --cases 500 --seed 7
    hostile.py --only suites:7:123 --keep DIR    one case again, its files kept

Case number i of a reader depends on the seed, the reader and i alone. A case is a problem if the program panics, is killed, takes more
processor time or memory than a broken file may cost, answers with an exit code that does not fit (an input that is certainly wrong must
never be accepted), says more than one line or 400 characters about it, lets a character through that a terminal would act on, or leaves
files behind that it should not. The exit code is 1 if there was any problem. `--keep` keeps the folders of such cases.
"""

from __future__ import annotations

import argparse
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

from hostile_inputs import ROOT, Case, Inputs

MEMORY = 256  # MiB beyond what the program takes at all
PATIENCE = 60.0  # seconds until a case is ended
LONGEST = 400  # characters of a line on standard error
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@dataclass
class Ended:
    """How the program ended."""

    code: int | None
    signal: int | None
    stdout: str
    stderr: str
    memory: float  # MiB
    seconds: float  # of the processor


class Program:
    def __init__(self, path: Path, cpu: int) -> None:
        self.path, self.cpu, self.base = path, cpu, 0.0

    def run(self, args: list[str], folder: Path, stdin: bytes | str = b"", limit: bool = True) -> Ended:
        """Runs the program in a folder of its own."""
        cpu = self.cpu if limit else 10 * self.cpu
        shell = f'ulimit -t {cpu}; ulimit -v 8388608; exec "$@"'
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
            if isinstance(stdin, bytes):
                given.write(stdin)
                given.seek(0)
                source = given
            else:
                source = open(stdin, "rb")  # noqa: SIM115
            words = [os.fsencode(word) if isinstance(word, str) else word for word in args]
            process = subprocess.Popen(
                [b"/bin/sh", b"-c", shell.encode(), b"sh", os.fsencode(self.path), *words],
                stdin=source, stdout=out, stderr=err, cwd=folder, start_new_session=True,
            )  # fmt: skip
            status, seconds, memory = self.wait(process.pid)
            code = process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            texts = [file.read(1 << 22).decode(errors="replace") for file in (out, err)]
        return Ended(code if code >= 0 else None, -code if code < 0 else None, *texts, memory, seconds)

    @staticmethod
    def wait(pid: int) -> tuple[int, float, float]:
        """Status, seconds of the processor and MiB of a process, ended when it has ended or patience has."""
        end, pause, memory = time.monotonic() + PATIENCE, 0.001, 0.0
        while True:
            # What the system adds up at the end counts the memory of the process that started this one, too.
            memory = max(memory, peak(pid))
            found, status, usage = os.wait4(pid, os.WNOHANG)
            if not found and time.monotonic() > end:
                os.killpg(pid, signal.SIGKILL)
                found, status, usage = os.wait4(pid, 0)
            if found:
                return status, usage.ru_utime + usage.ru_stime, memory
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
    """What is wrong with the words."""
    problems = []
    rows = [row for row in ended.stderr.split("\n") if row]
    for name, text in (("standard error", ended.stderr), ("standard output", ended.stdout)):
        if found := ACTS.search(text):
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
        if any(a == b and len(a) > 3 for a, b in zip(parts, parts[1:])):
            problems.append("says the same twice")
    return problems


def answered(stdout: str, expected: int) -> list[str]:
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
    """Makes the valid files that cases are made from; tells whether the program can train."""

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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=4000, help="cases, shared by the readers [4000]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", action="append", help="only this reader; may be given several times")
    parser.add_argument("--only", metavar="READER:SEED:NUMBER", help="only this case")
    parser.add_argument("--keep", type=Path, help="where the files of cases with problems are kept")
    parser.add_argument("--program", type=Path, help="[the newest build]")
    parser.add_argument("--cpu", type=int, default=5, help="processor seconds that a case may take [5]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    builds = [path for kind in ("release", "debug") if (path := ROOT / "target" / kind / "interregnum").exists()]
    path = options.program or max(builds, key=lambda p: p.stat().st_mtime, default=None)
    if path is None:
        sys.exit("hostile: build the program first: cargo build --release")
    program = Program(Path(path).resolve(), options.cpu)

    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        base = Path(scratch) / "base"
        base.mkdir()
        torch = prepare(program, base)
        inputs = Inputs(base, torch)
        if options.only:
            reader, seed, number = options.only.split(":")
            plan = [(reader, int(seed), int(number))]
        else:
            readers = options.reader or list(inputs.readers)
            plan = [(readers[i % len(readers)], options.seed, i // len(readers)) for i in range(options.cases)]
        if unknown := {reader for reader, *_ in plan} - set(inputs.readers):
            sys.exit(f"hostile: no reader {', '.join(unknown)}; there are {', '.join(inputs.readers)}")

        def one(planned: tuple[str, int, int]) -> tuple[str, Ended, int]:
            reader, seed, number = planned
            folder = Path(scratch) / f"{reader}-{number}"
            folder.mkdir()
            case = inputs.readers[reader](random.Random(f"{reader}:{seed}:{number}"), folder)
            ended = program.run(case.args, folder, case.stdin, limit=case.cost)
            problems = judge(case, ended, program.base)
            if problems:
                shown = " ".join(word if len(word) < 200 else word[:200] + "…" for word in case.args)
                print(f"{reader}:{seed}:{number} ({case.what}): {'; '.join(problems)}", file=sys.stderr)
                print(f"    {ascii(shown)}\n    {ascii(ended.stderr[:500])}", file=sys.stderr)
            if options.keep and (problems or options.only):
                target = options.keep / folder.name
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(folder, target, symlinks=True, ignore=lambda _, names: [n for n in names if n == "special"])
                (target / "stderr").write_text(ended.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            ended.stdout = ended.stderr = ""
            return reader, ended, len(problems)

        began = time.monotonic()
        with ThreadPoolExecutor(options.jobs) as pool:
            done = list(pool.map(one, plan))
    counts = Counter(reader for reader, *_ in done)
    codes = Counter(ended.code for _, ended, _ in done)
    problems = sum(1 for *_, found in done if found)
    most, longest = max(e.memory for _, e, _ in done), max(e.seconds for _, e, _ in done)
    print(", ".join(f"{reader} {count}" for reader, count in counts.items()))
    print(f"exit codes: {', '.join(f'{code}: {count}' for code, count in codes.most_common())}")
    print(f"at most {most:.0f} MiB ({program.base:.0f} without any input) and {longest:.1f} s of the processor; {time.monotonic() - began:.0f} s in all")
    print(f"hostile: {len(done)} cases, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
