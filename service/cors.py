"""Which pages of other origins may read answers: the Fetch standard's CORS protocol. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_EXPOSED = (
    "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset, X-Cache, X-Request-ID"
)

ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, MCP-Protocol-Version, X-Adcp-Auth, X-Request-ID"
)


class Cors:
    """Which pages of other origins may read answers (the Fetch standard's CORS protocol)."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origins)

    def headers(self, origin: str) -> list[tuple[str, str]]:
        """Return what an answer to a request from ``origin`` says; nothing when it is not allowed."""
        if not origin or not self._origins.intersection((origin, "*")):
            return []
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", _EXPOSED),
            ("Vary", "Origin"),
        ]

    def preflight(self, origin: str, allow: str) -> list[tuple[str, str]]:
        """Return what the answer to an OPTIONS request says besides ``Allow``."""
        if not self.headers(origin):
            return []
        return [
            ("Access-Control-Allow-Methods", allow),
            ("Access-Control-Allow-Headers", ALLOWED_HEADERS),
            ("Access-Control-Max-Age", "600"),
        ]
