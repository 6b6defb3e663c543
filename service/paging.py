"""Cursors: where the next page begins, signed, so that nobody but this service can make one.

Those of a ranking are of one length; those of a listing hold the last id itself, in the order of which it goes on.

A cursor is base64url of: version (1 byte), brief (8), ranking fingerprint (8), offset (2), hash of the last id shown
(8), HMAC-SHA256 cut to 12: 52 characters. After a change of the catalogue the page goes on behind the last id shown, if
that still exists.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from service.errors import CursorExpired, InvalidInput
from service.messages import Brief, Ranking

_VERSION = 1
_LAYOUT = struct.Struct(">B8s8sH8s")
_SIGNATURE = 12
_LISTING = 128
"""First byte of cursors of listings: no version of the others will come so far."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a cursor says: ``offset`` is the place of the next row in the ranking it was made from."""

    brief: bytes
    fingerprint: bytes
    offset: int
    last_id: bytes


def digest(text: str) -> bytes:
    """Return 8 bytes that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def cut_from(cursor: str, ranking: Ranking) -> bool:
    """Return whether a cursor, checked before, was made of a page of this very ranking."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    _, _, fingerprint, _, _ = _LAYOUT.unpack(raw[: _LAYOUT.size])
    return bool(fingerprint == digest(ranking.fingerprint))


class Pager:
    """Makes and reads cursors with a secret key; those of the key before it can be read too."""

    def __init__(self, key: bytes) -> None:
        self._keys: tuple[bytes, ...] = (key,)

    @property
    def key(self) -> bytes:
        """The key that cursors are made with."""
        return self._keys[0]

    def adopt(self, key: bytes) -> None:
        """Make cursors with another key from now on."""
        self._keys = (key, self.key)

    def cursor(self, ranking: Ranking, offset: int, last_id: str) -> str:
        """Return the cursor of the page that begins at ``offset``, behind ``last_id``."""
        body = _LAYOUT.pack(_VERSION, _of_brief(ranking.brief), digest(ranking.fingerprint), offset, digest(last_id))
        return _encoded(body + _sign(self.key, body))

    def read(self, text: str, brief: Brief) -> Cursor:
        """Return what a cursor says. Raises ``InvalidInput`` when it is malformed, forged or of another brief."""
        body = self._signed(text)
        if body[:1] == bytes([_LISTING]):
            raise InvalidInput("This cursor belongs to another query.", field="cursor")
        if len(body) != _LAYOUT.size:
            raise _invalid()
        version, of_brief, fingerprint, offset, last_id = _LAYOUT.unpack(body)
        if version != _VERSION:
            raise CursorExpired("This cursor was made by another version; begin again.", field="cursor")
        if of_brief != _of_brief(brief):
            raise InvalidInput("This cursor belongs to another query.", field="cursor")
        return Cursor(of_brief, fingerprint, offset, last_id)

    def behind(self, brief: Brief, last_id: str) -> str:
        """Return the cursor of the page of a listing that begins behind ``last_id``."""
        body = bytes([_LISTING]) + digest(repr(brief)) + last_id.encode()
        return _encoded(body + _sign(self.key, body))

    def last_id(self, text: str, brief: Brief) -> str:
        """Return the id behind which a page of a listing begins. Raises ``InvalidInput`` like ``read``."""
        body = self._signed(text)
        if body[:1] != bytes([_LISTING]):
            raise InvalidInput("This cursor belongs to another query.", field="cursor")
        if body[1:9] != digest(repr(brief)):
            raise InvalidInput("This cursor belongs to another query.", field="cursor")
        return body[9:].decode()

    def offset(self, cursor: str | None, ranking: Ranking, ids: Callable[[Sequence[int]], list[str]]) -> int:
        """Return where the page begins in this ranking; ``ids`` gives the ids of row numbers.

        Raises ``CursorExpired`` when the catalogue changed and the last id shown is gone.
        """
        if cursor is None:
            return 0
        said = self.read(cursor, ranking.brief)
        if said.fingerprint == digest(ranking.fingerprint):
            return said.offset
        for place, signal_id in enumerate(ids(ranking.rows)):
            if digest(signal_id) == said.last_id:
                return place + 1
        raise CursorExpired("The catalogue has changed and the page cannot go on; begin again.", field="cursor")

    def _signed(self, text: str) -> bytes:
        """Return what this service has signed, without the signature. Raises ``InvalidInput``."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise _invalid() from None
        body, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        ours = any(hmac.compare_digest(signature, _sign(key, body)) for key in self._keys)
        # The decoder skips strange letters; one cursor has one spelling only.
        if _encoded(raw) != text or not ours:
            raise _invalid()
        return body


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_SIGNATURE]


def _of_brief(brief: Brief) -> bytes:
    # Whose question it is counts, not the version of what is private to them: that may change between two pages.
    return digest(repr(replace(brief, viewer=brief.principal) if brief.viewer else brief))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _invalid() -> InvalidInput:
    return InvalidInput("'cursor' is not a cursor of this service.", field="cursor")
