"""Hand-written doubles that several test files share."""

from __future__ import annotations

from typing import Any

from service.messages import Request


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
