"""A Lua script, packed for the wire with as little work as a request can do.

Redis runs a script as one step, and one call of it is one round trip. It is called by its digest; a Redis that does not
know it (restarted, flushed) gets the whole text once.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1


class Script:
    """``text`` is Lua; the keys that it touches are given to it as ``KEYS``."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()
        # The digest is Redis' name for a script and protects nothing.
        self._digest = sha1(self._text, usedforsecurity=False).hexdigest().encode()

    def by_digest(self, keys: Sequence[bytes], arguments: Sequence[bytes]) -> bytes:
        """Return the packed call of a script that Redis knows."""
        return pack((b"EVALSHA", self._digest, b"%d" % len(keys), *keys, *arguments))

    def in_full(self, keys: Sequence[bytes], arguments: Sequence[bytes]) -> bytes:
        """Return the packed call that teaches Redis the script as well."""
        return pack((b"EVAL", self._text, b"%d" % len(keys), *keys, *arguments))


def pack(words: Sequence[bytes]) -> bytes:
    """Return a command in Redis' protocol."""
    return b"*%d\r\n" % len(words) + b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words])
