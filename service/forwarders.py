"""Who sends X-Forwarded-For although no proxy is trusted: a sign that ``TRUSTED_PROXIES`` was forgotten."""

from __future__ import annotations

from collections.abc import Callable

KEPT = 100


class Forwarders:
    """Remembers private peers, a hundred at most; ``first`` is told of each new one."""

    def __init__(self, first: Callable[[str], None]) -> None:
        self._first = first
        self._peers: set[str] = set()

    def note(self, peer: str) -> None:
        """Remember a peer; costs next to nothing when it is known."""
        if peer in self._peers or len(self._peers) >= KEPT:
            return
        self._peers.add(peer)
        self._first(peer)

    def count(self) -> int:
        return len(self._peers)
