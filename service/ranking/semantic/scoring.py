"""The parts of a score and their sum: pure arithmetic on arrays, one number a candidate.

The cosine of the meanings leads; the words themselves add to it, more so where some of what is asked has no vector.
Numbers that fit count, depth in the tree of categories costs a little, so that a parent stands before its children.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval, fits
from service.ranking.semantic.vectors import Floats
from service.ranking.semantic.wanted import ITSELF, Asked

LEXICAL_SHARE = 0.3
DEPTH_PRICE = 0.005
PLACE_SHARE = 0.05

Docs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the score of each candidate is made of."""

    meaning: Floats
    words: Floats
    numbers: Floats
    places: Floats
    depth: Floats

    def named(self) -> dict[str, Floats]:
        """Return the parts by name."""
        return {
            "meaning": self.meaning,
            "words": self.words,
            "numbers": self.numbers,
            "places": self.places,
            "depth": -self.depth,
        }

    @property
    def total(self) -> Floats:
        return self.meaning + self.words + self.numbers + self.places - self.depth


def parts(index: Index, asked: Asked, docs: Docs, cosines: Floats, strengths: Floats) -> Parts:
    """Return the parts for candidates with their cosines and lexical strengths."""
    covered = coverage(asked)
    strongest = float(strengths.max(initial=0.0))
    share = LEXICAL_SHARE + (1.0 - covered) * (1 - LEXICAL_SHARE)
    words = strengths * np.float32(share / strongest) if strongest > 0 else strengths
    depth = np.float32(DEPTH_PRICE) * index.depths.take(index.paths.take(docs)).astype(np.float32)
    fitting = numbers(index, asked.intervals, docs)
    if not any(word.known and not word.filler for word in asked.words):
        # Where nothing but numbers is asked for, they are all there is to go by.
        fitting = np.where(fitting > 0, 0.45 + 1.1 * fitting, fitting).astype(np.float32)
    return Parts(np.float32(covered) * cosines, words, fitting, places(index, asked, docs), depth)


def present(index: Index, asked: Asked, docs: Docs) -> Floats:
    """Return the part of what is asked that each document holds word for word, 0-1."""
    wanted = [word for word in asked.words if not word.filler and not word.literal]
    whole = sum(word.telling for word in wanted)
    held = np.zeros(len(docs), np.float32)
    numbers = docs.astype(np.int32)
    for word in wanted:
        itself = np.zeros(len(docs), bool)
        for number, worth in word.terms:
            if worth >= ITSELF:
                itself |= index.impacts_of(number, numbers) > 0
        held += np.float32(word.telling / whole) * itself
    return held


def coverage(asked: Asked) -> float:
    """Return the part of what is asked that has a vector, 0-1."""
    words = [word for word in asked.words if word.known and not word.literal]
    whole = sum(word.telling for word in words)
    return sum(word.telling for word in words if word.rank >= 0) / whole if whole else 0.0


def places(index: Index, asked: Asked, docs: Docs) -> Floats:
    """Return a little for each document that can be used in a country that was named."""
    if not asked.countries:
        return np.zeros(len(docs), np.float32)
    return np.float32(PLACE_SHARE) * index.facets.usable_in(asked.countries, docs).astype(np.float32)


def numbers(index: Index, wanted: tuple[Interval, ...], docs: Docs) -> Floats:
    """Return how well the numbers of each document fit: the best of what is asked, 0 where it has none."""
    found = np.zeros(len(docs), np.float32)
    held = index.intervals
    if not wanted or not len(held.docs):
        return found
    places = np.minimum(np.searchsorted(held.docs, docs), len(held.docs) - 1)
    at = np.flatnonzero(held.docs[places] == docs)
    kinds, lows, highs = (column[places[at]] for column in (held.kinds, held.lows, held.highs))
    best = np.full(len(at), -np.inf)
    for one in wanted:
        best = np.maximum(best, np.where(kinds == one.kind, fits(one, lows, highs), -np.inf))
    found[at] = np.where(np.isinf(best), 0.0, best)
    return found
