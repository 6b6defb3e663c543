"""How this process asks its C library for memory.

glibc gives threads heaps of their own, up to eight a core, and what one thread has freed serves no other: under mixed
load a service of a hundred and seventy threads grew by 3 MB a minute in holes. Two heaps keep it flat, and cost
nothing here, since threads that allocate at the same time are few: the interpreter's lock sees to that.
"""

from __future__ import annotations

import ctypes
import os

HEAPS = 2
_M_ARENA_MAX = -8  # malloc.h


def share_heaps() -> bool:
    """Let all threads share two heaps; False where the C library is another, or the environment has its own say."""
    if "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_M_ARENA_MAX, HEAPS))
