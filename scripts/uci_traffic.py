#!/usr/bin/env python3
"""Random UCI traffic: commands that make sense, commands that nearly do, and noise, in any order and at any time.

    uci_traffic.py --seconds 3600 [--seed 1]

The engine must stay alive, answer every `isready`, give one `bestmove` for every `go`, and keep its memory. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import oracle

PATIENCE = 60.0  # seconds for an answer
HASH = 16  # MiB
# What the program takes beside its tree, in MiB: code, tables of the rules, an evaluator.
BESIDE = 200
VARIANTS = ["chess", "gardner", "losalamos", "crazyhouse", "atomic", "antichess", "no-such-variant", ""]
FENS = [
    "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
    "4k3/8/4K3/8/8/8/8/7R w - - 0 1",
    "k1k5/8/8/8/8/8/8/K7 w - - 0 1",
    "8/8/8/8/8/8/8/8 w - - 0 1",
    "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1",
]
MOVES = ["e2e4", "e7e5", "g1f3", "b2b3", "a7a8q", "P@e4", "e1g1", "zz", "0000"]
WORDS = ["go", "position", "fen", "startpos", "moves", "setoption", "name", "value", "nodes", "-1", "99999999999999999999", "\u00e9", "\x00"]


def go(rng: random.Random) -> str:
    limits = [
        f"nodes {rng.choice([0, 1, 50, 400, 10**12])}",
        f"movetime {rng.choice([-5, 0, 1, 30])}",
        f"wtime {rng.randrange(-10, 300)} btime {rng.randrange(-10, 300)} winc 1 binc 1 movestogo {rng.randrange(0, 3)}",
        "infinite",
        "ponder movetime 20",
        "depth 3",
        "mate 2",
        "",
    ]
    chosen = " searchmoves " + " ".join(rng.sample(MOVES, 2)) if rng.random() < 0.2 else ""
    return f"go {rng.choice(limits)}{chosen}"


def command(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.3:
        return go(rng)
    if kind < 0.55:
        place = rng.choice(["startpos", f"fen {rng.choice(FENS)}"])
        moves = " ".join(rng.choices(MOVES, k=rng.randrange(4)))
        return f"position {place}" + (f" moves {moves}" if moves else "")
    if kind < 0.7:
        name, value = rng.choice(
            [
                ("UCI_Variant", rng.choice(VARIANTS)),
                ("Hash", str(rng.choice([1, HASH, 0, -3, "x"]))),
                ("UCI_ShowWDL", rng.choice(["true", "false", "perhaps"])),
                ("Threads", str(rng.choice([1, 2, 3, 0, 10**9]))),
                ("Batch", str(rng.choice([0, 1, 7, 256, -1]))),
                ("MultiPV", str(rng.choice([1, 2, 5, 0, 1000]))),
                ("Ponder", rng.choice(["true", "false", "?"])),
                ("EvalFile", rng.choice(["<empty>", "no/such/file", "models/gardner-1.safetensors"])),
                ("VariantPath", rng.choice(["<empty>", "no/such/file"])),
                ("Nonsense", "1"),
            ]
        )
        return f"setoption name {name} value {value}"
    if kind < 0.9:
        return rng.choice(["ucinewgame", "uci", "d", "stop", "ponderhit", "isready", "debug on", "register later"])
    return " ".join(rng.choices(WORDS, k=rng.randrange(1, 8)))


class Engine:
    """The engine with a thread that reads its answers."""

    def __init__(self, binary: Path) -> None:
        self.process = subprocess.Popen([binary, "uci"], cwd=oracle.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.answers: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.answers.put(line.decode(errors="replace").strip())
        self.answers.put(None)

    def send(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, word: str) -> int:
        """Reads until an answer that begins with `word`; the number of best moves on the way."""
        best = 0
        while True:
            try:
                line = self.answers.get(timeout=PATIENCE)
            except queue.Empty:
                raise SystemExit(f"uci_traffic: no `{word}` within {PATIENCE:.0f} s") from None
            if line is None:
                assert self.process.stderr
                raise SystemExit(f"uci_traffic: the engine ended: {self.process.stderr.read().decode(errors='replace')[-2000:]}")
            best += line.startswith("bestmove")
            if line.startswith(word):
                return best

    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=oracle.DEFAULT_BINARY, help="the program under test")
    parser.add_argument("--seconds", type=float, default=60, help="[default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="[default: %(default)s]")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    engine = Engine(args.binary)
    engine.send(f"setoption name Hash value {HASH}")
    began, sent, searches, most = time.monotonic(), 0, 0, 0.0
    while time.monotonic() - began < args.seconds:
        text = command(rng)
        sent += 1
        engine.send(text)
        if text.split()[:1] == ["go"]:
            searches += 1
            # Some searches are left alone for a while, some are disturbed; each must answer once.
            for _ in range(rng.randrange(3)):
                engine.send(rng.choice(["isready", "ponderhit", "position startpos", "uci", "noise"]))
            if rng.random() < 0.3:
                time.sleep(rng.random() * 0.05)
            engine.send("stop")
            if engine.wait_for("bestmove") != 1:
                raise SystemExit(f"uci_traffic: not one bestmove for `{text}`")
        engine.send("isready")
        if engine.wait_for("readyok"):
            raise SystemExit(f"uci_traffic: a bestmove that nobody asked for after `{text}`")
        most = max(most, engine.memory())
        if most > HASH + BESIDE:
            raise SystemExit(f"uci_traffic: {most:.0f} MiB with a Hash of {HASH}, after `{text}`")
    engine.send("quit")
    if engine.process.wait(timeout=PATIENCE) != 0:
        raise SystemExit("uci_traffic: the engine did not end well")
    print(f"uci traffic passed: {sent} commands, {searches} searches, at most {most:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
