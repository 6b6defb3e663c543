"""A chunked request body, decoded to the letter and bounded while it comes.

Used by the strict parser in place of Waitress' own receiver, which takes line feeds inside size lines, skips empty
lines between chunks and believes any trailer. Extensions are checked and ignored. A chunk that would pass the limit is
refused when its size is announced. Framing is bounded too: chunks of one byte do not make a small body long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from service.errors import ContentTooLarge, InvalidInput, Refused
from service.wire.strict import parse_fields

LINE_BYTES = 1024
FRAMING_BYTES = 16384

# RFC 9112 section 7.1.1, to the letter: a quoted string that is not closed goes on behind the line for some.
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = rb'"(?:[\t !#-\[\]-~]|\\[\t -~])*"'
_EXTENSION = rb"[ \t]*;[ \t]*%b(?:[ \t]*=[ \t]*(?:%b|%b))?" % (_TOKEN, _TOKEN, _QUOTED)
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,12})(?:%b)*" % _EXTENSION)


class ChunkedBody:
    """Decodes chunks into ``buffer`` (anything with ``append``, ``getfile`` and ``__len__``), at most ``limit`` bytes.

    ``received`` returns how many of the bytes given belong to this body. At the end ``completed`` is True; after a
    fault ``error`` holds the refusal and nothing more may be fed.
    """

    def __init__(self, buffer: Any, limit: int) -> None:
        self.completed = False
        self.error: Refused | None = None
        self._buffer = buffer
        self._limit = limit
        self._size = 0
        self._left = 0
        self._framing = 0
        self._tail = b""
        self._read_line: Callable[[bytes], None] = self._size_line

    def __len__(self) -> int:
        return self._size

    def received(self, data: bytes) -> int:
        """Take the next bytes of the connection; return how many of them were part of the body."""
        raw = self._tail + data
        self._tail = b""
        at = 0
        try:
            while at < len(raw) and not self.completed:
                at = self._take_data(raw, at) if self._left else self._take_line(raw, at)
        except Refused as refusal:
            self.error = refusal
            at = len(raw)
        return len(data) - (len(raw) - at)

    def getfile(self) -> Any:
        """Return the decoded body as an open file, at its beginning."""
        return self._buffer.getfile()

    def getbuf(self) -> Any:
        """Return the buffer, for closing."""
        return self._buffer

    def _take_data(self, raw: bytes, at: int) -> int:
        part = raw[at : at + self._left]
        self._buffer.append(part)
        self._size += len(part)
        self._left -= len(part)
        if not self._left:
            self._read_line = self._end_of_chunk
        return at + len(part)

    def _take_line(self, raw: bytes, at: int) -> int:
        end = raw.find(b"\r\n", at, at + LINE_BYTES)
        if end < 0:
            self._tail = raw[at:]
            if len(self._tail) >= LINE_BYTES or b"\n" in self._tail or b"\r" in self._tail[:-1]:
                raise InvalidInput("The chunked body is malformed.")
            return len(raw)
        self._framing += end + 2 - at
        if self._framing > self._limit + FRAMING_BYTES:
            raise ContentTooLarge("The body is chunked too finely.")
        self._read_line(raw[at:end])
        return end + 2

    def _size_line(self, line: bytes) -> None:
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise InvalidInput("A chunk size is malformed.")
        self._left = int(match[1], 16)
        if self._size + self._left > self._limit:
            raise ContentTooLarge(f"The body may have at most {self._limit} bytes.")
        if not self._left:
            self._read_line = self._trailer_line

    def _end_of_chunk(self, line: bytes) -> None:
        if line:
            raise InvalidInput("A chunk is longer than its size says.")
        self._read_line = self._size_line

    def _trailer_line(self, line: bytes) -> None:
        # Trailers are checked and thrown away: nothing here reads them, and merging them would forge headers.
        if line:
            parse_fields([line.decode("latin-1")])
        else:
            self.completed = True
