"""A question to the AI on its way through the fleet, and the words for what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from service.fleet.flight import Keys
from service.messages import Brief, Signal
from service.monitoring.totals import FallbackReason

if TYPE_CHECKING:
    from service.ai.flights import Landed

OF_THE_QUESTION: tuple[FallbackReason, ...] = ("timeout", "bad_answer", "error", "quota")
"""Failures of a call that was made: other instances need not make it again at once. The rest is of one instance."""

Seen = Literal["found", "led", "followed", "alone"]
SEEN: tuple[Seen, ...] = ("found", "led", "followed", "alone")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: how long an order is fresh, how fresh a warm-up wants it, and how long a call may take."""

    fresh: float
    warm: float
    call: float


@dataclass(slots=True, eq=False)
class Question:
    """``until`` is the monotonic second up to which it is followed; ``made`` that it was asked here."""

    keys: Keys
    brief: Brief
    candidates: Sequence[Signal]
    landed: Landed
    spare: int
    until: float
    made: bool = False
