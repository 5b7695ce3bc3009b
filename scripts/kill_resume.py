#!/usr/bin/env python3
"""Kills a training run at random moments and resumes it; it must end with the files of a run that was left alone.

    kill_resume.py [CONFIG] [--kills 5] [--seed 1] [--keep FOLDER]

CONFIG is what `interregnum train` takes; the default one takes seconds. Needs a build with the feature `torch`.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from pathlib import Path

from program import ROOT, command_parser, require, run_json


def train(binary: Path, config: str, out: Path, log: Path, resume: bool) -> subprocess.Popen[bytes]:
    """Starts a training run, or starts it again."""
    command = [str(binary), "train", config, "--out", str(out), *(["--resume"] if resume else [])]
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def finish(binary: Path, config: str, out: Path, log: Path, resume: bool) -> float:
    """Trains to the end; returns the seconds it took."""
    began = time.monotonic()
    status = train(binary, config, out, log, resume).wait()
    require(status == 0, f"training failed:\n{log.read_text(errors='replace')}")
    return time.monotonic() - began


def weights(binary: Path, out: Path) -> str:
    """The hash of the weights that a run has ended with."""
    return str(run_json(binary, "model", "show", str(out / "champion.safetensors"), "--json")["weights"])


# Holds times, which are all that may differ between two runs.
CLOCK = "clock.jsonl"


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a run directory by name, without that of times."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != CLOCK)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def differing(a: Path, b: Path) -> list[str]:
    """Files that only one run directory has, or that differ."""
    ours, theirs = contents(a), contents(b)
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def compare(args: argparse.Namespace, folder: Path) -> None:
    """Trains once undisturbed and once with kills; ends the script if the results differ."""
    quiet, killed, log = folder / "undisturbed", folder / "killed", folder / "log"
    took = finish(args.binary, args.config, quiet, log, resume=False)
    expected = weights(args.binary, quiet)
    print(f"undisturbed: {took:.1f} s, weights {expected}", flush=True)

    # A program that links libtorch takes long to start, and a kill before it has started tests nothing.
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
            require(process.returncode == 0, f"the run failed by itself:\n{log.read_text(errors='replace')}")
            break
    require(kills > 0, "the run was over before it could be killed; take a longer configuration")
    finish(args.binary, args.config, killed, log, resume=killed.exists())
    found = weights(args.binary, killed)
    print(f"killed {kills} times and resumed: weights {found}")
    require(found == expected, "the weights differ")
    files = differing(quiet, killed)
    # A kill during a write leaves a hidden temporary file. Nothing reads it, so it is mentioned but is no failure.
    litter = [name for name in files if Path(name).name.startswith(".")]
    if litter:
        print(f"left over from kills: {', '.join(litter)}")
    others = [name for name in files if name not in litter]
    require(not others, f"the run directories differ in {', '.join(others)}")


def main() -> None:
    parser = command_parser(__doc__)
    parser.add_argument("config", nargs="?", default="gardner-tiny", help="[default: %(default)s]")
    parser.add_argument("--binary", type=Path, default=ROOT / "target" / "debug" / "interregnum", help="a build that can train")
    parser.add_argument("--kills", type=int, default=5, help="[default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="of the moments [default: %(default)s]")
    parser.add_argument("--keep", type=Path, help="a new folder for both runs [default: a temporary one]")
    args = parser.parse_args()
    args.binary = args.binary.resolve()
    if args.keep:
        args.keep.mkdir(parents=True)
        compare(args, args.keep)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(args, Path(folder))


if __name__ == "__main__":
    main()
