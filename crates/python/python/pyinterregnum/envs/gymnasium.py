"""Gymnasium: one side of a game, against any player of this package.

>>> from pyinterregnum.envs.gymnasium import AgainstPlayer
>>> environment = AgainstPlayer("gardner", "zero", playouts=10)
>>> observation, info = environment.reset(seed=1)
>>> info["action_mask"].sum() > 0
np.True_
"""

import random
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

try:
    import gymnasium
except ImportError as error:
    raise ImportError("this needs gymnasium: pip install 'pyinterregnum[envs]'") from error

from .._native import Evaluator, PlayerError, PositionError, search
from ._state import Match, Variants, as_variant, checked_change

Observation = NDArray[np.uint8]


class AgainstPlayer(gymnasium.Env[Observation, np.int64]):
    """The agent plays one side, a search of ours the other.

    Observations are uint8 [planes, ranks, files] as the side to move sees the board, `info["action_mask"]` is int8 [actions]. An action that is not
    legal loses the game. The reward is what the game is worth to the agent, in [-1, 1]. `evaluator` is `random`, or what `search` takes, with its
    `options`. `side` is drawn for each game unless it is given. `change` are rules that come at a ply drawn from `change_plies`; the other player
    goes on to search under the rules that it knew if it is `stale`; in positions that those rules do not have it searches under the true ones.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}

    def __init__(
        self,
        variant: Variants,
        evaluator: str | Evaluator = "random",
        *,
        side: Literal["white", "black"] | None = None,
        change: Variants | None = None,
        change_plies: tuple[int, int] = (10, 30),
        stale: bool = False,
        max_plies: int = 512,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self.variant = as_variant(variant)
        self.render_mode = render_mode
        self.observation_space = gymnasium.spaces.Box(0, 255, self.variant.observation_shape, np.uint8)
        self.action_space = gymnasium.spaces.Discrete(self.variant.action_count)
        self._change = checked_change(self.variant, change, change_plies, max_plies)
        if side not in ("white", "black", None):
            raise PlayerError(f"side={side!r}: white, black or None was expected")
        self._max_plies = max_plies
        self._evaluator = evaluator
        self._options = options
        self._side = side
        self._stale = stale

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins a game. With White for the other player, its move has been made already."""
        super().reset(seed=seed)
        self._rng = random.Random(int(self.np_random.integers(2**63)))
        self.match = Match(self.variant, self._change, self._max_plies, self._rng)
        drawn = self._rng.randrange(2)
        self._player = {"white": 0, "black": 1, None: drawn}[self._side]
        self._answer()
        return self._observation(), self._info()

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Takes an action of the agent, then moves of the other player until the agent is to move again."""
        if int(action) not in self.match.game.legal_actions():
            return self._observation(), -1.0, True, False, self._info()
        self.match.push(int(action))
        self._answer()
        worths = self.match.worths
        reward = worths[self._player] if worths else 0.0
        return self._observation(), reward, worths is not None, worths is None and self.match.cut_off, self._info()

    def _answer(self) -> None:
        """Lets the other player move while it is to move."""
        while self.match.player != self._player and not self.match.cut_off and not self.match.game.is_over:
            for action in self.match.game.actions_of(self._choose()):
                self.match.push(action)

    def _choose(self) -> str:
        game = self.match.game
        best = None
        if self._evaluator != "random":
            believes = self.variant if self._stale and self.match.changed else None
            try:
                best = search(game, self._evaluator, believes=believes, **self._options).best
            except PositionError:
                if believes is None:
                    raise
                best = search(game, self._evaluator, **self._options).best
        return best if best is not None else self._rng.choice(game.legal_moves)

    def _observation(self) -> Observation:
        return self.match.game.observation()

    def _info(self) -> dict[str, Any]:
        mask = np.zeros(self.variant.action_count, np.int8)
        if not self.match.game.is_over:
            mask[self.match.game.legal_actions()] = 1
        return {"action_mask": mask, "regime": int(self.match.changed)}

    def render(self) -> str | None:
        """The board as text."""
        return str(self.match.game) if self.render_mode == "ansi" else None
