"""Messages over a socket between the service and a process that it started: JSON, and bytes as they are.

Whatever comes is read as data, never run: there is no pickle.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_HEAD = struct.Struct("!II")  # bytes of the message in all, and of its JSON
_READ = 65536


def wait_at_most(line: socket.socket, seconds: float) -> None:
    """Have a socket give up after so many seconds, with an ``OSError``.

    The kernel minds the time: Python's own time-out asks it twice, and lets other threads in each time.
    """
    limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def send(line: socket.socket, message: Any, behind: bytes = b"") -> None:
    """Send a message whole, with bytes behind it; raises ``OSError``."""
    text = json.dumps(message, separators=(",", ":")).encode()
    line.sendall(_HEAD.pack(len(text) + len(behind), len(text)) + text + behind)


def receive(line: socket.socket) -> tuple[Any, bytes]:
    """Return the next message, and the bytes behind it.

    Raises ``EOFError`` where the other side has gone, ``ValueError`` for what is no message, and ``OSError``.
    """
    data = b""
    while len(data) < _HEAD.size or len(data) < _HEAD.size + _HEAD.unpack_from(data)[0]:
        more = line.recv(_READ)
        if not more:
            raise EOFError("the other side has gone")
        data += more
    text = data[_HEAD.size : _HEAD.size + _HEAD.unpack_from(data)[1]]
    return json.loads(text), data[_HEAD.size + len(text) :]
