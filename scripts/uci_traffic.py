#!/usr/bin/env python3
"""Sends random UCI commands without waiting for answers: sound ones, broken ones and noise, with `stop` at any moment.

    uci_traffic.py --seconds 3600 [--seed 1]

A model of the protocol follows what is sent. The engine must answer every `go` with one `bestmove`, in order; pyffish judges whether
the move, and the reply that the engine expects, are legal in the position that the `go` was for. It must answer every `isready` and
`uci` once, `isready` during searches as well, stay alive and within its memory, and end with exit code 0 after `quit` and at the end
of its input. The exit code is 1 otherwise.
"""

from __future__ import annotations

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

from program import ROOT, add_binary, command_parser

TIMEOUT = 60.0  # seconds for an answer
HASH = 16  # MiB
# MiB that the program may take besides its tree: code, tables of the rules, an evaluator.
OVERHEAD = 200
# A burst is what is sent between two moments at which everything has been answered: one command fewer than this at most.
BURST = 25
# One process gets one burst fewer than this at most.
BURSTS = 150
# Names for UCI_Variant, with the names that pyffish has; None stands for what the engine must refuse: unknown variants.
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
    "xiangqi": "xiangqi",
    "": None,
}
SHUFFLED = {"chess960", "fischerandom"}
# Files for EvalFile, with the variant whose board the network fits; None stands for a file that cannot be read.
EVALUATORS: dict[str, str | None] = {
    "<empty>": "any",
    "models/gardner-1.safetensors": "gardner",
    "gardner-2": "gardner",
    "no/such/file": None,
}
# Positions of chess: a middlegame, mates, and some in which the game is over or a draw can be claimed.
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
# Positions that are valid in some variants and not in others.
DOUBTFUL = ["8/8/8/8/8/8/8/8 w - - 0 1", "k1k5/8/8/8/8/8/8/K7 w - - 0 1", *FENS]
WORDS = ["position", "fen", "startpos", "moves", "setoption", "name", "value", "nodes", "-1", "99999999999999999999", "\u00e9", "\x00"]
# The moves that may answer a `go`.
Answers = frozenset[str]
NONE: Answers = frozenset(["(none)"])


@dataclass(frozen=True)
class Place:
    """A position of a game: a start and the moves from there."""

    variant: str
    fen: str
    moves: tuple[str, ...]
    chess960: bool

    def legal(self, more: tuple[str, ...] = ()) -> Answers:
        """The legal moves after some more moves, by pyffish."""
        return frozenset(pyffish.legal_moves(self.variant, self.fen, [*self.moves, *more], self.chess960))


@dataclass(frozen=True)
class Search:
    """A `go` that was sent."""

    command: str
    place: Place | None  # None if the position is not known
    answers: Answers | None  # None if any answer is accepted


@dataclass
class Model:
    """The state that the engine should be in after the commands sent so far; chooses the next command."""

    rng: random.Random
    name: str = "chess"  # of UCI_Variant
    chess960: bool = False
    evaluator: str | None = "any"  # a value of `EVALUATORS`
    # "refused" if the engine must have refused the position, "unknown" if nobody can tell what it has made of it.
    place: Place | str = "unknown"
    searches: list[Search] = field(default_factory=list)  # those without a `bestmove` yet
    endless: bool = False  # whether one of the searches does not end by itself soon
    sent: dict[str, int] = field(default_factory=lambda: {"isready": 0, "uci": 0})

    @property
    def variant(self) -> str | None:
        return VARIANTS[self.name]

    @property
    def shuffled(self) -> bool:
        return self.chess960 or self.name in SHUFFLED

    def start(self) -> None:
        """Sets the position to the start of the variant."""
        variant = self.variant
        self.place = Place(variant, pyffish.start_fen(variant), (), self.shuffled) if variant else "refused"

    def position(self) -> str:
        """A command `position`."""
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
        # Some games go to and fro, until a draw can be claimed.
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
        """A command `go`, which is added to the searches."""
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
        """A command `setoption`."""
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
        """A random command."""
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
        """The command `isready` or `uci`, which is counted."""
        self.sent[word] += 1
        return word


class Engine:
    """The engine with a thread that reads its answers."""

    def __init__(self, binary: Path) -> None:
        self.process = subprocess.Popen(
            [binary, "uci"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.answered = {"isready": 0, "uci": 0}
        self.best: list[str] = []
        # The last lines that were sent and received, which are printed with an error.
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
        """Reads one line of the engine; false at the end of its output."""
        try:
            line = self.lines.get(timeout=TIMEOUT)
        except queue.Empty:
            self.fail(f"nothing came for {TIMEOUT:.0f} s: {len(self.best)} bestmoves, {self.answered}")
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
    """Compares the answers with what the model expects, at a moment at which everything has been answered."""
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
        # During a search without an end, which nothing stops, the engine must still answer `isready`.
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


@dataclass
class Totals:
    """What was done so far."""

    commands: int = 0
    bursts: int = 0
    sessions: int = 0
    memory: float = 0.0  # the most that a process took, in MiB


def session(binary: Path, rng: random.Random, deadline: float, totals: Totals) -> None:
    """Starts the engine, sends bursts of commands to it and ends it, by `quit` or by the end of its input."""
    engine, model = Engine(binary), Model(rng)
    model.start()
    engine.send(f"setoption name Hash value {HASH}")
    for _ in range(rng.randrange(1, BURSTS)):
        if time.monotonic() > deadline:
            break
        totals.commands += burst(engine, model, rng)
        totals.bursts += 1
        memory = engine.memory()
        if memory > HASH + OVERHEAD:
            engine.fail(f"{memory:.0f} MiB with a Hash of {HASH}")
        totals.memory = max(totals.memory, memory)
    # The last commands are not waited for, so that searches are on when the session ends.
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
    if engine.process.wait(timeout=TIMEOUT) != 0:
        engine.fail(f"the engine ended with exit code {engine.process.returncode}")
    check(engine, model)
    totals.sessions += 1


def main() -> int:
    parser = command_parser(__doc__)
    add_binary(parser)
    parser.add_argument("--seconds", type=float, default=60, help="[default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="[default: %(default)s]")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    end = time.monotonic() + args.seconds
    totals = Totals()
    while time.monotonic() < end:
        session(args.binary, rng, end, totals)
    print(
        f"uci traffic passed: {totals.commands} commands in {totals.bursts} bursts and {totals.sessions} sessions, "
        f"at most {totals.memory:.0f} MiB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
