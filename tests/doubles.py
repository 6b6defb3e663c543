"""Hand-written doubles that several test files share."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable
from typing import Any

from service.messages import Brief, Ranking, Request


class FakeClock:
    """A clock that stands still until it is told to ``advance``; call it, or read ``now``, for its seconds."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def a_request(**overrides: Any) -> Request:
    """Return a harmless ``GET /api/signals?spec=cars``; ``environ`` and every field may be overridden."""
    fields: dict[str, Any] = {
        "method": "GET",
        "path": "/api/signals",
        "query_string": "spec=cars",
        "endpoint": "/api/signals",
        "peer": "192.0.2.1",
        "arrived": 1000.0,
        "environ": {},
        "read_body": lambda: b"",
        "id": "request-1",
        "client": "192.0.2.1",
    }
    return Request(**(fields | overrides))


def a_ranking(brief: Brief | None = None, **overrides: Any) -> Ranking:
    """Return a ranking of three rows by text; every field may be overridden."""
    fields: dict[str, Any] = {
        "brief": brief or Brief("cars"),
        "catalogue_version": "v1",
        "fingerprint": "0123456789abcdef",
        "rows": array("I", (1, 2, 3)),
        "relevance": array("f", (1.0, 0.5, 0.25)),
        "total": 3,
    }
    return Ranking(**(fields | overrides))


class Crowd:
    """Threads that run at once; ``results`` are what they returned or raised, in the order in which they ended."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self._threads: list[threading.Thread] = []

    def start(self, work: Callable[..., Any], *arguments: Any) -> None:
        def run() -> None:
            try:
                result = work(*arguments)
            except BaseException as error:
                result = error
            self.results.append(result)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self, seconds: float = 10.0) -> list[Any]:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            assert not thread.is_alive(), "a thread still waits"
        return self.results


def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Return as soon as ``true()`` is; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        threading.Event().wait(0.0005)
