"""What Redis says of a client that comes in: pure reading of the replies of ``enter.lua`` and ``charge.lua``."""

from __future__ import annotations

from typing import Any, NamedTuple

from service.sliding_window import Verdict

BLOCKED = Verdict(admitted=False, left=0, reset_ms=0)


class Standing(NamedTuple):
    """Blocked for so many seconds, or what the window says. ``on_record``: good conduct counts for this client.
    ``fresh`` is the block that this very request brought: when it ends (Unix seconds) and its number."""

    blocked_seconds: float
    verdict: Verdict
    on_record: bool = False
    fresh: tuple[float, int] | None = None
    garbage: int = 0

    @property
    def refuses(self) -> bool:
        """Whether the request goes no further."""
        return self.blocked_seconds > 0 or not self.verdict.admitted


def entered(reply: Any) -> Standing | None:
    """Return what ``enter.lua`` replied; None if it makes no sense."""
    try:
        word, *texts = reply.split()
        numbers = [int(text) for text in texts]
        if word == b"admitted":
            left, reset, on_record, garbage = numbers
            return Standing(0.0, Verdict(True, left, reset), on_record == 1, None, garbage)
        if word == b"refused":
            reset, ends, times, garbage = numbers
            return Standing(0.0, Verdict(False, 0, reset), True, _block(ends, times), garbage)
        milliseconds, garbage = numbers
        return Standing(milliseconds / 1000, BLOCKED, garbage=garbage) if word == b"blocked" else None
    except (AttributeError, ValueError):
        return None


def charged(reply: Any) -> tuple[tuple[float, int] | None, int] | None:
    """Return the block that an offence brought, if any, and the garbage met; None for what makes no sense."""
    try:
        ends, times, garbage = map(int, reply.split())
    except (AttributeError, ValueError):
        return None
    return _block(ends, times), garbage


def passed(reply: Any) -> tuple[Verdict, int] | None:
    """Return what ``pass.lua`` says of a window, and the garbage met; None for what makes no sense."""
    try:
        admitted, left, reset, garbage = map(int, reply.split())
    except (AttributeError, ValueError):
        return None
    return Verdict(admitted == 1, left, reset), garbage


def _block(ends: int, times: int) -> tuple[float, int] | None:
    return (ends / 1000, times) if times else None
