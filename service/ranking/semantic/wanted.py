"""What a spec asks for, word by word, as data: which words of the catalogue stand for each, and how much each tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.vectors import weight

FILLER_WORTH = 0.3
ITSELF = 0.9
"""The least worth of the word itself, or of what it was misspelled from."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word asked for. ``terms`` are (number of the stem, worth 0-1); ``rank`` finds its vector (-1: none).

    ``said`` is as it was typed, ``meant`` as it is understood.
    """

    said: str
    meant: str
    rank: int
    terms: tuple[tuple[int, float], ...]
    filler: bool = False
    literal: bool = False
    telling: float = field(init=False, repr=False, compare=False)
    """How much the word tells, 0-1: rare ones and unknown ones most."""
    share: float = field(init=False, repr=False, compare=False)
    """How much the word counts in the vector of the query."""

    def __post_init__(self) -> None:
        # Once: a search asks for them a dozen times.
        known = weight(self.rank) if self.rank >= 0 else None
        object.__setattr__(self, "telling", self.worth * (1.0 if known is None else known))
        object.__setattr__(self, "share", 0.0 if known is None else known * self.worth)

    @property
    def worth(self) -> float:
        return FILLER_WORTH if self.filler else 1.0

    @property
    def known(self) -> bool:
        return bool(self.terms) or self.rank >= 0


class Understood(NamedTuple):
    """What a word stands for, and how many corrections it took to find out."""

    words: tuple[Wanted, ...]
    corrections: int


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a spec asks for: words, phrases that must not be there, numbers, countries, numbers not wanted.

    ``absence`` says that nothing is asked for but that something is not there.
    """

    spec: str
    words: tuple[Wanted, ...]
    denied: tuple[tuple[Wanted, ...], ...]
    intervals: tuple[Interval, ...]
    countries: tuple[str, ...]
    denied_intervals: tuple[Interval, ...] = ()
    absence: bool = False
