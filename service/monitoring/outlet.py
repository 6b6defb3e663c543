"""The last step of a log line: whole texts onto a stream that may take a part, nothing for a while, or break.

Used by the journal's writer thread alone, which may hang here as long as the reader of the stream does. It promises
that a failure is an answer, never an exception, and that a line cut by one does not swallow the next.
"""

from __future__ import annotations

import io
import threading
from typing import Any

RETRY_SECONDS = 0.05


class Outlet:
    """Writes to a text or binary stream; ``broken`` tells whether the last write failed."""

    def __init__(self, stream: Any) -> None:
        # Past Python's own buffers: a thread stuck inside a buffered writer holds a lock that the interpreter
        # wants when it exits, and that is fatal to it.
        stream = getattr(stream, "buffer", stream)
        self._stream = getattr(stream, "raw", stream)
        self._text = isinstance(self._stream, io.TextIOBase)
        self.broken = False

    def write(self, text: str) -> bool:
        """Write and flush; False if the stream failed, or if there is none."""
        if self._stream is None:
            self.broken = True
            return False
        text = "\n" + text if self.broken else text
        rest: str | bytes = text if self._text else text.encode(errors="backslashreplace")
        try:
            while rest:
                taken = self._stream.write(rest)
                rest = rest[taken or 0 :]
                if not taken:
                    # A non-blocking stream that is full says None.
                    threading.Event().wait(RETRY_SECONDS)
            self._stream.flush()
        except (OSError, ValueError):
            self.broken = True
            return False
        self.broken = False
        return True
