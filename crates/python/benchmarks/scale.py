#!/usr/bin/env python3
"""How a training run scales with workers: a discrete-event model of one generation, fed with measured numbers.

    python benchmarks/scale.py [--game-seconds 0.012] [--train-seconds 8] [--svg scale.svg]

Workers take units of self-play from one driver, which sends and receives one thing after another, over a network of a given bandwidth; the owner of the run
takes results in, in their order, then trains, then the gate is played in units as well. What is measured is stated by the arguments; nothing else is assumed.
"""

import argparse
import heapq
from dataclasses import dataclass

WORKERS = [10, 30, 100, 300, 1000, 3000, 10000]


@dataclass(frozen=True)
class Costs:
    """Seconds, bytes and counts of a run."""

    games: int
    game_seconds: float
    unit_seconds: float
    gate_pairs: int
    pair_seconds: float
    train_seconds: float
    send_seconds: float
    receive_seconds: float
    take_game_seconds: float
    game_bytes: float
    bandwidth: float
    window: int = 2


def phase(workers: int, units: int, unit_seconds: float, unit_bytes: float, take_seconds: float, costs: Costs) -> tuple[float, float]:
    """Seconds until all units are taken in, and the share of that time in which the driver was busy."""
    free_driver = free_owner = busy = 0.0
    # A worker has up to `window` units at a time, so that it seldom waits for the driver: times at which its next unit may begin.
    ready = [0.0] * workers
    heapq.heapify(ready)
    flying: list[float] = []
    sent = done = 0
    while done < units:
        # The driver sends while there is room, else it receives what has come first.
        if sent < units and len(flying) < costs.window * workers:
            free_driver += costs.send_seconds
            busy += costs.send_seconds
            begin = max(heapq.heappop(ready), free_driver)
            end = begin + unit_seconds
            heapq.heappush(ready, end)
            heapq.heappush(flying, end)
            sent += 1
            continue
        arrival = heapq.heappop(flying)
        cost = costs.receive_seconds + unit_bytes / costs.bandwidth
        free_driver = max(free_driver, arrival) + cost
        busy += cost
        free_owner = max(free_owner, free_driver) + take_seconds
        done += 1
    return free_owner, busy / free_owner


def generation(workers: int, costs: Costs) -> tuple[float, float, float]:
    """Games per second over a whole generation, the driver's load while games are played, and the share of the time that training takes."""
    # As the owner does it: units of the wanted length, but at least as many as there are workers where there are enough games.
    per_unit = max(1, min(int(costs.unit_seconds / costs.game_seconds), costs.games // workers or 1))
    units = -(-costs.games // per_unit)
    play, load = phase(workers, units, per_unit * costs.game_seconds, per_unit * costs.game_bytes, per_unit * costs.take_game_seconds, costs)
    pairs = max(1, min(int(costs.unit_seconds / costs.pair_seconds), costs.gate_pairs // workers or 1))
    gate, _ = phase(workers, -(-costs.gate_pairs // pairs), pairs * costs.pair_seconds, 0.0, 0.0, costs)
    whole = play + costs.train_seconds + gate
    return costs.games / whole, load, costs.train_seconds / whole


def picture(curves: dict[str, list[float]], path: str) -> None:
    """A figure of games per second over workers, both on logarithmic axes."""
    import math

    width, height, left, top = 640, 360, 70, 20
    most = max(max(values) for values in curves.values())
    least = min(min(values) for values in curves.values())
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    x = lambda w: left + (width - left - 150) * (math.log10(w) - 1) / 3
    y = lambda v: height - 50 - (height - 50 - top) * (math.log10(v) - low) / (high - low)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">']
    parts.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    for power in range(1, 5):
        parts.append(f'<text x="{x(10**power)}" y="{height - 30}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low, high + 1):
        parts.append(f'<text x="{left - 8}" y="{y(10**power) + 4}" text-anchor="end">{10**power:,}</text>')
        parts.append(f'<line x1="{left}" x2="{x(10000)}" y1="{y(10**power)}" y2="{y(10**power)}" stroke="#d0d7de"/>')
    parts.append(f'<text x="{(left + x(10000)) / 2}" y="{height - 10}" text-anchor="middle">workers</text>')
    parts.append(f'<text x="14" y="{(height - 50 + top) / 2}" transform="rotate(-90 14 {(height - 50 + top) / 2})" text-anchor="middle">games/s</text>')
    for number, (name, values) in enumerate(curves.items()):
        colour, dash = ["#0b62a3", "#b25900", "#1a7f37"][number % 3], ["", "6 3", "2 3"][number % 3]
        points = " ".join(f"{x(w):.1f},{y(v):.1f}" for w, v in zip(WORKERS, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts.append(f'<text x="{x(10000) + 6}" y="{y(values[-1]) + 4}" fill="{colour}">{name}</text>')
    with open(path, "w") as file:
        file.write("\n".join([*parts, "</svg>\n"]))


def main() -> None:
    """Prints the table, and draws the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    number = lambda name, default, text: parser.add_argument(name, type=float, default=default, help=f"{text} [default: %(default)s]")
    number("--games", 3000, "games of a generation")
    number("--game-seconds", 0.012, "of one game on one worker")
    number("--unit-seconds", 2.0, "that a unit should take")
    number("--gate-pairs", 100, "pairs of a gate")
    number("--pair-seconds", 0.02, "of one pair of the gate")
    number("--train-seconds", 8.0, "of the gradient steps of a generation")
    number("--send-seconds", 0.002, "of the driver, to send a unit")
    number("--receive-seconds", 0.002, "of the driver, to receive a result")
    number("--take-game-seconds", 0.0003, "of the owner, to take a game in")
    number("--game-bytes", 4000, "of the result of one game")
    number("--bandwidth", 1.25e8, "of the driver's network, bytes per second")
    parser.add_argument("--svg", help="file to draw the figure to")
    args = vars(parser.parse_args())
    svg = args.pop("svg")
    costs = Costs(**{name: int(value) if name in {"games", "gate_pairs"} else value for name, value in args.items()})
    bigger = Costs(**{**costs.__dict__, "games": costs.games * 30})
    fast = Costs(**{**bigger.__dict__, "train_seconds": costs.train_seconds})
    runs = {"as configured": costs, "30 x the games": bigger, "and a GPU trains": fast}
    runs["30 x the games"] = Costs(**{**bigger.__dict__, "train_seconds": costs.train_seconds * 30})
    print("| workers | " + " | ".join(f"{name}: games/s, driver's load, training's share" for name in runs) + " |")
    print("| ---: |" + " --- |" * len(runs))
    curves: dict[str, list[float]] = {name: [] for name in runs}
    for workers in WORKERS:
        cells = []
        for name, setting in runs.items():
            speed, load, share = generation(workers, setting)
            curves[name].append(speed)
            cells.append(f"{speed:,.0f}, {load:.0%}, {share:.0%}")
        print(f"| {workers:,} | " + " | ".join(cells) + " |")
    if svg:
        picture(curves, svg)


if __name__ == "__main__":
    main()
