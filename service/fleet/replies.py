"""Reads what Redis replies to our scripts from whatever pieces arrive: texts and errors, in RESP2. Pure.

What is no such reply raises ``Garbled``, for good: where the next one would begin cannot be known any more.
"""

from __future__ import annotations

from typing import NamedTuple

LONGEST_TEXT = 1 << 20
LONGEST_LINE = 4096
_END = b"\r\n"


class Garbled(ValueError):
    """What came is not in Redis' protocol, or not what a script of ours replies."""


class Failure(NamedTuple):
    """An error that Redis replied with, in its words."""

    text: str


Reply = bytes | Failure


class Replies:
    """The replies of one connection, in their order."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that are complete with these bytes. Raises ``Garbled``."""
        held = self._held + data if self._held else data
        found: list[Reply] = []
        start = 0
        while (one := _next(held, start)) is not None:
            reply, start = one
            found.append(reply)
        self._held = held[start:]
        return found


def _next(held: bytes, start: int) -> tuple[Reply, int] | None:
    """Return the reply that begins there and where the next one does; None if it is not all there."""
    end = held.find(_END, start, start + LONGEST_LINE)
    kind = held[start : start + 1]
    if kind not in (b"$", b"-", b""):
        raise Garbled(f"no reply of a script begins with {kind!r}")
    if end < 0:
        if len(held) - start >= LONGEST_LINE:
            raise Garbled("a line without an end")
        return None
    line, behind = held[start + 1 : end], end + 2
    if kind == b"-":
        return Failure(line.decode("utf-8", "replace")), behind
    close = behind + _length(line)
    if len(held) < close + 2:
        return None
    if held[close : close + 2] != _END:
        raise Garbled("a text that is longer than was said")
    return held[behind:close], close + 2


def _length(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 7 or int(digits) > LONGEST_TEXT:
        raise Garbled(f"no length, or none that can be: {digits[:30]!r}")
    return int(digits)
