"""Matches and stress runs, with progress bars."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from . import _native
from ._native import MatchResult, Run, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _bar(wanted: bool, unit: str) -> "Iterator[Callable[..., None] | None]":
    """What moves a progress bar: a function of done, total and perhaps what is being done."""
    if not wanted:
        yield None
        return
    from tqdm.auto import tqdm

    bar: Any = tqdm(unit=unit, unit_scale=True, leave=False)

    def move(done: int, total: int, label: str = "") -> None:
        bar.total = total
        bar.set_description(label, refresh=False)
        bar.update(done - bar.n)

    try:
        yield move
    finally:
        bar.close()


def match(
    a: str,
    b: str,
    variant: str | Variant,
    *,
    rounds: int = 100,
    plies: int = 4,
    openings: Sequence[str] | None = None,
    seed: int = 1,
    jobs: int = 0,
    max_plies: int = 512,
    progress: bool = True,
) -> MatchResult:
    """Plays a match between two players, named as on the command line (`model:gardner-1@playouts=100`, `zero`, `random`, `uci:COMMAND@nodes=1000`).

    A round is an opening played twice with colours swapped: `plies` random moves, or the lines of `openings` (moves in UCI notation, a FEN, or a FEN,
    `;` and moves). `jobs` games are played at once, 0 for as many as there are cores: the result does not depend on it. Games of `max_plies` are
    drawn. Raises `PlayerError`. An interrupt ends all matches of the process after the moves that are being searched.

    >>> import pyinterregnum as pin
    >>> result = pin.match("zero@playouts=20", "random", "gardner", rounds=4, progress=False)
    >>> result.summary["games"], len(result.games())
    (8, 8)
    """
    rules = _native.variant(variant) if isinstance(variant, str) else variant
    lines = None if openings is None else list(openings)
    with _bar(progress, "rounds") as move:
        return _native.play_match(a, b, rules, rounds, plies, lines, seed, jobs, max_plies, move)


def stress(
    suite: str | PathLike[str],
    out: str | PathLike[str] | None = None,
    *,
    resume: bool = False,
    jobs: int = 0,
    progress: bool = True,
) -> Run:
    """Plays a stress suite, given by its path or built-in name (`quick`, `standard`), into a run directory, and returns the run.

    Without `out` the directory is a new one among the temporary files: `run.folder`. With `resume` a run that was interrupted goes on. `jobs` games
    are played at once, 0 for as many as there are cores: the rows do not depend on it. Raises `SuiteError` and `RunError` with `file`, `line` and
    `key` as far as they are known. An interrupt keeps what was finished.
    """
    folder = fspath(out) if out is not None else tempfile.mkdtemp(prefix="interregnum-")
    with _bar(progress, "") as move:
        return _native.play_suite(fspath(suite), folder, resume, jobs, move)
