"""The words met while an index is built: each gets a number, its stem another; kept for the whole build.

A word is cut, stemmed and looked up among the word vectors once, however often it comes.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.tokens import stem
from service.ranking.semantic.vectors import WordVectors, weight

Ints = npt.NDArray[np.int32]


class Lexicon(dict[str, int]):
    """Word -> number; ``terms`` are the stems. ``known`` words come first, in their order."""

    def __init__(self, vectors: WordVectors, known: Iterable[str] = ()) -> None:
        self._vectors = vectors
        self._term_numbers: dict[str, int] = {}
        self.terms: list[str] = []
        self._term_of: list[int] = []
        self._rank_of: list[int] = []
        for word in known:
            self[word]

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self._term_of)
        term = stem(word)
        place = self._term_numbers.setdefault(term, len(self.terms))
        if place == len(self.terms):
            self.terms.append(term)
        self._term_of.append(place)
        self._rank_of.append(self._vectors.nearest_rank(word))
        return number

    def stem_of(self, number: int) -> str:
        """Return the stem of a word by its number."""
        return self.terms[self._term_of[number]]

    def columns(self) -> tuple[Ints, Ints, npt.NDArray[np.float32]]:
        """Return the number of the stem, the rank (-1: no vector) and the weight of each word."""
        ranks = np.array(self._rank_of, np.int32)
        weights = np.array([weight(rank) if rank >= 0 else 0.0 for rank in self._rank_of], np.float32)
        return np.array(self._term_of, np.int32), ranks, weights

    def surfaces(self, counts: npt.NDArray[np.int64]) -> tuple[list[str], list[str], Ints]:
        """Return the stems that are still met, in the order of the alphabet; for each its most frequent word that has a
        vector, else the most frequent; and the rank of that."""
        words = list(self)
        best: dict[int, int] = {}
        for number, (term, count) in enumerate(zip(self._term_of, counts.tolist(), strict=True)):
            if count and (term not in best or self._better(number, best[term], counts, words)):
                best[term] = number
        order = sorted(best, key=self.terms.__getitem__)
        chosen = [best[term] for term in order]
        ranks = np.array([self._rank_of[number] for number in chosen], np.int32)
        return [self.terms[term] for term in order], [words[number] for number in chosen], ranks

    def _better(self, one: int, other: int, counts: npt.NDArray[np.int64], words: list[str]) -> bool:
        mine, others = ((self._rank_of[number] >= 0, int(counts[number])) for number in (one, other))
        # Of equals the first of the alphabet: the order in which rows were read must not matter.
        return mine > others or (mine == others and words[one] < words[other])
