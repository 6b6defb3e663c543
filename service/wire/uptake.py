"""Whether a client takes what it is sent: nobody may hold a connection by reading a byte now and then.

``Uptake`` is pure: told how much a client has taken in all, it says whether that is too little for the time. ``unsent``
asks the kernel what of the sent bytes still waits for the client, and ``reset_when_closed`` keeps the kernel from
waiting on for a client that was given up.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
import termios


class Uptake:
    """Watches one connection: in each ``seconds`` that it owes bytes, its client must take ``least`` of them."""

    __slots__ = ("_at", "_least", "_seconds", "_taken")

    def __init__(self, seconds: float, least: int) -> None:
        self._seconds = seconds
        self._least = least
        self._at: float | None = None
        self._taken = 0

    def rest(self) -> None:
        """Nothing is owed any more."""
        self._at = None

    def too_slow(self, taken: int, now: float) -> bool:
        """Return True if too little was taken; call it now and then, as long as bytes are owed.

        ``taken`` counts all bytes since the connection was opened, ``now`` is monotonic seconds.
        """
        if self._at is not None and now - self._at < self._seconds:
            return False
        slow = self._at is not None and taken - self._taken < self._least
        self._at, self._taken = now, taken
        return slow


def unsent(connection: socket.socket) -> int:
    """Return how many bytes the kernel holds that the client has not acknowledged; 0 where that cannot be known."""
    try:
        held: int = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
    except (OSError, ValueError):
        return 0
    return held


def reset_when_closed(connection: socket.socket) -> None:
    """Have the kernel throw away what the client did not take; else it would keep that, and ask, for many minutes."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
