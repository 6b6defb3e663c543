"""Which documents are looked at, and how strongly they hold each word asked for (BM25F over the inverted index).

In a small index all documents are; beyond, the words that tell most and the nearest paths bring candidates, and only
those are scored fully.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.postings import UNIT
from service.ranking.semantic.vectors import Floats
from service.ranking.semantic.wanted import Asked, Wanted
from service.ranking.semantic.workspace import best, highest

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


class Met(NamedTuple):
    """Documents met, in any order and more than once, with what speaks for each: a factor of ``strengths``."""

    docs: npt.NDArray[np.integer]
    strengths: npt.NDArray[np.integer] | Floats | None
    factor: float


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
                np.maximum.at(line, _docs(met), _strengths(met))
        if passing is None:
            return np.arange(self._index.count), held
        docs = np.flatnonzero(passing)
        return docs, held[:, docs]

    def _candidates(self, asked: Asked, query: Floats, called: Docs, passing: Bools | None) -> tuple[Docs, Floats]:
        denied = [word for phrase in asked.denied for word in phrase]
        retrieving = self._retrieving([*asked.words, *denied])
        met = [self._met(word, _among(word, retrieving)) for word in asked.words]
        lifts = [one for word in denied for one in self._met(word, _among(word, retrieving), lifting=True)]
        lifts += [*self._near_paths(query), *self._within(asked.intervals)]
        if len(called):
            lifts.append(Met(called[:CANDIDATES], None, NAME_SHARE))
        together = [*(one for some in met for one in some), *lifts]
        if not together:
            return np.zeros(0, np.int64), np.zeros((len(asked.words), 0), np.float32)
        docs, held = self._chosen(together, [len(_docs(some)) if some else 0 for some in met], passing)
        self._refine(asked.words, retrieving, docs, held)
        return docs, held

    def _chosen(self, together: Sequence[Met], sizes: Sequence[int], passing: Bools | None) -> tuple[Docs, Floats]:
        """Return the best of the documents met, and how strongly they hold the words."""
        docs, strengths = _docs(together), _strengths(together)
        places = self._index.workspace.places(docs, sum(sizes))
        held = self._index.workspace.table(len(sizes), sum(sizes))
        start = 0
        for line, size in zip(held, sizes, strict=True):
            if size:
                np.maximum.at(line, places[start : start + size], strengths[start : start + size])
            start += size
        totals = np.zeros(len(docs), np.float32)
        np.add.reduce(held, axis=0, out=totals[:start])
        np.add.at(totals, places[start:], strengths[start:])
        if passing is not None:
            totals *= passing.take(docs)
        chosen = best(totals, docs, CANDIDATES)
        return docs.take(chosen), self._columns(held, chosen)

    @staticmethod
    def _columns(held: Floats, chosen: Docs) -> Floats:
        """Return columns of a table; those behind its last one are empty."""
        width = held.shape[1]
        if not len(chosen) or not width:
            return np.zeros((len(held), len(chosen)), np.float32)
        found = held.take(chosen, axis=1, mode="clip")
        if int(chosen.max()) >= width:
            found *= chosen < width
        return found

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

    def _near_paths(self, query: Floats) -> list[Met]:
        index = self._index
        nearness = index.path_vectors @ query
        nearest = np.argpartition(-nearness, min(PATHS, len(nearness) - 1))[:PATHS]
        return [
            Met(index.in_path(path), None, PATH_SHARE * near)
            for path, near in zip(nearest.tolist(), nearness[nearest].tolist(), strict=True)
            if near > 0
        ]

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


def _docs(met: Sequence[Met]) -> Docs:
    return np.concatenate([one.docs for one in met], dtype=np.int64)


def _strengths(met: Sequence[Met]) -> Floats:
    """Return what speaks for each document met; those with strengths stand before those without."""
    strengths = np.repeat(np.array([one.factor for one in met], np.float32), [len(one.docs) for one in met])
    held = [one.strengths for one in met if one.strengths is not None]
    if held:
        impacts = np.concatenate(held)
        strengths[: len(impacts)] *= impacts
    return strengths
