"""Random games by one rule file, compared position by position."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyffish

import oracle
from program import Interregnum, Verdict
from random_play import choose, near_move_limit

MAX_PLIES = 90
MAX_PLIES_WITH_WALLS = 40
KEPT_FENS = 30  # earlier positions from which games may start


class Pyffish:
    """pyffish in the place of the program under test: it answers from the FEN of the position, without the moves before."""

    def __enter__(self) -> Pyffish:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, variant: str, fen: str, moves: Sequence[str] = ()) -> Verdict:
        reached = oracle.fen_after(variant, fen, moves)
        legal = oracle.legal_moves(variant, reached)
        if pyffish.is_immediate_game_end(variant, fen, list(moves))[0]:
            legal = []
        ending = oracle.ended(variant, fen, moves, reached, legal)
        return Verdict(reached, legal, pyffish.gives_check(variant, reached, []), ending.outcome if ending else None)


@dataclass
class Match:
    """Random games by one rule file, in which the program under test and pyffish are compared position by position."""

    variant: str
    rules: str  # the text of the file
    rng: random.Random
    engine: Interregnum | Pyffish
    phase: Any  # an integer shared with the parent process: 1 while the program under test is asked, else 0
    deadline: float  # when no new position is begun, on the monotonic clock
    seen: Counter[str] = field(default_factory=Counter)  # how many positions, games, checks and endings there were

    def ask(self, start: str, moves: Sequence[str]) -> Verdict:
        """The answer of the program under test."""
        self.phase.value = isinstance(self.engine, Interregnum)
        answer = self.engine.ask(self.variant, start, moves)
        self.phase.value = 0
        return answer

    def n_move_rule(self) -> int:
        """Full moves without capture or pawn move that end a game; 0 if none do."""
        found = re.search(r"^nMoveRule = (\d+)", self.rules, re.MULTILINE)
        return int(found[1]) if found else 50

    def game(self, start: str, budget: int) -> list[str]:
        """Plays and compares one game of at most `budget` positions; gives FENs from which another game may start."""
        rng = self.rng
        styles = [rng.choice(["random", "capture", "capture", "push", "shuffle", "special"]) for _ in range(2)]
        if rng.random() < 0.15:
            styles = ["shuffle", "shuffle"]
        always_ask = re.search(r"^(countingRule|sittuyinPromotion|moveRepetitionIllegal) ", self.rules, re.MULTILINE) is not None
        limit = 2 * self.n_move_rule()
        moves: list[str] = []
        fens: list[str] = []
        placements: Counter[str] = Counter()
        for ply in range(min(budget, MAX_PLIES_WITH_WALLS if "wallingRule" in self.rules else MAX_PLIES)):
            ours = self.ask(start, moves)
            fen = oracle.fen_after(self.variant, start, moves)
            playable = legal = sorted(pyffish.legal_moves(self.variant, start, moves))
            if legal != ours.legal:
                legal = oracle.settled(self.engine, self.variant, start, moves, ours.legal, legal)
                self.seen["positions with walls of their own"] += legal != playable
            fields = fen.split()
            placement = " ".join(fields[:4])
            placements[placement] += 1
            ask_draws = (
                ours.outcome is not None
                or always_ask
                or placements[placement] > 1
                or int(fields[-2]) >= limit - 1 > 0
                or rng.random() < 0.15
            )
            ending = oracle.ended(self.variant, start, moves, fen, legal, ask_draws)
            theirs = Verdict(fen, legal, pyffish.gives_check(self.variant, start, moves), ending.outcome if ending else None)
            # pyffish may contradict itself about a game and the FEN that it has reached; either answer is accepted then.
            if ours != theirs and ours == self.from_fen(start, moves, fen):
                self.seen["ambiguous"] += 1
                break
            # pyffish tells positions apart by rights to capture in passing that no move can use, so it counts fewer repetitions.
            if ours.outcome and not theirs.outcome and oracle.times_seen(self.variant, start, moves) > placements[placement]:
                self.seen["repetitions after idle rights"] += 1
                break
            oracle.compare(self.variant, start, moves, ours, theirs)
            self.seen["positions"] += 1
            self.seen["checks"] += theirs.check
            fens.append(fen)
            if ending:
                self.seen[ending.kind] += 1
                break
            if time.monotonic() > self.deadline:
                break
            # pyffish cannot play a move that it takes for illegal.
            playable = [move for move in playable if move in legal]
            if not playable:
                break
            moves.append(choose(rng, styles[ply % 2], fen, playable, moves[-2] if len(moves) > 1 else None))
        self.seen["games"] += 1
        return fens[:-1] if len(fens) > 1 else fens

    def from_fen(self, start: str, moves: Sequence[str], fen: str) -> Verdict | None:
        """What pyffish says about the FEN of a position, without the moves before it; None if those have ended the game."""
        if pyffish.is_immediate_game_end(self.variant, start, list(moves))[0]:
            return None
        legal = oracle.legal_moves(self.variant, fen)
        if legal:
            ending = oracle.ended(self.variant, start, moves, fen, legal)
        else:
            ending = oracle.ended(self.variant, fen, [], fen, legal)
        return Verdict(fen, legal, pyffish.gives_check(self.variant, fen, []), ending.outcome if ending else None)

    def usable(self, fen: str) -> bool:
        """Whether a game may start from a FEN: pyffish finds it valid, writes it as it stands, and has a move."""
        return (
            pyffish.validate_fen(fen, self.variant) == pyffish.FEN_OK
            and oracle.fen_after(self.variant, fen, []) == fen
            and bool(pyffish.legal_moves(self.variant, fen, []))
        )

    def play(self, positions: int) -> None:
        """Plays games, from the start or from an earlier position, until that many positions were compared or time is up."""
        first = pyffish.start_fen(self.variant)
        kept: list[str] = []
        limit = self.n_move_rule()
        while self.seen["positions"] < positions and time.monotonic() < self.deadline and self.seen["games"] < positions:
            start = self.rng.choice(kept) if kept and self.rng.random() < 0.5 else first
            if start != first and limit and self.rng.random() < 0.3:
                start = near_move_limit(self.rng, start, limit)
            fens = self.game(start, positions - self.seen["positions"])
            kept = (kept + [fen for fen in self.rng.sample(fens, min(3, len(fens))) if self.usable(fen)])[-KEPT_FENS:]
