"""OpenSpiel: every variant as a game, `python_interregnum(variant=NAME)`, registered when this module is imported.

>>> import pyspiel
>>> import pyinterregnum.envs.openspiel
>>> game = pyspiel.load_game("python_interregnum(variant=gardner)")
>>> len(game.new_initial_state().legal_actions())
7

Parameters: `variant`, the name of a built-in variant; `edit`, keys of its rule file that are changed, as `flagPiece:k;flagRegion:c3`; `max_plies`, at
which games are drawn. Actions and observations are those of the README; a player may be to move several times in a row.
"""

from typing import Any

import numpy as np

try:
    import pyspiel
except ImportError as error:
    raise ImportError("this needs open_spiel: pip install 'pyinterregnum[envs]'") from error

from .. import _native
from .._native import PlayerError, RuleError, Variant

_DEFAULTS: dict[str, Any] = {"variant": "chess", "edit": "", "max_plies": 512}

# OpenSpiel counts actions in 32 bits, of which a move may take three.
_MOST_PLIES = (2**31 - 1) // 3

_TYPE = pyspiel.GameType(
    short_name="python_interregnum",
    long_name="Python Interregnum",
    dynamics=pyspiel.GameType.Dynamics.SEQUENTIAL,
    chance_mode=pyspiel.GameType.ChanceMode.DETERMINISTIC,
    information=pyspiel.GameType.Information.PERFECT_INFORMATION,
    utility=pyspiel.GameType.Utility.ZERO_SUM,
    reward_model=pyspiel.GameType.RewardModel.TERMINAL,
    max_num_players=2,
    min_num_players=2,
    provides_information_state_string=True,
    provides_information_state_tensor=False,
    provides_observation_string=True,
    provides_observation_tensor=True,
    parameter_specification=_DEFAULTS,
)


def _variant(name: str, edit: str) -> Variant:
    """A built-in variant with keys changed."""
    variant = _native.variant(name)
    lines = [line.partition(":") for line in edit.split(";") if line]
    if not all(key and colon for key, colon, _ in lines):
        raise RuleError(f"edit={edit}: KEY:VALUE;KEY:VALUE was expected")
    edits = {key: value for key, _, value in lines}
    return variant.edit(**edits) if edits else variant


class InterregnumGame(pyspiel.Game):  # type: ignore[misc]
    """A variant as OpenSpiel has games."""

    def __init__(self, params: dict[str, Any] | None = None) -> None:
        parameters = {**_DEFAULTS, **(params or {})}
        self.variant = _variant(str(parameters["variant"]), str(parameters["edit"]))
        self.max_plies = int(parameters["max_plies"])
        if not 1 <= self.max_plies <= _MOST_PLIES:
            raise PlayerError(f"max_plies={self.max_plies}: 1 to {_MOST_PLIES} was expected")
        information = pyspiel.GameInfo(
            num_distinct_actions=self.variant.action_count,
            max_chance_outcomes=0,
            num_players=2,
            min_utility=-1.0,
            max_utility=1.0,
            utility_sum=0.0,
            # A move takes at most three actions.
            max_game_length=3 * self.max_plies,
        )
        super().__init__(_TYPE, information, params or {})

    def new_initial_state(self, state: None = None) -> "InterregnumState":
        """The start position."""
        if state is not None:
            raise ValueError("states are made by their actions alone")
        return InterregnumState(self)

    def make_py_observer(self, iig_obs_type: Any = None, params: dict[str, Any] | None = None) -> "Observer":
        """What shows positions."""
        return Observer(self, params)


class InterregnumState(pyspiel.State):  # type: ignore[misc]
    """A game in progress."""

    def __init__(self, game: InterregnumGame) -> None:
        super().__init__(game)
        self.game = game.variant.game()
        self._max_plies = game.max_plies

    def current_player(self) -> int:
        """0 for White, 1 for Black, or TERMINAL."""
        if self.is_terminal():
            return int(pyspiel.PlayerId.TERMINAL)
        return 0 if self.game.turn == "white" else 1

    def _legal_actions(self, player: int) -> list[int]:
        return [int(action) for action in self.game.legal_actions()]

    def _apply_action(self, action: int) -> None:
        self.game.push_action(action)

    def _action_to_string(self, player: int, action: int) -> str:
        return self.game.action_to_string(action)

    def is_terminal(self) -> bool:
        """Whether the game has ended, by its rules or by its length."""
        return self.game.is_over or self.game.ply >= self._max_plies

    def returns(self) -> list[float]:
        """What the game is worth to White and Black."""
        ending = self.game.ending
        return [ending.white, ending.black] if ending else [0.0, 0.0]

    def __str__(self) -> str:
        return self.game.fen


class Observer:
    """Shows positions as planes and as FENs."""

    def __init__(self, game: InterregnumGame, params: dict[str, Any] | None) -> None:
        if params:
            raise ValueError(f"observers take no parameters, but {params} was given")
        shape = game.variant.observation_shape
        self.tensor = np.zeros(int(np.prod(shape)), np.float32)
        self.dict = {"observation": self.tensor.reshape(shape)}

    def set_from(self, state: InterregnumState, player: int) -> None:
        """Shows the position of a state as the side to move sees it."""
        self.dict["observation"][:] = state.game.observation()

    def string_from(self, state: InterregnumState, player: int) -> str:
        """The FEN of a state."""
        return state.game.fen


pyspiel.register_game(_TYPE, InterregnumGame)
