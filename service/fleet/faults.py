"""What can be wrong with Redis, in the words under which it is counted.

Two kinds: a *fault* of the store, for which it counts as down until it works again, and *garbage*, data that another
version or another program left under a key of ours, which is passed over and counted.
"""

from __future__ import annotations

from typing import Literal

from redis import exceptions
from redis.connection import DefaultParser

Fault = Literal["timeout", "unreachable", "loading", "full", "read_only", "refused"]
FAULTS: tuple[Fault, ...] = ("timeout", "unreachable", "loading", "full", "read_only", "refused")

# The first that fits, so children stand before their parents.
_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (exceptions.TimeoutError, "timeout"),
    (TimeoutError, "timeout"),
    (exceptions.BusyLoadingError, "loading"),
    (exceptions.AuthenticationError, "refused"),
    (exceptions.ConnectionError, "unreachable"),
    (OSError, "unreachable"),
    (exceptions.OutOfMemoryError, "full"),
    (exceptions.ReadOnlyError, "read_only"),
)


def error_in(text: str) -> Exception:
    """Return the exception that the client makes of an error in Redis' words."""
    error: Exception = DefaultParser.parse_error(text)  # type: ignore[no-untyped-call]
    return error


def fault_of(error: Exception) -> Fault:
    """Return the word for an error of the store."""
    return next((fault for kind, fault in _FAULTS if isinstance(error, kind)), "refused")


def is_garbage(error: Exception) -> bool:
    """Return whether an error is about what a key holds: the wrong type, or what a script of ours stumbled over."""
    if type(error) is not exceptions.ResponseError:
        return False
    text = str(error)
    return text.startswith("WRONGTYPE") or "user_script" in text
