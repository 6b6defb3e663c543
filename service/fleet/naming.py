"""The names of everything that is kept in Redis.

``sa1:`` leads them all: whose it is and in which form, so that another version neither reads nor spoils it. Every key
expires. A script touches keys of several clients, so this is for one Redis (with replicas), not for Redis Cluster.
"""

from __future__ import annotations

PREFIX = b"sa1:"


def name(*parts: str) -> bytes:
    """Return a key: ``name("block", "192.0.2.1")``."""
    return PREFIX + text(":".join(parts))


def text(words: str) -> bytes:
    """Return words as Redis keeps them, whatever is in them: a path may name what is no address."""
    return words.encode("utf-8", "surrogatepass")
