"""Tells a webhook that an alert fires or is resolved: one JSON document for each, in order, from a queue of its own.

The thread begins with the first alert. What fails and may pass is tried again with growing pauses; when the queue is
full the oldest document gives way, and is said. Nobody who evaluates alerts ever waits for it.
"""

from __future__ import annotations

import random as dice
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from service.monitoring.rules import Rule
from service.monitoring.watch import Transition

if TYPE_CHECKING:
    from service.outgoing import Outcome

CAPACITY = 100
TRIES = 5
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0

Document = dict[str, Any]


def alert_document(transition: Transition, rule: Rule, instance: str) -> Document:
    """Return what is posted; ``text`` is the one field that chat services show.

    ``id`` is the same at each try, so that a receiver can drop what it has seen.
    """
    value = "unknown" if transition.value is None else f"{transition.value:.4g}"
    verb = "fires" if transition.state == "firing" else f"is {transition.state}"
    return {
        "text": f"{rule.name} {verb} on {instance}: {rule.description}, {value} {rule.unit} "
        f"(fires {rule.comparison} {rule.fires:g}, clears at {rule.clears:g})",
        "id": f"{instance}/{rule.name}/{transition.state}/{transition.at:.3f}",
        "alert": rule.name,
        "description": rule.description,
        "severity": rule.severity,
        "unit": rule.unit,
        "fires": rule.fires,
        "clears": rule.clears,
        "instance": instance,
        **{key: value for key, value in transition.document().items() if key != "name"},
    }


def pause_after(attempt: int, outcome: Outcome, random: float) -> float:
    """Return the seconds until the next try: doubling, half of it jitter, or what the other side asked for."""
    wanted = FIRST_PAUSE_SECONDS * 2.0**attempt * (0.5 + random / 2)
    return min(max(wanted, outcome.retry_after or 0.0), LONGEST_PAUSE_SECONDS)


class Postbox:
    """Posts documents by ``post(document)``; ``report(alert, outcome, given_up)`` is told of a first failure, and of
    what was given up.

    ``wait(seconds)`` pauses between tries; by default for as long as the postbox is open.
    """

    def __init__(
        self,
        post: Callable[[Document], Outcome],
        report: Callable[[str, str, bool], None],
        *,
        wait: Callable[[float], object] | None = None,
        random: Callable[[], float] = dice.random,
    ) -> None:
        self._post = post
        self._report = report
        self._random = random
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._documents: deque[Document] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, document: Document) -> None:
        """Have a document posted."""
        dropped = None
        with self._changed:
            if len(self._documents) >= CAPACITY:
                dropped = self._documents.popleft()
            self._documents.append(document)
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
                self._thread.start()
            self._changed.notify()
        if dropped is not None:
            self._report(dropped["alert"], "too many wait", True)

    def close(self, seconds: float) -> None:
        """Try each that waits once more, for at most some seconds in all."""
        with self._changed:
            self._closed.set()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while (document := self._next()) is not None:
            outcome = self._posted(document)
            if not outcome.ok:
                self._report(document["alert"], outcome.text, True)

    def _next(self) -> Document | None:
        with self._changed:
            while not self._documents and not self._closed.is_set():
                self._changed.wait()
            return self._documents.popleft() if self._documents else None

    def _posted(self, document: Document) -> Outcome:
        for attempt in range(TRIES):
            outcome = self._post(document)
            if not outcome.passing or attempt == TRIES - 1 or self._closed.is_set():
                break
            if attempt == 0:
                self._report(document["alert"], outcome.text, False)
            self._wait(pause_after(attempt, outcome, self._random()))
        return outcome
