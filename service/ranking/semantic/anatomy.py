"""What a relevance by meaning was made of: the parts of one document's score, and what each word asked for added.

Works from what a search found, so that the parts are those that were added up.
"""

from __future__ import annotations

import numpy as np

from service.explanations import Explanation, WordShare
from service.ranking.semantic import calibration, scoring
from service.ranking.semantic.found import Found
from service.ranking.semantic.index import Index
from service.ranking.semantic.meant import Meant
from service.ranking.semantic.search import vector_of
from service.ranking.semantic.vectors import Floats
from service.ranking.semantic.wanted import Asked, Wanted


def explained(index: Index, asked: Asked, meant: Meant, found: Found, place: int | None) -> Explanation | None:
    """Return the parts of the document at a place of what was found."""
    if place is None:
        return None
    parts = {name: float(column[place]) for name, column in found.parts.named().items()}
    before = float(found.parts.total[place])
    for name, scores in found.raised.items():
        parts[name] = float(scores[place]) - before
        before = float(scores[place])
    relevance = float(calibration.relevance(found.scores[place : place + 1])[0])
    by = meant.by(int(found.docs[place]))
    return Explanation(
        "meaning",
        parts,
        before,
        max(relevance, {"id": calibration.IDENTIFIED, "name": calibration.NAMED, None: 0.0}[by]),
        _words(index, asked, found, place),
        curve=(calibration.SLOPE, calibration.OFFSET),
        raised_by=by,
    )


def _words(index: Index, asked: Asked, found: Found, place: int) -> list[WordShare]:
    meanings = _meanings(index, asked, int(found.docs[place]))
    held = found.held[:, place].astype(float)
    part = float(found.parts.words[place]) / (float(held.sum()) or 1.0)
    return [
        WordShare(word.said, word.meant, word.telling, {"meaning": meaning, "words": part * strength})
        for word, meaning, strength in zip(asked.words, meanings, held.tolist(), strict=True)
    ]


def _meanings(index: Index, asked: Asked, doc: int) -> list[float]:
    """Return what each word adds to the part of the meaning: the vector of a query is the sum of its words'."""
    held = vector_of(index, doc)
    rows = [_row(index, word) for word in asked.words]
    length = float(np.linalg.norm(np.sum(rows, axis=0))) or 1.0
    return [scoring.coverage(asked) * float(row @ held) / length for row in rows]


def _row(index: Index, word: Wanted) -> Floats:
    if word.rank < 0:
        return np.zeros(index.words.width, np.float32)
    return np.asarray(np.float32(word.share) * index.words.row(word.rank), np.float32)
