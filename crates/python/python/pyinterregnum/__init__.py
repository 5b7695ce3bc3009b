"""Chess variants as data, deterministic search, and stress tests of what rule changes do to evaluators.

>>> import pyinterregnum as pin
>>> game = pin.variant("gardner").game()
>>> game.push("b2b3")
>>> game.fen
'rnbqk/ppppp/1P3/P1PPP/RNBQK b - - 0 1'
"""

from ._native import (
    Batch,
    Ending,
    Error,
    Evaluation,
    Evaluator,
    Game,
    MoveError,
    PlayerError,
    PositionError,
    RuleError,
    RunError,
    SearchResult,
    SuiteError,
    Variant,
    VectorEnv,
    WeightsError,
    __version__,
    load,
    search,
    variant,
    variant_file,
    variants,
)

__all__ = [
    "Batch",
    "Ending",
    "Error",
    "Evaluation",
    "Evaluator",
    "Game",
    "MoveError",
    "PlayerError",
    "PositionError",
    "RuleError",
    "RunError",
    "SearchResult",
    "SuiteError",
    "Variant",
    "VectorEnv",
    "WeightsError",
    "__version__",
    "load",
    "search",
    "variant",
    "variant_file",
    "variants",
]
