"""A Lua script, packed for the wire with as little work as a request can do.

Redis runs a script as one step, and one call of it is one round trip. It is called by its digest; a Redis that does not
know it (restarted, flushed) gets the whole text once.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import NamedTuple


class Script:
    """``text`` is Lua; the keys that it touches are given to it as ``KEYS``."""

    def __init__(self, text: str) -> None:
        body = text.encode()
        # The digest is Redis' name for a script and protects nothing.
        self.by_digest = packed((b"EVALSHA", sha1(body, usedforsecurity=False).hexdigest().encode()))
        self.in_full = packed((b"EVAL", body))

    def call(self, keys: Sequence[bytes], arguments: Sequence[bytes], later: int = 0) -> Call:
        """Return a call; as many as ``later`` arguments more are given each time that it is made."""
        words = (b"%d" % len(keys), *keys, *arguments)
        return Call(self, b"*%d\r\n" % (2 + len(words) + later), packed(words))


class Call(NamedTuple):
    """A call of a script, all but packed: its own words and the arguments that come later are what is missing."""

    script: Script
    head: bytes
    words: bytes

    def by_digest(self, later: bytes) -> bytes:
        """Return the call of a script that Redis knows."""
        return b"%b%b%b%b" % (self.head, self.script.by_digest, self.words, later)

    def in_full(self, later: bytes) -> bytes:
        """Return the call that teaches Redis the script as well."""
        return b"%b%b%b%b" % (self.head, self.script.in_full, self.words, later)


def packed(words: Sequence[bytes]) -> bytes:
    """Return words in Redis' protocol."""
    return b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words])


def pack(words: Sequence[bytes]) -> bytes:
    """Return a command in Redis' protocol."""
    return b"*%d\r\n%b" % (len(words), packed(words))
