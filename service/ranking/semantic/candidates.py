"""Which documents are looked at, and how strongly they hold each word asked for (BM25F over the inverted index).

In a small index all documents are; beyond, the words that tell most and the nearest paths bring candidates, and only
those are scored fully.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import choosing
from service.ranking.semantic.choosing import Met, docs_of, strengths_of
from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.postings import UNIT
from service.ranking.semantic.vectors import Floats
from service.ranking.semantic.wanted import Asked, Wanted
from service.ranking.semantic.workspace import highest

CANDIDATES = 1_001
"""One more than a ranking holds, to know whether there are more."""
CLOSE = 0.4
"""Common words of less worth are not even looked up."""
REFINED = 300
"""Candidates, the best, that are scored by words too common to retrieve by."""
BUDGET = 50_000
"""Postings that one search reads in order to retrieve; commoner words only score what those brought."""
PATHS = 12
PATH_SHARE = 4.0
INTERVAL_SHARE = 3.0
NAME_SHARE = 25.0

Docs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Retrieval:
    """Finds candidates in one index, whose workspace it has to itself as long as it is the caller's turn."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def run(self, asked: Asked, query: Floats, called: Docs, passing: Bools | None) -> tuple[Docs, Floats]:
        """Return the candidates in their order, and how strongly they hold each word (a line a word).

        ``called`` are documents that are meant by name or id.
        """
        if self._index.floats is None:
            return self._candidates(asked, query, called, passing)
        held = np.zeros((len(asked.words), self._index.count), np.float32)
        for line, word in zip(held, asked.words, strict=True):
            met = self._met(word, word.terms)
            if met:
                np.maximum.at(line, docs_of(met), strengths_of(met))
        if passing is None:
            return np.arange(self._index.count), held
        docs = np.flatnonzero(passing)
        return docs, held[:, docs]

    def _candidates(self, asked: Asked, query: Floats, called: Docs, passing: Bools | None) -> tuple[Docs, Floats]:
        denied = [word for phrase in asked.denied for word in phrase]
        retrieving = self._retrieving([*asked.words, *denied])
        met = [self._met(word, _among(word, retrieving)) for word in asked.words]
        lifts = [one for word in denied for one in self._met(word, _among(word, retrieving), lifting=True)]
        paths, within = self._near_paths(query), self._within(asked.intervals)
        names = [Met(called[:CANDIDATES], None, NAME_SHARE)] if len(called) else []
        found = None if lifts or within else choosing.by_words(self._index, met, paths, names, passing, CANDIDATES)
        if found is None:
            near = [Met(self._index.in_path(path), None, lift) for path, lift in paths.items()]
            found = choosing.by_all(self._index, met, [*lifts, *near, *within, *names], passing, CANDIDATES)
        docs, held = found
        self._refine(asked.words, retrieving, docs, held)
        return docs, held

    def _refine(self, words: Sequence[Wanted], retrieving: set[int], docs: Docs, held: Floats) -> None:
        """Add to the best what they hold of words too common to retrieve by."""
        common = [
            (line, np.float32(self._factor(word, number, worth)), number)
            for line, word in zip(held, words, strict=True)
            for number, worth in word.terms
            if worth >= CLOSE and number not in retrieving
        ]
        if not common:
            return
        first = highest(np.add.reduce(held, axis=0), REFINED)
        wanted = docs.take(first).astype(np.int32)
        for line, factor, number in common:
            line[first] = np.maximum(line.take(first), factor * self._index.impacts_of(number, wanted))

    def _near_paths(self, query: Floats) -> dict[int, float]:
        """Return the paths nearest in meaning, and how much each lifts its documents."""
        nearness = self._index.path_vectors @ query
        nearest = np.argpartition(-nearness, min(PATHS, len(nearness) - 1))[:PATHS]
        near = zip(nearest.tolist(), nearness.take(nearest).tolist(), strict=True)
        return {path: PATH_SHARE * nearness for path, nearness in near if nearness > 0}

    def _within(self, intervals: Sequence[Interval]) -> list[Met]:
        held = self._index.intervals
        found = []
        for wanted in intervals:
            within = (held.kinds == wanted.kind) & (held.lows >= wanted.low - 1) & (held.highs <= wanted.high + 1)
            found.append(Met(held.docs[within], None, INTERVAL_SHARE))
        return found

    def _retrieving(self, wanted: Sequence[Wanted]) -> set[int]:
        """Return the stems by which candidates are found: those that tell most, within the budget."""
        rarity, frequency = self._index.vocabulary.rarity_of, self._index.vocabulary.frequency_of
        telling = [word for word in wanted if word.terms and not word.filler] or [word for word in wanted if word.terms]
        value: dict[int, float] = {}
        for word in telling:
            told = word.telling
            for number, worth in word.terms:
                worth *= told * rarity[number]
                if worth > value.get(number, 0.0):
                    value[number] = worth
        taken: set[int] = set()
        spent = 0
        for number in sorted(value, key=lambda number: (-value[number], number)):
            cost = frequency[number]
            if not taken or spent + cost <= BUDGET:
                taken.add(number)
                spent += cost
        return taken

    def _met(self, word: Wanted, terms: Sequence[tuple[int, float]], *, lifting: bool = False) -> list[Met]:
        """Return the documents that hold a word by these of its relatives; to lift, whatever the word tells."""
        index = self._index
        offsets = index.offsets_of
        told = 1.0 if lifting else word.telling
        met = []
        for number, worth in terms:
            held = slice(offsets[number], offsets[number + 1])
            factor = told * worth * index.vocabulary.rarity_of[number] * UNIT
            met.append(Met(index.docs[held], index.impacts[held], factor))
        return met

    def _factor(self, word: Wanted, number: int, worth: float) -> float:
        return word.telling * worth * self._index.vocabulary.rarity_of[number] * UNIT


def _among(word: Wanted, retrieving: set[int]) -> list[tuple[int, float]]:
    return [term for term in word.terms if term[0] in retrieving]
