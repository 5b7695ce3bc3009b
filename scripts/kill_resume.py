#!/usr/bin/env python3
"""Kills a training run at random moments, resumes it, and demands the weights of a run that was left alone.

    kill_resume.py [CONFIG] [--kills 5] [--seed 1] [--keep FOLDER]

CONFIG is one for `interregnum train`; the default takes seconds. Needs a build with the feature `torch`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def train(binary: Path, config: str, out: Path, log: Path, resume: bool) -> subprocess.Popen[bytes]:
    command = [str(binary), "train", config, "--out", str(out), *(["--resume"] if resume else [])]
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def finish(binary: Path, config: str, out: Path, log: Path, resume: bool) -> float:
    """Runs to the end; gives the seconds it took."""
    began = time.monotonic()
    if train(binary, config, out, log, resume).wait() != 0:
        raise SystemExit(f"kill_resume: training failed:\n{log.read_text(errors='replace')}")
    return time.monotonic() - began


def weights(binary: Path, out: Path) -> str:
    command = [str(binary), "model", "show", str(out / "champion.safetensors"), "--json"]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return str(answer["weights"])


# Times are the one thing that may differ.
CLOCK = "clock.jsonl"


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a run directory."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != CLOCK)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def differing(a: Path, b: Path) -> list[str]:
    """Files that only one run directory has, or that differ."""
    ours, theirs = contents(a), contents(b)
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def compare(args: argparse.Namespace, folder: Path) -> int:
    quiet, killed, log = folder / "undisturbed", folder / "killed", folder / "log"
    took = finish(args.binary, args.config, quiet, log, resume=False)
    expected = weights(args.binary, quiet)
    print(f"undisturbed: {took:.1f} s, weights {expected}", flush=True)

    # A program that links libtorch takes long to start: the kills are meant for the work.
    began = time.monotonic()
    subprocess.run([str(args.binary), "--version"], check=True, stdout=subprocess.DEVNULL)
    start = time.monotonic() - began
    rng = random.Random(args.seed)
    kills = 0
    for _ in range(args.kills):
        process = train(args.binary, args.config, killed, log, resume=killed.exists())
        delay = start + rng.uniform(0.0, 1.0) * max(took - start, 0.1) / args.kills
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            print(f"killed after {delay:.2f} s", flush=True)
        else:
            if process.returncode != 0:
                raise SystemExit(f"kill_resume: the run failed by itself:\n{log.read_text(errors='replace')}")
            break
    if kills == 0:
        raise SystemExit("kill_resume: the run was over before it could be killed; take a longer configuration")
    finish(args.binary, args.config, killed, log, resume=killed.exists())
    found = weights(args.binary, killed)
    print(f"killed {kills} times and resumed: weights {found}")
    if found != expected:
        print("kill_resume: the weights differ", file=sys.stderr)
        return 1
    files = differing(quiet, killed)
    # A kill in the midst of a write leaves the hidden temporary file, which nothing reads: said, but no failure.
    litter = [name for name in files if Path(name).name.startswith(".")]
    if litter:
        print(f"left over from kills: {', '.join(litter)}")
    if len(files) > len(litter):
        print(f"kill_resume: the run directories differ in {', '.join(set(files) - set(litter))}", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="gardner-tiny", help="[default: %(default)s]")
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "debug" / "interregnum", help="a build that can train")
    parser.add_argument("--kills", type=int, default=5, help="[default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="of the moments [default: %(default)s]")
    parser.add_argument("--keep", type=Path, help="a new folder for both runs [default: a temporary one]")
    args = parser.parse_args()
    args.binary = args.binary.resolve()
    if args.keep:
        args.keep.mkdir(parents=True)
        return compare(args, args.keep)
    with tempfile.TemporaryDirectory() as folder:
        return compare(args, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
