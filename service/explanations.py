"""The anatomy of a relevance as JSON: what a local ranker made it of, and who put the signal in its place.

Asked for with ``explain=true``. Where an AI put the signal in its place, that is said, and the parts are what the local
ranker thought of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from service.messages import Ranking

_DIGITS = 6


class WordShare(NamedTuple):
    """What one word asked for added: ``weight`` is how much it tells, ``parts`` what it has of parts of the score."""

    asked: str
    meant: str
    weight: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a local ranker made the relevance of one signal of.

    ``parts`` add up to ``score``. The relevance is 1 / (1 + e^(offset - slope * score)) where there is a ``curve``
    (slope, offset), else the score itself; at least what ``raised_by`` is worth, and at most that of the signal before.
    """

    ranker: Literal["meaning", "text"]
    parts: Mapping[str, float]
    score: float
    relevance: float
    words: Sequence[WordShare] = ()
    curve: tuple[float, float] | None = None
    raised_by: Literal["id", "name"] | None = None


def describe_explanation(explanation: Explanation | None, ranking: Ranking, place: int) -> dict[str, Any]:
    """Return the explanation of the signal at a ``place`` of a ranking; its parts only where they are known."""
    by_ai = place < ranking.placed
    if explanation is None:
        # The ranker was replaced between ranking and explaining.
        return {"ordered_by": "ai" if by_ai else "local"}
    document: dict[str, Any] = {
        "ordered_by": "ai" if by_ai else explanation.ranker,
        "ranker": explanation.ranker,
        "parts": _rounded(explanation.parts),
        "score": round(explanation.score, _DIGITS),
        "relevance": round(explanation.relevance, _DIGITS),
        "words": [
            {
                "asked": word.asked,
                "meant": word.meant,
                "weight": round(word.weight, _DIGITS),
                "parts": _rounded(word.parts),
            }
            for word in explanation.words
        ],
    }
    if explanation.curve is not None:
        slope, offset = explanation.curve
        document["curve"] = {"slope": slope, "offset": offset}
    if explanation.raised_by is not None:
        document["raised_by"] = explanation.raised_by
    return document


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    # Not -0.0.
    return {name: round(value, _DIGITS) + 0.0 for name, value in values.items()}
