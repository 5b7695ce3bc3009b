"""Differential fuzzing of the rules against pyffish: random rule files, each played at random by both programs.

    python scripts/fuzz_rules --files 1000 --jobs 2 --state fuzz.jsonl --keep fuzz     a run that can be stopped and continued
    python scripts/fuzz_rules --focus castling --files 50          a family of keys, or one key, in every file
    python scripts/fuzz_rules --focus '?'                          the families and their keys
    python scripts/fuzz_rules --only 'maxFile|maxRank|startFen|king|rook|castling'         no file with any other key
    python scripts/fuzz_rules --stats --files 300                  which keys the files use; nothing is compared
    python scripts/fuzz_rules --show 17                            the text of file number 17

File number i depends on --seed, --focus, --only and i alone. Every file is generated and played in a process of its own, so
that a crash or a hang of pyffish costs that file alone. The games of a file end at its first difference; the other files are
played all the same. The exit code is 1 if any file differs, or is refused with a message that --allow-refusal does not match.

pyffish is asked about whole games (start and moves), as the outcome of some rules depends on the moves before. After a move it
detects checks by a short cut that is not always right: what it says about the game may contradict what it says about the FEN of
the same position. Either answer is accepted then; such positions are counted as ambiguous and end their game.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from fuzz_rules.families import FAMILIES, families_of
from fuzz_rules.pieces import NAMED
from fuzz_rules.rules import keys_of
from fuzz_rules.worker import Running, run
from program import add_binary, command_parser


def kind_of(message: str) -> str:
    """The message of a refusal without names, numbers and values, so that refusals for one reason are counted together."""
    message = re.sub(r"variant `fuzz\d+` was refused: |rules\.ini(:\d+)?: |\[?fuzz\d+\]?:? ", "", message)
    message = re.sub(r"\b\d+\b", "N", message)
    message = re.sub(r"(mobilityRegion)\w+", r"\1...", message)
    return re.sub(r"`[^`]*`", "`...`", message).splitlines()[0][:200]


def arguments() -> argparse.Namespace:
    parser = command_parser(__doc__)
    add_binary(parser)
    parser.add_argument("--files", type=int, default=1000, help="rule files [default: %(default)s]")
    parser.add_argument("--positions", type=int, default=100, help="positions per file [default: %(default)s]")
    parser.add_argument("--seed", default="1", help="[default: %(default)s]")
    parser.add_argument("--jobs", type=int, default=1, help="processes [default: %(default)s]")
    parser.add_argument("--state", type=Path, metavar="FILE.jsonl", help="has a line for every finished file; files with a line are not done again")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where failing files go, each with its first difference")
    parser.add_argument("--focus", help="a family of keys or a key that every file has; ? lists them")
    parser.add_argument("--only", type=re.compile, metavar="REGEX", help="the form of all keys that files may have")
    parser.add_argument("--allow-refusal", type=re.compile, metavar="REGEX", help="messages of refusals that are no failures")
    parser.add_argument("--pyffish-only", action="store_true", help="compare pyffish with itself: finds its crashes")
    parser.add_argument("--stats", action="store_true", help="generate only, and count the keys")
    parser.add_argument("--show", type=int, metavar="INDEX", help="print the rule file of an index")
    return parser.parse_args()


def read_state(args: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """The entries of `--state` by file number; ends the script if they belong to another seed, focus or `--only`."""
    if not args.state or not args.state.exists():
        return {}
    done: dict[int, dict[str, Any]] = {}
    for line in args.state.read_text().splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut off by a kill
        if entry["run"] != identity(args):
            raise SystemExit(f"{args.state} belongs to another run: {entry['run']}, not {identity(args)}")
        done[entry["index"]] = entry
    return done


def identity(args: argparse.Namespace) -> str:
    """What the files of a run depend on."""
    return f"seed {args.seed}, focus {args.focus}, only {args.only and args.only.pattern}"


def failing(entry: dict[str, Any], allowed: re.Pattern[str] | None) -> bool:
    """Whether a finished file counts against the program under test."""
    if entry["result"] == "refused":
        return not (allowed and allowed.search(entry["message"]))
    return entry["result"] in ("differs", "failed")


def summary(entries: list[dict[str, Any]], args: argparse.Namespace, seconds: float) -> int:
    """Prints how many files agreed, differed and were refused, and why; returns the exit code."""
    results = Counter(entry["result"] for entry in entries)
    seen: Counter[str] = Counter()
    for entry in entries:
        seen.update(entry.get("seen", {}))
    compared = results["agreed"] + results["differs"]
    print(f"files {len(entries)}: compared {compared}, agreed {results['agreed']}, differing {results['differs']}, "
          f"refused {results['refused']}, pyffish crashed {results['crashed']}, pyffish hung {results['hung']}, "
          f"other failures {results['failed']}, not generated {results['not generated']} ({seconds:.0f} s)")  # fmt: skip
    print(", ".join(f"{what} {count}" for what, count in sorted(seen.items())))
    refusals = [entry for entry in entries if entry["result"] == "refused"]
    for message, count in Counter(kind_of(entry["message"]) for entry in refusals).most_common():
        allowed = args.allow_refusal and any(
            args.allow_refusal.search(e["message"]) for e in refusals if kind_of(e["message"]) == message
        )
        print(f"  refused {count}: {message}{' (allowed)' if allowed else ''}")
    for entry in entries:
        if entry["result"] in ("differs", "failed", "hung", "crashed"):
            lines = entry["message"].splitlines()
            # The last line of a difference says how to repeat it, the one before what differs.
            line = lines[-2] if lines[-1].startswith("repeat with") else lines[-1]
            print(f"  {entry['result']} {entry['index']}: {line[:160]}")
    failures = [entry for entry in entries if failing(entry, args.allow_refusal)]
    return 1 if failures or not entries else 0


def statistics(texts: list[str], seconds: float) -> None:
    """Prints how many of the files use each key."""
    counts: Counter[str] = Counter()
    special: list[int] = []
    for text in texts:
        keys = [re.sub(r"^(mobilityRegion|customPiece)\w+", r"\1...", key) for key in keys_of(text)]
        counts.update(set(keys))
        special.append(len([key for key in keys if key not in NAMED and not key.startswith(("custom", "king", "max", "startFen"))]))
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{key:32} {count:5} {100 * count / len(texts):6.1f} %")
    special.sort()
    middle, most = special[len(special) // 2], special[-1]
    print(f"{len(texts)} files in {seconds:.0f} s; keys besides pieces, size and start: median {middle}, most {most}")


def main() -> int:
    args = arguments()
    if args.focus == "?":
        for f in FAMILIES.values():
            print(f"{f.name}: {' '.join(f.keys)}")
        return 0
    if args.focus:
        families_of(args.focus)
    began = time.monotonic()
    if args.show is not None:
        args.stats = True
        shown: list[Running] = []
        run(args, [args.show], shown.append)
        print(shown[0].rules or shown[0].result)
        return 0
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    done = read_state(args)
    texts: list[str] = []
    entries = dict(done)

    def finished(running: Running) -> None:
        assert running.result is not None
        seen = running.result.get("seen", {})
        entry = {"index": running.index, "positions": seen.get("positions", 0), **running.result, "run": identity(args),
                 "seconds": round(time.monotonic() - running.began, 1)}  # fmt: skip
        entries[running.index] = entry
        texts.extend([running.rules] if running.rules else [])
        if args.state:
            with args.state.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        if args.keep and running.rules and (failing(entry, args.allow_refusal) or entry["result"] in ("crashed", "hung")):
            (args.keep / f"{running.index}.ini").write_text(running.rules)
            (args.keep / f"{running.index}.txt").write_text(f"{entry['result']}\n{entry['message']}\n")
        if len(entries) % 50 == 0 and not args.stats:
            counted = Counter(e["result"] for e in entries.values())
            print(f"{len(entries)} files, {time.monotonic() - began:.0f} s: {dict(counted)}", file=sys.stderr, flush=True)

    run(args, [index for index in range(args.files) if index not in done], finished)
    seconds = time.monotonic() - began
    if args.stats:
        statistics(texts, seconds)
        print(dict(Counter(entry["result"] for entry in entries.values())))
        return 0
    return summary([entries[index] for index in sorted(entries)], args, seconds)
