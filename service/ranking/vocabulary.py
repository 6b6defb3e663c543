"""The words of one catalogue version: how often each occurs, and which are related, begin alike or lie near.

Read once a version from the full-text index and then only looked up. Words are stems, as the index keeps them.
"""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from service.ranking.porter import stem
from service.ranking.typos import Spelling

TERMS_LIMIT = 200_000
"""The most frequent words are known, at most this many (about 250 bytes each)."""
_PREFIXED_LIMIT = 200
_ENDINGS = ("ing", "ist", "ian", "ism", "age", "er", "or", "al", "ar", "ic", "i", "e")


def base(term: str) -> str:
    """Return what relatives have in common: ``ski`` of ``skier``, ``rent`` of ``rental`` and ``renter``."""
    for ending in _ENDINGS:
        bare = term.removesuffix(ending)
        if bare != term and len(bare) >= 3:
            return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "lsz" else bare
    return term


def spelled(term: str) -> str | None:
    """Return a word whose stem is ``term``: what a query must say to find it. None if there is no simple one."""
    forms = (term, term + "e", term + "s", term + "ed", term[:-1] + "y", term + "ing")
    return next((form for form in forms if stem(form) == term), None)


class Vocabulary:
    """``rows`` is the size of the catalogue, ``frequency`` the number of rows that hold a word."""

    def __init__(self, rows: int, frequency: dict[str, int]) -> None:
        self.rows = rows
        self.frequency = frequency
        self.spelling = Spelling(frequency)
        self._sorted = sorted(frequency)
        self._families: dict[str, list[str]] = {}
        for term in self._sorted:
            if len(term) >= 3 and term.isalpha():
                self._families.setdefault(base(term), []).append(term)

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> Vocabulary:
        """Read the words of a catalogue. Takes a pass over its index: about half a second for a million rows."""
        (rows,) = connection.execute("SELECT count(*) FROM signals").fetchone()
        terms = connection.execute("SELECT term, doc FROM signals_terms ORDER BY doc DESC LIMIT ?", (TERMS_LIMIT,))
        return cls(rows, dict(terms.fetchall()))

    def informativeness(self, frequency: int) -> float:
        """Return the inverse document frequency of BM25 in its positive form: rare words tell more."""
        return math.log(1 + (self.rows - min(frequency, self.rows) + 0.5) / (frequency + 0.5))

    def index_weight(self, frequency: int) -> float:
        """Return the factor with which FTS5's own ``bm25()`` multiplies a word of this frequency."""
        weight = math.log((self.rows - frequency + 0.5) / (frequency + 0.5)) if 2 * frequency < self.rows else 0.0
        return weight if weight > 0 else 1e-6

    def relatives(self, term: str) -> list[str]:
        """Return the other known words of the same base.

        Three letters in common are little ("car", "care"): then one of the two must be somebody who does it ("biker").
        """
        common = base(term)
        others = (other for other in self._families.get(common, ()) if other != term)
        return [other for other in others if len(common) > 3 or other.endswith("er") != term.endswith("er")]

    def prefixed(self, prefix: str) -> Iterator[str]:
        """Yield known longer words that begin with ``prefix``."""
        for term in islice(self._sorted, bisect_left(self._sorted, prefix), None):
            if not term.startswith(prefix):
                return
            if term != prefix:
                yield term

    def commonest(self, prefix: str, most: int) -> list[str]:
        """Return the most frequent of ``prefixed``, out of a bounded look."""
        found = islice(self.prefixed(prefix), _PREFIXED_LIMIT)
        return sorted(found, key=lambda term: (-self.frequency[term], term))[:most]
