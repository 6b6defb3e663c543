"""Warm-up: the popular questions are ranked before anybody asks them again.

One runs at a time; who asks for another joins it. It takes the same walk as clients do, in the process, one brief after
the other: it never takes more than one slot, and none that a client waits for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from service.errors import Refused
from service.messages import Brief, Query
from service.monitoring.sources import WarmupState
from service.monitoring.totals import WarmupOutcome

POPULAR_BRIEFS = 40


@dataclass(frozen=True, slots=True)
class Progress:
    """A warm-up that runs or has ended: the specs it warms, and how many went well and wrong so far."""

    specs: tuple[str, ...]
    warmed: int
    failed: int
    running: bool


class Warmer(Protocol):
    """What warms: ``warmer.Warmer``."""

    def begin(self) -> None: ...
    def warm(self, query: Query) -> None: ...


class Turn(Protocol):
    """Whose turn it is among several instances: ``fleet.lease.Lease``. None where nobody can say."""

    def take(self) -> bool | None: ...
    def give_back(self) -> None: ...


class NoOthers:
    """The turn of an instance that is alone."""

    def take(self) -> bool | None:
        return True

    def give_back(self) -> None:
        """Nobody waits for it."""


class Warmup:
    """Keeps ``always`` and the ``popular`` briefs warm by a ``warmer``; ``wall_clock`` is Unix seconds.

    ``counted(outcome, at)`` is told how each run ended: ok, or failed when no brief is warm. A run begins in its
    ``turn`` alone, and goes on only as long as that lasts.
    """

    def __init__(
        self,
        always: Sequence[str],
        popular: Callable[[int], list[Brief]],
        warmer: Warmer,
        wall_clock: Callable[[], float],
        counted: Callable[[WarmupOutcome, float], None],
        turn: Turn | None = None,
    ) -> None:
        self._turn = turn or NoOthers()
        self._waits = False
        self._always = tuple(Brief(spec) for spec in always)
        self._popular = popular
        self._warmer = warmer
        self._wall_clock = wall_clock
        self._counted = counted
        self._lock = threading.Lock()
        self._ended = threading.Condition(self._lock)
        self._stopping = False
        self._again = False
        self._progress = Progress((), 0, 0, running=False)
        self._last_run_at: float | None = None

    def run(self) -> bool:
        """Warm everything now, and once more if ``again`` was called meanwhile.

        False if a warm-up runs already, here or, as ``waits`` tells then, at another instance.
        """
        if self._progress.running:
            return False
        self._waits = self._turn.take() is False
        if self._waits:
            return False
        try:
            ran = self._run_once()
            while ran and self._wanted_again():
                self._run_once()
        finally:
            self._turn.give_back()
        return ran

    @property
    def waits(self) -> bool:
        """Whether the last run did not begin, or not end, since it was another instance's turn."""
        return self._waits

    def again(self) -> bool:
        """Have a running warm-up followed by another; False if none runs."""
        with self._lock:
            self._again = self._progress.running
            return self._again

    def wait_for_run_after(self, before: float | None, seconds: float) -> bool:
        """Wait at most ``seconds`` for the end of a run that ``state().last_run_at`` did not know at ``before``."""
        with self._ended:
            return self._ended.wait_for(lambda: self._last_run_at != before, seconds)

    def stop(self) -> None:
        """End a running warm-up at its next brief, and start none any more."""
        self._stopping = True

    def planned(self) -> tuple[str, ...]:
        """Return the specs that the running warm-up warms, or the next one will at least."""
        progress = self._progress
        return progress.specs if progress.running else tuple(brief.spec for brief in self._always)

    def progress(self) -> Progress:
        return self._progress

    def state(self) -> WarmupState:
        """Return what the stats show."""
        progress = self._progress
        known = progress.running or self._last_run_at is not None
        return WarmupState(
            running=progress.running,
            last_run_at=self._last_run_at,
            warmed=progress.warmed if known else None,
            failed=progress.failed if known else None,
        )

    def _wanted_again(self) -> bool:
        with self._lock:
            wanted, self._again = self._again, False
            return wanted

    def _run_once(self) -> bool:
        with self._lock:
            if self._progress.running or self._stopping:
                return False
            briefs = tuple(dict.fromkeys((*self._always, *self._popular(POPULAR_BRIEFS))))
            self._progress = Progress(tuple(brief.spec for brief in briefs), 0, 0, running=True)
        outcome: WarmupOutcome = "failed"
        try:
            self._run(briefs)
            outcome = "ok" if self._progress.warmed or not self._progress.failed else "failed"
        finally:
            with self._lock:
                self._progress = replace(self._progress, running=False)
                self._last_run_at = at = self._wall_clock()
                self._ended.notify_all()
            self._counted(outcome, at)
        return True

    def _run(self, briefs: Sequence[Brief]) -> None:
        self._warmer.begin()
        for brief in briefs:
            # Each brief makes the turn last; one that was lost while a call took too long is not warmed against.
            self._waits = self._turn.take() is False
            if self._stopping or self._waits:
                return
            warmed, failed = self._progress.warmed, self._progress.failed
            try:
                self._warmer.warm(Query(brief))
                warmed += 1
            except Refused:
                failed += 1
            self._progress = Progress(self._progress.specs, warmed, failed, running=True)
