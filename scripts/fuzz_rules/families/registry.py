"""Families of keys: functions that write keys that go together into a draft, with what is known about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fuzz_rules.draft import Draft


@dataclass(frozen=True)
class Family:
    """Keys that go together."""

    name: str
    write: Callable[[Draft], None]
    weight: float  # how often the family is chosen, relative to others
    keys: tuple[str, ...]  # all that `write` may write for the family's own sake
    needs: tuple[str, ...]  # piece types
    royal: str | None  # the royal piece that it needs, `king`, or `no king`
    conflicts: tuple[str, ...]  # families that no file has beside this one
    least: tuple[int, int]  # files and ranks of the smallest board


class Families(dict[str, Family]):
    """Families by name, in the order in which they were added."""

    def add(
        self,
        weight: float,
        keys: str,
        needs: str = "",
        royal: str | None = None,
        conflicts: str = "",
        least: tuple[int, int] = (3, 3),
    ) -> Callable[[Callable[[Draft], None]], Callable[[Draft], None]]:
        """Adds the decorated function as a family of its name. Lists are written as words with spaces; see `Family`."""

        def register(write: Callable[[Draft], None]) -> Callable[[Draft], None]:
            name = write.__name__
            words = [tuple(text.split()) for text in (keys, needs, conflicts)]
            self[name] = Family(name, write, weight, words[0], words[1], royal, words[2], least)
            return write

        return register
