"""A sliding window that all instances fill together, for what has a limit of its own beside that of its address."""

from __future__ import annotations

from service.fleet.naming import name
from service.fleet.scripts import load
from service.fleet.standing import passed
from service.fleet.store import Store
from service.reading import Rate
from service.sliding_window import SlidingWindow, Verdict

PASS = load("common", "window", "pass")


class SharedWindow:
    """``scope`` keeps its names apart from those of other windows; ``window`` is this instance's own, which judges
    while Redis is down."""

    def __init__(self, store: Store, scope: str, rate: Rate, window: SlidingWindow) -> None:
        self._store = store
        self._kind = f"{scope}{rate.seconds}"
        self._limits = (b"%d" % rate.requests, b"%d" % (rate.seconds * 1000))
        self._window = window

    def hit(self, client: str) -> Verdict:
        """Count one request if it may pass; a refused one leaves no trace."""
        reply = self._store.run(PASS, (name(self._kind, client),), self._limits)
        found = passed(reply) if reply is not None else None
        if found is None:
            self._store.pass_over(int(reply is not None))
            return self._window.hit(client)
        verdict, garbage = found
        self._store.pass_over(garbage)
        if verdict.admitted:
            self._window.hit(client)
        return verdict

    def top(self, count: int) -> list[tuple[str, int]]:
        """Return the busiest of this instance, with what it admitted of them in the window."""
        return self._window.top(count)
