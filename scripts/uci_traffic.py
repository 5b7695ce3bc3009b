#!/usr/bin/env python3
"""Random UCI traffic that waits for nothing: commands that make sense, commands that nearly do, and noise, with racing `stop`s.

    uci_traffic.py --seconds 3600 [--seed 1]

A model of the protocol goes along. The engine must answer every `go` with one `bestmove`, in order, legal in the position that its
`go` was meant for (pyffish is the referee; the same for the reply that it expects), every `isready` and `uci` once, `isready` during
searches, too; it must stay alive, end well after `quit` and at the end of its input, and keep its memory. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import queue
import random
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import chess
import pyffish

import oracle

PATIENCE = 60.0  # seconds for an answer
HASH = 16  # MiB
# What the program takes beside its tree, in MiB: code, tables of the rules, an evaluator.
BESIDE = 200
# Commands between two moments at which everything has been answered, at most.
BURST = 25
# Bursts of one process, at most.
BURSTS = 150
# Names of variants, and what pyffish calls them; None is refused.
VARIANTS: dict[str, str | None] = {
    "chess": "chess",
    "Gardner": "gardner",
    "losalamos": "losalamos",
    "crazyhouse": "crazyhouse",
    "atomic": "atomic",
    "antichess": "antichess",
    "3check": "3check",
    "chess960": "chess",
    "fischerandom": "chess",
    "no such variant": None,
    "xiangqi": None,
    "": None,
}
SHUFFLED = {"chess960", "fischerandom"}
# The board that a network fits.
EVALUATORS: dict[str, str | None] = {
    "<empty>": "any",
    "models/gardner-1.safetensors": "gardner",
    "gardner-2": "gardner",
    "no/such/file": None,
}
# Positions of chess at which games end, or could.
FENS = [
    "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
    "4k3/8/4K3/8/8/8/8/7R w - - 0 1",
    "7k/5Q2/6K1/8/8/8/8/8 b - - 0 1",
    "R5k1/5ppp/8/8/8/8/8/K7 b - - 0 1",
    "4k3/8/8/8/8/8/4P3/4K3 w - - 100 90",
    "4k3/8/8/8/8/8/4P3/4K3 w - - 150 90",
]
REFUSED = [
    "position",
    "position nonsense",
    "position fen",
    "position startpos moves zz",
    "position startpos moves 0000",
]
# Positions of some variants.
DOUBTFUL = ["8/8/8/8/8/8/8/8 w - - 0 1", "k1k5/8/8/8/8/8/8/K7 w - - 0 1", *FENS]
WORDS = ["position", "fen", "startpos", "moves", "setoption", "name", "value", "nodes", "-1", "99999999999999999999", "\u00e9", "\x00"]
# What a `go` may be answered with.
Answers = frozenset[str]
NONE: Answers = frozenset(["(none)"])


@dataclass(frozen=True)
class Place:
    """A position of a game, as pyffish has it."""

    variant: str
    fen: str
    moves: tuple[str, ...]
    chess960: bool

    def legal(self, more: tuple[str, ...] = ()) -> Answers:
        return frozenset(pyffish.legal_moves(self.variant, self.fen, [*self.moves, *more], self.chess960))


@dataclass(frozen=True)
class Search:
    """A `go` that was sent."""

    command: str
    # Where nobody can say what the engine made of the position.
    place: Place | None
    answers: Answers | None


@dataclass
class Model:
    """What the engine should be playing."""

    rng: random.Random
    name: str = "chess"
    chess960: bool = False
    evaluator: str | None = "any"
    # The position; "refused", or "unknown" where the engine's view cannot be told.
    place: Place | str = "unknown"
    searches: list[Search] = field(default_factory=list)
    # Whether a search was asked for that does not end by itself soon.
    endless: bool = False
    sent: dict[str, int] = field(default_factory=lambda: {"isready": 0, "uci": 0})

    @property
    def variant(self) -> str | None:
        return VARIANTS[self.name]

    @property
    def shuffled(self) -> bool:
        return self.chess960 or self.name in SHUFFLED

    def start(self) -> None:
        """The start position of the variant."""
        variant = self.variant
        self.place = Place(variant, pyffish.start_fen(variant), (), self.shuffled) if variant else "refused"

    def position(self) -> str:
        variant = self.variant
        if variant is None or self.rng.random() < 0.12:
            self.place = "refused"
            return self.rng.choice(REFUSED) if variant else "position startpos"
        if self.rng.random() < 0.08:
            self.place = "unknown"
            return f"position fen {self.rng.choice(DOUBTFUL)} moves {self.rng.choice(['', 'e1g1', 'zz', 'e2e4'])}"
        fen = pyffish.start_fen(variant)
        text = "startpos"
        if variant == "chess" and self.rng.random() < 0.5:
            fen = self.rng.choice(FENS)
            if self.shuffled:
                board = chess.Board.from_chess960_pos(self.rng.randrange(960))
                fen = board.fen(shredder=self.rng.random() < 0.5)
            text = f"fen {fen}"
        place = Place(variant, fen, (), self.shuffled)
        written = []
        # Some games go to and fro, until a draw could be claimed.
        shuffle = self.rng.random() < 0.2
        for _ in range(self.rng.choice([0, 1, 2, 5, 20, 40])):
            legal = sorted(place.legal())
            if not legal:
                break
            move = self.rng.choice(legal)
            back = place.moves[-2] if len(place.moves) > 1 else ""
            if shuffle and back[2:4] + back[:2] in legal:
                move = back[2:4] + back[:2]
            written.append(self.write(place, move, legal))
            place = replace(place, moves=(*place.moves, move))
        self.place = place
        return f"position {text}" + (f" moves {' '.join(written)}" if written else "")

    def write(self, place: Place, move: str, legal: list[str]) -> str:
        """The move, with castling in one of the two ways of writing it."""
        if place.variant != "chess" or self.rng.random() < 0.5:
            return move
        fen = pyffish.get_fen(place.variant, place.fen, list(place.moves), place.chess960)
        board = chess.Board(fen, chess960=True)
        parsed = board.parse_uci(move)
        if not board.is_castling(parsed):
            return move
        rook = chess.square_name(parsed.to_square)
        target = ("g" if parsed.to_square > parsed.from_square else "c") + move[1]
        other = move[:2] + (target if place.chess960 else rook)
        return move if other in legal else other

    def go(self) -> str:
        rng = self.rng
        limits = [
            f"nodes {rng.choice([0, 1, 50, 400])}",
            f"movetime {rng.choice([-5, 0, 1, 30])}",
            f"wtime {rng.randrange(-10, 300)} btime {rng.randrange(-10, 300)} winc 1 binc 1 movestogo {rng.randrange(0, 3)}",
            f"depth 3 nodes {rng.randrange(1, 200)} movetime 50",
            "mate 2 movetime 20 nodes 100",
            "nodes 30 perft 3 depth",
        ]
        endless = ["infinite", "ponder movetime 20", "ponder nodes 5", "infinite nodes 10", "mate 2", "depth 30", "nodes 1000000000000", ""]
        limit = rng.choice(limits)
        if rng.random() < 0.4:
            limit = rng.choice(endless)
            self.endless = True
        place = self.place if isinstance(self.place, Place) else None
        answers: Answers | None = None
        unfit = self.evaluator is None or self.evaluator not in ("any", self.variant)
        if self.variant is None or self.place == "refused" or unfit:
            answers, place = NONE, None
        elif place:
            answers = place.legal() or NONE
        chosen = ""
        if rng.random() < 0.15:
            moves = [rng.choice(["e2e4", "b2b3", "zz", "0000", "P@e4"])]
            if place and answers and answers != NONE:
                moves += rng.sample(sorted(answers), min(2, len(answers)))
                answers = (answers & frozenset(moves)) or answers
            chosen = " searchmoves " + " ".join(moves)
        command = f"go {limit}{chosen}"
        self.searches.append(Search(command, place, answers))
        return command

    def option(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.3:
            self.name = rng.choice(list(VARIANTS))
            self.start()
            return f"setoption name UCI_Variant value {self.name}"
        if kind < 0.4:
            on = rng.random() < 0.5
            if on != self.chess960:
                self.chess960 = on
                fresh = isinstance(self.place, Place) and not self.place.moves and self.place.fen == pyffish.start_fen(self.place.variant)
                if fresh:
                    self.start()
                elif self.variant:
                    self.place = "unknown"
            return f"setoption name uci_chess960 value {str(on).lower()}"
        if kind < 0.5:
            name = rng.choice(list(EVALUATORS))
            self.evaluator = EVALUATORS[name]
            return f"setoption name EvalFile value {name}"
        name, value = rng.choice(
            [
                ("Hash", str(rng.choice([1, HASH, 0, -3, "x"]))),
                ("clear  hash", ""),
                ("UCI_ShowWDL", rng.choice(["true", "false", "perhaps"])),
                ("UCI_AnalyseMode", rng.choice(["true", "false"])),
                ("Threads", str(rng.choice([1, 2, 3, 0, 10**9]))),
                ("Batch", str(rng.choice([0, 1, 7, 256, -1]))),
                ("MultiPV", str(rng.choice([1, 2, 5, 0, 1000]))),
                ("Ponder", rng.choice(["true", "false", "?"])),
                ("Move Overhead", str(rng.choice([0, 10, 300, 10**6]))),
                ("Skill Level", str(rng.choice([0, 7, 20, 20, 20, 21]))),
                ("VariantPath", rng.choice(["<empty>", "no/such/file"])),
                ("SyzygyPath", "./syzygy/"),
                ("Nonsense", "1"),
            ]
        )
        return f"setoption name {name}" + (f" value {value}" if value else "")

    def command(self) -> str:
        kind = self.rng.random()
        if kind < 0.28:
            return self.go()
        if kind < 0.5:
            return self.position()
        if kind < 0.6:
            return self.option()
        if kind < 0.75:
            return "stop"
        if kind < 0.82:
            return "ponderhit"
        if kind < 0.92:
            return self.question("isready")
        if kind < 0.93:
            return self.question("uci")
        if kind < 0.98:
            return self.rng.choice(["ucinewgame", "d", "debug on", "register later", "", "x" * 5000])
        words = self.rng.choices(WORDS, k=self.rng.randrange(1, 8))
        if words[0] == "position":
            self.place = "unknown" if self.variant else "refused"
        return " ".join(words)

    def question(self, word: str) -> str:
        self.sent[word] += 1
        return word


class Engine:
    """The engine with a thread that reads its answers."""

    def __init__(self, binary: Path) -> None:
        self.process = subprocess.Popen(
            [binary, "uci"], cwd=oracle.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.answered = {"isready": 0, "uci": 0}
        self.best: list[str] = []
        # The last lines that were sent and received, for the reader of an error.
        self.log: deque[str] = deque(maxlen=120)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.decode(errors="replace").strip())
        self.lines.put(None)

    def fail(self, what: str) -> NoReturn:
        self.process.kill()
        print("\n".join(self.log), file=sys.stderr)
        raise SystemExit(f"uci_traffic: {what}")

    def send(self, text: str) -> None:
        assert self.process.stdin
        self.log.append(f"> {text[:200]}")
        try:
            self.process.stdin.write(text.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail("the engine has ended")

    def take(self) -> bool:
        """Reads one line; false at the end."""
        try:
            line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            self.fail(f"nothing came for {PATIENCE:.0f} s: {len(self.best)} bestmoves, {self.answered}")
        if line is None:
            return False
        self.log.append(f"< {line[:200]}")
        if line == "readyok":
            self.answered["isready"] += 1
        elif line == "uciok":
            self.answered["uci"] += 1
        elif line.startswith("bestmove"):
            self.best.append(line)
        return True

    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def check(engine: Engine, model: Model) -> None:
    """Everything has been answered: compares it with what was expected."""
    if engine.answered != model.sent:
        engine.fail(f"answers {engine.answered}, questions {model.sent}")
    if len(engine.best) != len(model.searches):
        engine.fail(f"{len(engine.best)} bestmoves for {len(model.searches)} searches")
    for line, search in zip(engine.best, model.searches, strict=True):
        words = line.split()
        if search.answers is not None and words[1] not in search.answers:
            engine.fail(f"`{line}` to `{search.command}` in {search.place}: {sorted(search.answers)} were allowed")
        if search.place and len(words) == 4 and words[3] not in search.place.legal((words[1],)):
            engine.fail(f"`{line}` to `{search.command}` in {search.place}: the reply is not legal")
    engine.best.clear()
    model.searches.clear()
    model.endless = False


def burst(engine: Engine, model: Model, rng: random.Random) -> int:
    """Sends commands without waiting, then waits until everything has been answered. Returns their number."""
    sent = rng.randrange(1, BURST)
    haste = rng.choice([0.5, 0.9, 1.0])
    for _ in range(sent):
        engine.send(model.command())
        if rng.random() > haste:
            time.sleep(rng.random() * rng.choice([0.0005, 0.005, 0.05]))
    if rng.random() < 0.2:
        # A search without an end, and nothing that would end it: it answers whether it is ready.
        engine.send(model.go())
        engine.send("go infinite")
        model.searches.append(replace(model.searches[-1], command="go infinite", answers=None))
        engine.send(model.question("isready"))
        while engine.answered["isready"] < model.sent["isready"]:
            if not engine.take():
                engine.fail("the engine has ended")
        model.endless = True
    if model.endless or rng.random() < 0.5:
        engine.send("stop")
    engine.send(model.question("isready"))
    while len(engine.best) < len(model.searches) or any(engine.answered[word] < number for word, number in model.sent.items()):
        if not engine.take():
            engine.fail("the engine has ended")
    check(engine, model)
    return sent


def session(binary: Path, rng: random.Random, deadline: float) -> tuple[int, int, float]:
    """One process. Returns the numbers of commands and searches, and the most memory in MiB."""
    engine, model = Engine(binary), Model(rng)
    model.start()
    engine.send(f"setoption name Hash value {HASH}")
    commands, searches, most = 0, 0, 0.0
    for _ in range(rng.randrange(1, BURSTS)):
        if time.monotonic() > deadline:
            break
        commands += burst(engine, model, rng)
        most = max(most, engine.memory())
        if most > HASH + BESIDE:
            engine.fail(f"{most:.0f} MiB with a Hash of {HASH}")
        searches += 1
    # The last searches are still on when the session ends.
    for _ in range(rng.randrange(10)):
        engine.send(model.command())
    quits = rng.random() < 0.5
    if quits or model.endless:
        engine.send("quit" if quits else "stop")
    assert engine.process.stdin
    if not quits or rng.random() < 0.5:
        engine.process.stdin.close()
    while engine.take():
        pass
    if engine.process.wait(timeout=PATIENCE) != 0:
        engine.fail("the engine did not end well")
    check(engine, model)
    return commands, searches, most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=oracle.DEFAULT_BINARY, help="the program under test")
    parser.add_argument("--seconds", type=float, default=60, help="[default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="[default: %(default)s]")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    began = time.monotonic()
    commands, bursts, most, processes = 0, 0, 0.0, 0
    while time.monotonic() - began < args.seconds:
        more, searched, memory = session(args.binary, rng, began + args.seconds)
        commands, bursts, most, processes = commands + more, bursts + searched, max(most, memory), processes + 1
    print(f"uci traffic passed: {commands} commands in {bursts} bursts and {processes} sessions, at most {most:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
