"""Whether a text is a key that holds: from memory for a second, from the book then.

A revocation by another process is seen within ``FRESH_SECONDS``, a new key at its first use. While the book cannot be
read, keys seen in the last minute go on, and all others are told to come again: a locked file makes nobody a stranger.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from service.bounded import BoundedStore
from service.errors import Unavailable
from service.keys import token
from service.keys.book import Key

FRESH_SECONDS = 1.0
TROUBLE_SECONDS = 60.0
REMEMBERED = 10_000
_ENTRY_BYTES = 600
_NOBODY = bytes(32)

Verdict = Literal["active", "revoked", "expired", "unknown"]


class Book(Protocol):
    """Where keys are looked up: ``book.KeyBook``."""

    def find(self, key_id: str) -> Key | None: ...


class Known(NamedTuple):
    """A key, and when it was read from the book (monotonic seconds)."""

    key: Key
    at: float


class Verifier:
    """``readable()`` tells whether the book's file can be read; ``clock`` is Unix seconds, ``now`` monotonic ones."""

    def __init__(
        self, book: Book, readable: Callable[[], bool], clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        self._book = book
        self._readable = readable
        self._clock = clock
        self._now = now
        # By digest, so that memory holds no key; only right ones get in, so that strangers push nobody out.
        self._known: BoundedStore[bytes, Known] = BoundedStore(REMEMBERED, REMEMBERED * _ENTRY_BYTES)

    def check(self, text: str) -> tuple[Verdict, Key | None]:
        """Return what became of a key, and the key where its secret is right. Raises ``Unavailable``."""
        digest = token.digest(text)
        known = self._known.get(digest)
        if known is None or self._now() - known.at >= FRESH_SECONDS:
            known = self._read(text, digest, known)
        if known is None:
            return "unknown", None
        return known.key.state(self._clock()), known.key  # type: ignore[return-value]

    def _read(self, text: str, digest: bytes, before: Known | None) -> Known | None:
        key_id = token.id_of(text)
        key = None if key_id is None else self._book.find(key_id)
        # Compared also where there is none, so that the time tells nothing of which ids there are.
        right = hmac.compare_digest(key.digest if key else _NOBODY, digest)
        if key is not None and right:
            known = Known(key, self._now())
            self._known.put(digest, known, _ENTRY_BYTES)
            return known
        if key_id is None or key is not None or self._readable():
            return None
        if before is not None and self._now() - before.at < TROUBLE_SECONDS:
            return before
        raise Unavailable("Keys cannot be looked up at the moment.", retry_after=5)
