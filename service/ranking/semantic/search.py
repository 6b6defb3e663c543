"""One search: from what is wanted to candidates with the parts of their scores.

Two views of the same words: the words themselves with their relatives (BM25F over the inverted index), and the meaning
of the whole (the cosine of the query's vector with the signal's). In a small index all documents are looked at; beyond,
the rarest words and the nearest paths bring candidates, and only those are scored fully.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.chunks import named
from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.meanings import SCALE
from service.ranking.semantic.postings import UNIT
from service.ranking.semantic.vectors import Floats, normalised
from service.ranking.semantic.wanted import Asked, Wanted
from service.ranking.semantic.workspace import Steps, steps

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


def meaning(index: Index, wanted: Sequence[Wanted]) -> Floats:
    """Return the vector of the words together, of length 1, or 0 where none has a vector."""
    known = [word for word in wanted if word.rank >= 0]
    if not known:
        return np.zeros(index.words.width, np.float32)
    shares = np.array([word.share for word in known], np.float32)
    return normalised(shares @ np.stack([index.words.row(word.rank) for word in known]))


def cosines(index: Index, query: Floats, docs: Docs) -> Floats:
    """Return the cosine of a query's vector with each document's."""
    if index.floats is not None:
        return np.asarray(index.floats @ query if len(docs) == index.count else index.floats[docs] @ query, np.float32)
    return np.asarray(index.vectors[docs].astype(np.float32) @ query / np.float32(SCALE), np.float32)


def vectors_of(index: Index, docs: Docs) -> Floats:
    """Return the vectors of documents, of length 1."""
    if index.floats is not None:
        return np.asarray(index.floats[docs], np.float32)
    return np.asarray(index.vectors[docs].astype(np.float32) / np.float32(SCALE), np.float32)


@lru_cache(maxsize=4096)
def _table(factor: float) -> Steps:
    """Return what each kept byte of a word is worth in steps."""
    return steps(np.float32(factor) * np.arange(256, dtype=np.float32))


class Retrieval:
    """Finds candidates in one index, whose workspace it has to itself as long as it is the caller's turn."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._space = index.workspace

    def run(self, asked: Asked, query: Floats, passing: Bools | None) -> tuple[Docs, Floats]:
        """Return the candidates in their order and how strongly they hold the words."""
        try:
            if self._index.floats is None:
                return self._candidates(asked, query, passing)
            docs = np.arange(self._index.count) if passing is None else np.flatnonzero(passing)
            self._add(asked.words, None)
            return docs, self._space.held(docs)
        finally:
            self._space.clear()

    def _candidates(self, asked: Asked, query: Floats, passing: Bools | None) -> tuple[Docs, Floats]:
        denied = [word for phrase in asked.denied for word in phrase]
        retrieving = self._retrieving([*asked.words, *denied])
        self._add(asked.words, retrieving)
        self._lift_paths(query)
        self._lift_intervals(asked.intervals)
        self._lift_named(asked.spec)
        for word in denied:
            for number, worth in word.terms:
                if number in retrieving:
                    self._space.lift(*self._postings(number, worth))
        docs = self._space.best(CANDIDATES, passing)
        strengths = self._space.held(docs)
        best = np.sort(np.argsort(~self._space.total[docs], kind="stable")[:REFINED])
        for word in asked.words:
            left = [term for term in word.terms if term[0] not in retrieving and term[1] >= CLOSE]
            if left:
                held = self._strength(word, [term for term in word.terms if term[0] in retrieving], docs[best])
                strengths[best] += np.maximum(self._strength(word, left, docs[best]) - held, 0.0)
        return docs, strengths

    def _lift_named(self, spec: str) -> None:
        docs = self._index.called(named(spec))[:CANDIDATES]
        self._space.lift(docs, steps(np.full(len(docs), NAME_SHARE, np.float32)))

    def _lift_paths(self, query: Floats) -> None:
        index = self._index
        nearness = index.path_vectors @ query
        nearest = np.argpartition(-nearness, min(PATHS, len(nearness) - 1))[:PATHS]
        docs = [index.in_path(int(path)) for path in nearest if nearness[path] > 0]
        if docs:
            lifts = np.repeat(nearness[nearest][nearness[nearest] > 0], [len(some) for some in docs])
            self._space.lift(np.concatenate(docs).astype(np.int64), steps(np.float32(PATH_SHARE) * lifts))

    def _lift_intervals(self, intervals: Sequence[Interval]) -> None:
        held = self._index.intervals
        for wanted in intervals:
            within = (held.kinds == wanted.kind) & (held.lows >= wanted.low - 1) & (held.highs <= wanted.high + 1)
            docs = held.docs[within].astype(np.int64)
            self._space.lift(docs, steps(np.full(len(docs), INTERVAL_SHARE, np.float32)))

    def _retrieving(self, wanted: Sequence[Wanted]) -> set[int]:
        """Return the stems by which candidates are found: those that tell most, within the budget."""
        vocabulary = self._index.vocabulary
        telling = [word for word in wanted if word.terms and not word.filler] or [word for word in wanted if word.terms]
        value: dict[int, float] = {}
        for word in telling:
            for number, worth in word.terms:
                value[number] = max(value.get(number, 0.0), worth * word.telling * float(vocabulary.rarity[number]))
        taken: set[int] = set()
        spent = 0
        for number in sorted(value, key=lambda number: (-value[number], number)):
            cost = int(vocabulary.frequency[number])
            if not taken or spent + cost <= BUDGET:
                taken.add(number)
                spent += cost
        return taken

    def _add(self, words: Sequence[Wanted], retrieving: set[int] | None) -> None:
        for word in words:
            terms = [term for term in word.terms if retrieving is None or term[0] in retrieving]
            self._space.add([self._postings(number, worth * word.telling) for number, worth in terms])

    def _postings(self, number: int, worth: float) -> tuple[Docs, Steps]:
        index = self._index
        start, stop = index.offsets[number], index.offsets[number + 1]
        table = _table(worth * float(index.vocabulary.rarity[number]) * UNIT)
        return index.docs[start:stop].astype(np.int64), table.take(index.impacts[start:stop])

    def _strength(self, word: Wanted, terms: Sequence[tuple[int, float]], docs: Docs) -> Floats:
        """Return how strongly these documents hold one word: the best of these relatives."""
        best = np.zeros(len(docs), np.float32)
        wanted = docs.astype(np.int32)
        for number, worth in terms:
            factor = np.float32(worth * self._index.vocabulary.rarity[number] * UNIT)
            np.maximum(best, factor * self._index.impacts_of(number, wanted), out=best)
        return np.float32(word.telling) * best
