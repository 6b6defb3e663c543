"""A few signals by meaning without an index of their own: what is private to one viewer.

They are compared with what is asked as the index of the public signals understands it, and measured on its scale:
the cosine of the meanings, and the words that are there. Making one costs a tenth of a millisecond a signal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from service.messages import Signal
from service.ranking.semantic import calibration
from service.ranking.semantic.chunks import DESCRIPTION, NAME, PATH
from service.ranking.semantic.meanings import SHARES
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.scoring import LEXICAL_SHARE, coverage
from service.ranking.semantic.search import meaning
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.vectors import Floats, WordVectors, normalised, weight
from service.ranking.semantic.wanted import Asked
from service.ranking.words import STOP_WORDS

_WORDS_READ = 200


class Few:
    """The signals by row number, made ready to be compared."""

    def __init__(self, vectors: WordVectors, signals: Mapping[int, Signal]) -> None:
        self._rows = list(signals)
        self._stems = [_stems(signal) for signal in signals.values()]
        self._vectors = np.stack([_vector(vectors, signal) for signal in signals.values()])

    def relevance(self, semantic: Semantic, spec: str) -> dict[int, float]:
        """Return the relevance 0-1 of those worth showing, by row."""
        asked = semantic.read(spec)
        if asked.absence:
            return {}
        covered = coverage(asked)
        share = LEXICAL_SHARE + (1.0 - covered) * (1 - LEXICAL_SHARE)
        held = self._held(semantic, asked)
        scores = covered * (self._vectors @ meaning(semantic.index, asked.words)) + share * held
        found = calibration.relevance(np.asarray(scores, np.float32))
        unwanted = [{stem(word.said) for word in phrase} for phrase in asked.denied]
        return {
            row: float(chance)
            for row, chance, stems in zip(self._rows, found, self._stems, strict=True)
            if chance >= calibration.FLOOR and not any(phrase <= stems for phrase in unwanted)
        }

    def _held(self, semantic: Semantic, asked: Asked) -> Floats:
        """Return the part of what is asked that each signal holds in words, 0-1."""
        terms = semantic.index.vocabulary.terms
        told = sum(word.telling for word in asked.words)
        held = np.zeros(len(self._rows), np.float32)
        for word in asked.words:
            worths = {terms[number]: worth for number, worth in word.terms} | {stem(word.said): 1.0}
            best = [max((worths[one] for one in worths.keys() & stems), default=0.0) for stems in self._stems]
            held += np.float32(word.telling / told) * np.array(best, np.float32)
        return held


def _words(text: str) -> list[str]:
    return [word for word in tokens(text)[:_WORDS_READ] if word not in STOP_WORDS]


def _stems(signal: Signal) -> frozenset[str]:
    texts: Iterable[str] = (signal.name, *signal.path, signal.description, signal.data_provider)
    return frozenset(stem(word) for text in texts for word in _words(text))


def _vector(vectors: WordVectors, signal: Signal) -> Floats:
    """Return the meaning of a signal, as ``meanings`` makes those of an index."""
    total = np.zeros(vectors.width, np.float32)
    for field, text in ((NAME, signal.name), (PATH, " ".join(signal.path)), (DESCRIPTION, signal.description)):
        ranks = [rank for rank in map(vectors.nearest_rank, _words(text)) if rank >= 0]
        if ranks:
            weights = np.array([weight(rank) for rank in ranks], np.float32)
            mean = weights @ np.stack([vectors.row(rank) for rank in ranks])
            total += np.float32(SHARES[field]) * normalised(mean)
    return normalised(total)
