"""The words met while an index is built: each gets a number, its stem another; kept for the whole build.

A word is cut, stemmed and looked up among the word vectors once, however often it comes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.tokens import stem
from service.ranking.semantic.vectors import WordVectors, weight

Ints = npt.NDArray[np.int32]


class Lexicon(dict[str, int]):
    """Word -> number; ``terms`` are the stems, ``term_of`` and ``rank_of`` run beside the words."""

    def __init__(self, vectors: WordVectors) -> None:
        self._vectors = vectors
        self._term_numbers: dict[str, int] = {}
        self.terms: list[str] = []
        self._term_of: list[int] = []
        self._rank_of: list[int] = []

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

    def surfaces(self, counts: npt.NDArray[np.int64]) -> tuple[list[str], Ints]:
        """Return for each stem its most frequent word that has a vector, else the most frequent, and its rank."""
        words = list(self)
        best: list[tuple[bool, int, int]] = [(False, -1, 0)] * len(self.terms)
        for number, (term, rank, count) in enumerate(zip(self._term_of, self._rank_of, counts.tolist(), strict=True)):
            best[term] = max(best[term], (rank >= 0, count, -number))
        chosen = [-number for _, _, number in best]
        return [words[number] for number in chosen], np.array([self._rank_of[number] for number in chosen], np.int32)
