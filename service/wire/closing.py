"""The last moment of a listening socket: nobody new, while those who wait in the kernel's queue are still let in."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import sys

_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of asm-generic/socket.h, which Python does not name
_DROP = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF_RET | BPF_K: keep 0 bytes of every packet


def refuse_newcomers(listener: socket.socket) -> None:
    """Have the kernel drop what asks to connect; it asks again within a second and meets a closed port by then.

    Does nothing where the system knows no such filter.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(_DROP, len(_DROP))
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(program)))
