"""Keeps out what a spec does not want, and tells it from what says that it is not there.

"Couples without kids": a signal about children is out, "Adults (no children)" is what was meant.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.ranking.ranker import Library
from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.negation import denies
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.wanted import Asked

BONUS = 0.25
CLOSE = 0.4
"""Relatives of at least this worth are ruled out too."""
_READ = 100
_TEXTS = "SELECT row, name, path FROM signals WHERE row IN (SELECT value FROM json_each(?))"

Docs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


def apply(index: Index, library: Library, asked: Asked, docs: Docs, scores: Floats) -> Floats:
    """Return the scores with what is not wanted at minus infinity, and what denies it lifted: that alone where nothing
    else is asked for."""
    before, scores = scores, scores.copy()
    scores[_within(index, asked.denied_intervals, docs)] = -np.inf
    for phrase in asked.denied:
        terms = [frozenset(number for number, worth in word.terms if worth >= CLOSE) for word in phrase]
        if all(terms):
            held = np.logical_and.reduce([_holding(index, numbers, docs) for numbers in terms])
            _judge(index, library, frozenset().union(*terms), docs, np.flatnonzero(held), scores)
    if asked.absence:
        scores[scores <= before] = -np.inf
    return scores


def _judge(
    index: Index, library: Library, terms: frozenset[int], docs: Docs, places: npt.NDArray[np.intp], scores: Floats
) -> None:
    best = places[np.argsort(-scores[places], kind="stable")][:_READ]
    unwanted = {index.vocabulary.terms[number] for number in terms}
    rows = [int(row) for row in index.rows[docs[best]]]
    texts = {row: said for row, *said in library.connection().execute(_TEXTS, (json.dumps(rows),))}
    kept = scores[best] + np.float32(BONUS)
    scores[places] = -np.inf
    for place, score, row in zip(best, kept, rows, strict=True):
        name, path = texts[row]
        cut = [[stem(word) for word in tokens(text)] for text in (name, *path.split(" > "))]
        about = [words for words in cut if unwanted & set(words)]
        # The name says what the signal is, else the last level; the groups above may speak of the very thing.
        if about and denies(about[0] if about[0] is cut[0] else about[-1], unwanted):
            scores[place] = score


def _within(index: Index, intervals: Sequence[Interval], docs: Docs) -> npt.NDArray[np.bool_]:
    """Return which documents are about numbers that lie within what is not wanted."""
    held = index.intervals
    found = np.zeros(len(docs), bool)
    for one in intervals:
        within = (held.kinds == one.kind) & (held.lows >= one.low) & (held.highs <= one.high)
        found |= np.isin(docs, held.docs[within])
    return found


def _holding(index: Index, numbers: frozenset[int], docs: Docs) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(docs), bool)
    for number in numbers:
        found |= index.impacts_of(number, docs.astype(np.int32)) > 0
    return found
