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
    MatchResult,
    MoveError,
    PlayerError,
    PositionError,
    RuleError,
    Run,
    RunError,
    SearchResult,
    SuiteError,
    Table,
    Variant,
    VectorEnv,
    WeightsError,
    __version__,
    evaluators,
    load,
    new_evaluator,
    read_run,
    search,
    variant,
    variant_file,
    variants,
)
from ._play import match, stress

__all__ = [
    "Batch",
    "Ending",
    "Error",
    "Evaluation",
    "Evaluator",
    "Game",
    "MatchResult",
    "MoveError",
    "PlayerError",
    "PositionError",
    "RuleError",
    "Run",
    "RunError",
    "SearchResult",
    "SuiteError",
    "Table",
    "Variant",
    "VectorEnv",
    "WeightsError",
    "__version__",
    "evaluators",
    "load",
    "match",
    "new_evaluator",
    "read_run",
    "search",
    "stress",
    "variant",
    "variant_file",
    "variants",
]
