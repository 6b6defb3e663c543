"""What a relevance by meaning was made of: the parts of one document's score, and what each word asked for added.

Works from what a search found, so that the parts are those that were added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from service.messages import Explanation, WordShare
from service.ranking.semantic import calibration, scoring
from service.ranking.semantic.index import Index
from service.ranking.semantic.postings import UNIT
from service.ranking.semantic.search import vectors_of
from service.ranking.semantic.vectors import Floats
from service.ranking.semantic.wanted import Asked, Wanted

if TYPE_CHECKING:
    from service.ranking.semantic.ranking import Found


def explained(index: Index, asked: Asked, found: Found, place: int | None, meant: float) -> Explanation | None:
    """Return the parts of the document at a place of what was found; ``meant`` is 2 by its id, 1 by its name."""
    if place is None:
        return None
    parts = {name: float(column[place]) for name, column in found.parts.named().items()}
    before = float(found.parts.total[place])
    for name, scores in found.raised.items():
        parts[name] = float(scores[place]) - before
        before = float(scores[place])
    relevance = float(calibration.relevance(found.scores[place : place + 1])[0])
    least = calibration.IDENTIFIED if meant >= 2 else calibration.NAMED if meant else 0.0
    return Explanation(
        "meaning",
        parts,
        before,
        max(relevance, least),
        _words(index, asked, int(found.docs[place]), parts["words"]),
        curve=(calibration.SLOPE, calibration.OFFSET),
        raised_by="id" if meant >= 2 else "name" if meant else None,
    )


def _words(index: Index, asked: Asked, doc: int, held: float) -> list[WordShare]:
    meanings = _meanings(index, asked, doc)
    strengths = [_strength(index, word, doc) for word in asked.words]
    whole = sum(strengths) or 1.0
    return [
        WordShare(word.said, word.meant, word.telling, {"meaning": meaning, "words": held * strength / whole})
        for word, meaning, strength in zip(asked.words, meanings, strengths, strict=True)
    ]


def _meanings(index: Index, asked: Asked, doc: int) -> list[float]:
    """Return what each word adds to the part of the meaning: the vector of a query is the sum of its words'."""
    held = vectors_of(index, np.array([doc], np.int64))[0]
    rows = [_row(index, word) for word in asked.words]
    length = float(np.linalg.norm(np.sum(rows, axis=0))) or 1.0
    return [scoring.coverage(asked) * float(row @ held) / length for row in rows]


def _row(index: Index, word: Wanted) -> Floats:
    if word.rank < 0:
        return np.zeros(index.words.width, np.float32)
    return np.asarray(np.float32(word.share) * index.words.row(word.rank), np.float32)


def _strength(index: Index, word: Wanted, doc: int) -> float:
    numbers = [number for number, _ in word.terms]
    held = [float(index.impacts_of(number, np.array([doc], np.int32))[0]) for number in numbers]
    best = [
        worth * float(index.vocabulary.rarity[number]) * UNIT * impact
        for (number, worth), impact in zip(word.terms, held, strict=True)
    ]
    return word.telling * max(best, default=0.0)
