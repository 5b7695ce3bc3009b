"""Matches and stress runs, with progress bars."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
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

    # What cannot be shown stops no run: standard error may be closed, or full.
    bar: Any = None
    with suppress(Exception):
        bar = tqdm(unit=unit, unit_scale=True, leave=False)

    def move(done: int, total: int, label: str = "") -> None:
        nonlocal bar
        if bar is None:
            return
        try:
            bar.total = total
            bar.set_description(label, refresh=False)
            bar.update(done - bar.n)
        except Exception:
            # An error of its own, or of the file that it writes to: it would come back with the next step.
            bar.disable, bar = True, None

    try:
        yield move
    finally:
        if bar is not None:
            with suppress(Exception):
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
    drawn. Raises `PlayerError`. An interrupt ends all matches and
    stress runs of the process, also those of other threads, with `KeyboardInterrupt`.

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
    suite: str | bytes | PathLike[str] | PathLike[bytes],
    out: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
    *,
    resume: bool = False,
    jobs: int = 0,
    progress: bool = True,
) -> Run:
    """Plays a stress suite, given by its path or built-in name, into a run directory, and returns the run. The evaluators of `quick` are part of the
    package; those of `standard` and `neutral` are in `models/` of the source tree.

    Without `out` the directory is a new one among the temporary files: `run.folder`. With `resume` a run that was interrupted goes on. `jobs` games
    are played at once, 0 for as many as there are cores: the rows do not depend on it. Raises `SuiteError` and `RunError` with `file`, `line` and
    `key` as far as they are known. An interrupt keeps what was finished.
    """
    folder = os.fsdecode(out) if out is not None else tempfile.mkdtemp(prefix="interregnum-")
    try:
        with _bar(progress, "") as move:
            return _native.play_suite(os.fsdecode(suite), folder, resume, jobs, move)
    except BaseException:
        if out is None:
            # A folder of ours in which nothing was written is of no use. One that holds rows stays.
            with suppress(OSError):
                os.rmdir(folder)
        raise
