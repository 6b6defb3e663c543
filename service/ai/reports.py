"""What calls of the AI report: every question to the counters, and to the log what an operator should read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from service.monitoring.totals import AiOutcome, FallbackReason


@dataclass(frozen=True, slots=True)
class Reports:
    """Who is told: ``call(outcome, seconds)`` of every question, ``event(words)`` of what is worth a line."""

    call: Callable[[AiOutcome, float | None], None]
    event: Callable[[str], None]


class Outages:
    """Tells ``event`` of a failure when it is another one than before, and of the recovery: not of every call."""

    def __init__(self, name: str, event: Callable[[str], None]) -> None:
        self._name = name
        self._event = event
        self._lock = threading.Lock()
        self._told: FallbackReason | None = None

    def note(self, outcome: FallbackReason | None, detail: str = "") -> None:
        """Take how a call went; None if well."""
        with self._lock:
            before, self._told = self._told, outcome
        if outcome != before:
            self._event(f"{self._name} failed ({outcome}): {detail}" if outcome else f"{self._name} works again")
