"""The limit of a key, beside the limit of its address: one window for each rate that operators gave.

Its headers say ``"key"`` where those of the address say ``"default"``, and ``X-RateLimit-*`` tell of the key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from service.bounded import BoundedStore
from service.keys.book import Key
from service.messages import Request, Response
from service.monitoring.sources import KeyUse
from service.reading import Rate
from service.sliding_window import Verdict
from service.stages.rate_limit import Limited, limited

NAMES_KEPT = 10_000
_NAME_BYTES = 200


class Window(Protocol):
    """What counts for the keys of one rate: ``sliding_window.SlidingWindow``, or a window shared by many."""

    def hit(self, client: str) -> Verdict: ...
    def top(self, count: int) -> list[tuple[str, int]]: ...


class _Rated(NamedTuple):
    window: Window
    limited: Limited


class KeyLimits:
    """``default`` holds for keys without a rate of their own; ``window_of`` makes the window of a rate.

    ``wall_clock`` is Unix seconds.
    """

    def __init__(self, default: Rate, window_of: Callable[[Rate], Window], wall_clock: Callable[[], float]) -> None:
        self._default = default
        self._window_of = window_of
        self._wall_clock = wall_clock
        self._rated: dict[Rate, _Rated] = {}
        self._names: BoundedStore[str, str] = BoundedStore(NAMES_KEPT, NAMES_KEPT * _NAME_BYTES)

    def __call__(self, key: Key, request: Request, proceed: Callable[[Request], Response]) -> Response:
        """Let a request go on if its key may; raises ``RateLimited``."""
        rate = key.rate or self._default
        rated = self._rated.get(rate) or self._rated.setdefault(rate, self._make(rate))
        # No address holds a slash.
        client = f"key/{key.id}"
        self._names.put(client, key.principal.name, _NAME_BYTES)
        return rated.limited(client, request, proceed)

    def top(self, count: int) -> list[KeyUse]:
        """Return the keys that used most of their limits, most first."""
        used = [
            KeyUse(name, used, *rate)
            for rate, rated in list(self._rated.items())
            for client, used in rated.window.top(count)
            if (name := self._names.get(client)) is not None
        ]
        return sorted(used, key=lambda use: (-use.used / use.limit, use.name))[:count]

    def _make(self, rate: Rate) -> _Rated:
        window = self._window_of(rate)
        return _Rated(window, limited(window, *rate, self._wall_clock, name="key"))
