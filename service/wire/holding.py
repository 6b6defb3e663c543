"""A connected socket that keeps the interpreter while the kernel takes or gives bytes.

Python lets other threads in around every system call. Here the calls never wait and take microseconds, but to get back
in behind a thread that computes takes a whole switch interval: with two calls a request, the loop would spend most of
an overloaded second waiting for its turn. So it goes from one request to the next, and gives way when it is asked to.
"""

from __future__ import annotations

import ctypes
import os
import socket

# PyDLL, unlike CDLL, does not release the interpreter's lock around a call.
_C = ctypes.PyDLL(None, use_errno=True)
_SEND, _RECV = _C.send, _C.recv
_SEND.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_RECV.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_SEND.restype = _RECV.restype = ctypes.c_ssize_t
# Plain numbers: to join two flags takes as long as the walk through a stage.
_RECEIVING = int(socket.MSG_DONTWAIT)
_SENDING = int(socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
_LONGEST = 65536
"""Bytes that a call may move: more would keep all other threads out for a while."""


class HoldingSocket(socket.socket):
    """A socket whose ``send`` and ``recv`` never wait, and raise ``BlockingIOError`` where they would have to.

    ``recv`` is for one thread at a time.
    """

    __slots__ = ()

    @classmethod
    def of(cls, accepted: socket.socket) -> HoldingSocket:
        """Return a socket in the place of another, which is detached."""
        return cls(accepted.family, accepted.type, accepted.proto, accepted.detach())

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        """Hand bytes to the kernel; return how many it took."""
        sent: int = _SEND(self.fileno(), data, min(len(data), _LONGEST), _SENDING | flags)
        return sent if sent >= 0 else _fail()

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come, at most ``size`` bytes; nothing at the end of the connection."""
        buffer = (ctypes.c_char * min(size, _LONGEST))()
        got: int = _RECV(self.fileno(), buffer, len(buffer), _RECEIVING | flags)
        return ctypes.string_at(buffer, got) if got >= 0 else bytes(_fail())


def _fail() -> int:
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code))
