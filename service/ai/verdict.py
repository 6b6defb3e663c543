"""From the model's words to a verdict on the candidates: nothing in them is believed. Pure.

Only candidates get a place, each once, in the model's order; only what it names irrelevant is dropped; of its reasons
plain text is left. Whatever is not so is passed over and the rest is used. A manipulated order cannot be told from an
honest one: this bounds what either can do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.ai.injection import gives_orders
from service.ai.json_in_text import LONGEST, objects_in
from service.ai.labels import labels
from service.ai.plain_text import plain
from service.ai.proposals import read_proposals
from service.ai.provider import AiFailure
from service.messages import Brief, Proposal, Signal

REASON_LETTERS = 200
_MOST_ITEMS = 500  # of a list of the answer; fifty candidates need fifty


class BadAnswer(AiFailure):
    """The model answered, and nothing of it can be used."""

    def __init__(self, detail: str) -> None:
        super().__init__("bad_answer", detail)


@dataclass(frozen=True, slots=True)
class Place:
    """One candidate's place: its index among the candidates, a score of 0-1, and a reason or an empty text."""

    row: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Places best first, scores never rising; ``dropped`` are indexes of candidates named irrelevant."""

    places: tuple[Place, ...]
    dropped: frozenset[int]
    proposals: tuple[Proposal, ...] = ()


def read_verdict(text: str, candidates: Sequence[Signal], *, brief: Brief | None = None) -> Verdict:
    """Return what an answer says of the candidates. Raises ``BadAnswer`` if it says nothing that can be used.

    Proposals are read only for a ``brief``: they are named after it.
    """
    if len(text) > LONGEST:
        raise BadAnswer(f"an answer of {len(text)} characters")
    rows = {label: row for row, label in enumerate(labels(candidates))}
    for answer in objects_in(text):
        places = _places(answer.get("ranking"), rows)
        placed = {place.row for place in places}
        dropped = frozenset(row for row in _rows(answer.get("irrelevant"), rows) if row not in placed)
        if places or dropped:
            proposals = read_proposals(answer.get("proposals"), candidates, brief) if brief else ()
            return Verdict(places, dropped, proposals)
    raise BadAnswer("no candidate is named in the answer" if "{" in text else "no JSON object in the answer")


def _places(items: Any, rows: Mapping[str, int]) -> tuple[Place, ...]:
    places: dict[int, Place] = {}
    lowest = 1.0
    for item in _listed(items):
        place = _place(item, rows)
        if place is not None and place.row not in places:
            lowest = min(lowest, place.score)
            places[place.row] = replace(place, score=lowest)
    return tuple(places.values())


def _place(item: Any, rows: Mapping[str, int]) -> Place | None:
    if not isinstance(item, dict):
        return None
    row, score, reason = _row(item.get("id"), rows), item.get("score"), item.get("reason")
    if row is None or isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return None
    return Place(row, float(score), _reason(reason) if isinstance(reason, str) else "")


def _reason(text: str) -> str:
    reason = plain(text, REASON_LETTERS)
    # A reason that gives orders would be read by whoever asks through an agent.
    return "" if gives_orders(reason) else reason


def _rows(items: Any, rows: Mapping[str, int]) -> Iterable[int]:
    named = (_row(item, rows) for item in _listed(items))
    return (row for row in named if row is not None)


def _row(label: Any, rows: Mapping[str, int]) -> int | None:
    return rows.get(label) if isinstance(label, str) else None


def _listed(items: Any) -> list[Any]:
    return items[:_MOST_ITEMS] if isinstance(items, list) else []
