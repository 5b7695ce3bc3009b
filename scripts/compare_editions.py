#!/usr/bin/env python3
"""Compares a run of the standard suite with the scores that its first edition published.

    compare_editions.py RUN_DIR

Every cell that both have must have the same score under every evaluator, to the last bit. Prints how many have, and those that differ.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "crates/regime/tests/data/first_edition.csv"
NAMES = 7


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    summary = json.loads((Path(sys.argv[1]) / "summary.json").read_text())
    columns = ["experiment", "shift", "agent", "opponent", "playouts", "opponent_playouts", "point"]
    found = {tuple(str(row[column]) for column in columns): row["seed_scores"] for row in summary["rows"]}
    same, differing, missing = 0, [], []
    with PUBLISHED.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            place, scores = tuple(row[:NAMES]), [float(score) for score in row[NAMES:]]
            if place not in found:
                missing.append(place)
            elif found[place] == scores:
                same += 1
            else:
                differing.append(place)
    for what, places in (("differs", differing), ("is missing", missing)):
        for place in places:
            print(", ".join(place), what)
    print(f"{same} cells have the published scores, {len(differing)} differ, {len(missing)} are missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
