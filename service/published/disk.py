"""A published file on a disk: opened without waiting for anybody, and told apart by its size and time."""

from __future__ import annotations

import os
import stat
from typing import IO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from service.published.file import FetchFailed, Marks


def opened(url: str) -> IO[bytes]:
    """Open the file of a ``file:`` address. Raises ``OSError``."""
    # Without blocking: a FIFO would be waited for for ever.
    descriptor = os.open(url2pathname(urlsplit(url).path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    return os.fdopen(descriptor, "rb")


def marks_of(file: IO[bytes]) -> Marks:
    """Return the marks of an open file. Raises ``FetchFailed`` if it is no regular one."""
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise FetchFailed("it is no regular file")
    return Marks(f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}")
