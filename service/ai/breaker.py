"""Circuit breaker: after enough failures the AI is left alone for a while, then one call at a time tries it again.

A state machine without clock or lock: times are monotonic seconds passed in, and whoever shares a breaker between
threads holds a lock around every call. The law after M. Nygard, "Release It!": closed until ``failures`` in a row or a
``share`` of at least ``calls`` in the window fail; open; then half open, for exactly one probe until its result.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

State = Literal["closed", "open", "half_open"]

_REMEMBERED = 1000  # results; more than these in one window say nothing new about a share


class Breaker:
    """Lets calls through or not. Each re-opening lasts twice as long as the one before, up to the longest."""

    def __init__(
        self,
        *,
        failures: int = 5,
        share: float = 0.5,
        calls: int = 10,
        window_seconds: float = 60.0,
        open_seconds: float = 15.0,
        longest_open_seconds: float = 300.0,
    ) -> None:
        self._failures = failures
        self._share = share
        self._calls = calls
        self._window_seconds = window_seconds
        self._first_open_seconds = min(open_seconds, longest_open_seconds)
        self._longest_open_seconds = longest_open_seconds
        self._results: deque[tuple[float, bool]] = deque(maxlen=_REMEMBERED)
        self._failed_in_a_row = 0
        self._open_seconds = self._first_open_seconds
        self._opens_again_at: float | None = None
        self._probing = False
        self._era = 0

    @property
    def era(self) -> int:
        """How often it has opened so far: who is let through hands this back when the call has failed."""
        return self._era

    @property
    def opens_again_at(self) -> float | None:
        """When the way opens again for a probe (monotonic seconds); None while closed."""
        return self._opens_again_at

    def state(self, now: float) -> State:
        """Return the state; ``half_open`` as soon as a probe may be, or is, under way."""
        if self._opens_again_at is None:
            return "closed"
        return "half_open" if self._probing or now >= self._opens_again_at else "open"

    def allow(self, now: float) -> bool:
        """Return whether a call may be made. Whoever is let through reports how it ended, exactly once."""
        state = self.state(now)
        if state != "half_open":
            return state == "closed"
        if self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self, now: float) -> None:
        """A call went well. Closes from any state: a late success too shows that the other side works again."""
        self._failed_in_a_row = 0
        if self._opens_again_at is None:
            self._results.append((now, True))
            return
        self._results.clear()
        self._open_seconds = self._first_open_seconds
        self._opens_again_at = None
        self._probing = False

    def failed(self, now: float, era: int | None = None) -> None:
        """A call failed. One let through in an earlier ``era``, before the breaker opened, changes nothing."""
        if era not in (None, self._era):
            return
        if self._probing:
            self._probing = False
            self._open_seconds = min(2 * self._open_seconds, self._longest_open_seconds)
            self._open(now, self._open_seconds)
        elif self._opens_again_at is None:
            self._results.append((now, False))
            self._failed_in_a_row += 1
            if self._is_too_much(now):
                self._open(now, self._open_seconds)

    def rest(self, now: float, seconds: float, era: int | None = None) -> None:
        """A call failed, and the other side asked to be left alone so long: it is, up to the longest time."""
        if era in (None, self._era):
            self._probing = False
            self._open(now, min(seconds, self._longest_open_seconds))

    def abandoned(self, now: float, era: int | None = None) -> None:
        """A call that was let through was never made, or ended without a verdict: the next may be the probe."""
        if era in (None, self._era):
            self._probing = False

    def _open(self, now: float, seconds: float) -> None:
        self._era += 1
        self._opens_again_at = now + seconds

    def _is_too_much(self, now: float) -> bool:
        while self._results and self._results[0][0] <= now - self._window_seconds:
            self._results.popleft()
        failed = sum(not well for _, well in self._results)
        seen = len(self._results)
        return self._failed_in_a_row >= self._failures or (seen >= self._calls and failed >= self._share * seen)
