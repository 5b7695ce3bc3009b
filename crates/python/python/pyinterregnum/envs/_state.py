"""What the adapters share: a game that may change its rules once, and its end by length."""

import random
from dataclasses import dataclass

from .. import _native
from .._native import Game, PositionError, Variant

Variants = str | Variant


def as_variant(variant: Variants) -> Variant:
    """A variant, or the built-in one of a name."""
    return _native.variant(variant) if isinstance(variant, str) else variant


def checked_change(
    variant: Variant, change: Variants | None, plies: tuple[int, int], max_plies: int
) -> "Change | None":
    """The change of rules that an environment was asked for. Raises what `VectorEnv` does if there can be none, or no such length of games."""
    _native.VectorEnv(variant, 1, change=change, change_plies=plies, max_plies=max_plies)
    return None if change is None else Change(as_variant(change), plies)


@dataclass
class Change:
    """Rules that come amid a game, at a ply drawn from `plies`, both ends included."""

    variant: Variant
    plies: tuple[int, int]

    def draw(self, rng: random.Random) -> int:
        """The ply of one game's change."""
        return rng.randint(*self.plies)


class Match:
    """One game between two sides, taken action by action."""

    def __init__(self, variant: Variant, change: Change | None, max_plies: int, rng: random.Random) -> None:
        self.game: Game = variant.game()
        self.changed = False
        self.max_plies = max_plies
        self.plies = 0
        self._change = change
        self._change_at = change.draw(rng) if change else 0

    def push(self, action: int) -> None:
        """Takes an action. Raises `MoveError` if it is not legal."""
        if not self.game.push_action(action):
            return
        self.plies += 1
        if self._change and not self.changed and self.plies >= self._change_at:
            try:
                self.game = self.game.under(self._change.variant)
            except PositionError:
                # The new rules do not have this position: they may have the next one.
                return
            self.changed = True

    @property
    def player(self) -> int:
        """0 if White is to move, 1 if Black is."""
        return 0 if self.game.turn == "white" else 1

    @property
    def worths(self) -> tuple[float, float] | None:
        """What the game is worth to White and Black, once it has ended by its rules."""
        ending = self.game.ending
        return (ending.white, ending.black) if ending else None

    @property
    def cut_off(self) -> bool:
        """Whether the game has reached its length."""
        return self.plies >= self.max_plies
