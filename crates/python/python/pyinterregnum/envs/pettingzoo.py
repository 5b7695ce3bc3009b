"""PettingZoo: an AEC environment of any variant.

>>> from pyinterregnum.envs.pettingzoo import env
>>> games = env("gardner")
>>> games.reset(seed=1)
>>> games.agent_selection, games.observe("player_0")["action_mask"].sum().item()
('player_0', 7)
"""

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    import gymnasium
    from pettingzoo import AECEnv
    from pettingzoo.utils import wrappers
except ImportError as error:
    raise ImportError("this needs pettingzoo and gymnasium: pip install 'pyinterregnum[envs]'") from error

from ._state import Match, Variants, as_variant, checked_change

Observation = dict[str, NDArray[Any]]


class RawEnv(AECEnv[str, Observation, int]):  # type: ignore[misc]
    """A game of two players, `player_0` with White.

    Observations are dicts of `observation`, uint8 [planes, ranks, files] as the player who is to move sees the board, and `action_mask`, int8
    [actions], which is all 0 for the player who is not. A player may be to move several times in a row: see the README on actions. Rewards are
    what the game is worth, in [-1, 1]. `infos` say `regime`: 1 once the rules have changed.
    """

    metadata = {"name": "interregnum_v0", "render_modes": ["ansi"], "is_parallelizable": False}

    def __init__(
        self,
        variant: Variants,
        *,
        change: Variants | None = None,
        change_plies: tuple[int, int] = (10, 30),
        max_plies: int = 512,
        render_mode: str | None = None,
    ) -> None:
        super().__init__()
        self.variant = as_variant(variant)
        self.render_mode = render_mode
        self._change = checked_change(self.variant, change, change_plies, max_plies)
        self._max_plies = max_plies
        self._rng = random.Random(0)
        self.possible_agents = ["player_0", "player_1"]
        self.agents = list(self.possible_agents)
        actions = self.variant.action_count
        space = gymnasium.spaces.Dict(
            {
                "observation": gymnasium.spaces.Box(0, 255, self.variant.observation_shape, np.uint8),
                "action_mask": gymnasium.spaces.Box(0, 1, (actions,), np.int8),
            }
        )
        self.observation_spaces = dict.fromkeys(self.possible_agents, space)
        self.action_spaces = {agent: gymnasium.spaces.Discrete(actions) for agent in self.possible_agents}

    def observation_space(self, agent: str) -> gymnasium.spaces.Space[Any]:
        """The space of an agent's observations: always the same object."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Space[Any]:
        """The space of an agent's actions: always the same object."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begins a game. With a seed the plies of rule changes are drawn anew."""
        if seed is not None:
            self._rng = random.Random(seed)
        self.match = Match(self.variant, self._change, self._max_plies, self._rng)
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {"regime": 0} for agent in self.agents}
        self.agent_selection = self.agents[self.match.player]

    def observe(self, agent: str) -> Observation:
        """What an agent sees."""
        mask = np.zeros(self.variant.action_count, np.int8)
        if agent == self.agent_selection and self.match.worths is None:
            mask[self.match.game.legal_actions()] = 1
        return {"observation": self.match.game.observation(), "action_mask": mask}

    def step(self, action: int | None) -> None:
        """Takes an action of the agent who is to move."""
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0.0
        assert action is not None
        self.match.push(int(action))
        self._clear_rewards()
        worths = self.match.worths
        if worths is not None:
            self.rewards = dict(zip(self.possible_agents, worths, strict=True))
            self.terminations = dict.fromkeys(self.agents, True)
        elif self.match.cut_off:
            self.truncations = dict.fromkeys(self.agents, True)
        self.infos = {agent: {"regime": int(self.match.changed)} for agent in self.agents}
        self.agent_selection = self.possible_agents[self.match.player]
        self._accumulate_rewards()

    def render(self) -> str | None:
        """The board as text."""
        return str(self.match.game) if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Nothing is held."""


def env(variant: Variants, **options: Any) -> AECEnv[str, Observation, int]:
    """A `RawEnv` in the usual wrappers, which refuse steps out of order and end games of illegal actions as lost."""
    raw: AECEnv[str, Observation, int] = RawEnv(variant, **options)
    raw = wrappers.TerminateIllegalWrapper(raw, illegal_reward=-1)
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(raw))
