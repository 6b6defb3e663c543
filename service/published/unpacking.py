"""Bytes of a download as they come, unpacked where they are gzip, whoever packed them: a server or the publisher.

Neither CSV nor JSON Lines can begin as gzip does, so the bytes themselves tell. What comes out is bounded piece by
piece: a bomb of a few kilobytes never takes more memory than one piece.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

GZIP = b"\x1f\x8b"
PIECE_BYTES = 65_536
_GZIP_WINDOW = 31


class Broken(Exception):
    """The packed bytes are damaged or cut short."""


def unpacked(pieces: Iterable[bytes], ends: bool = True) -> Iterator[bytes]:
    """Yield the content of ``pieces``, none of which is longer than ``PIECE_BYTES``. Raises ``Broken``.

    ``ends`` is false where a line that breaks looks like an end: what is not gzip, which has one of its own, is then
    taken for cut short, since half a catalogue is a sound catalogue with fewer signals.
    """
    coming = iter(pieces)
    head = b""
    while len(head) < len(GZIP) and (piece := next(coming, None)) is not None:
        head += piece
    if head.startswith(GZIP):
        yield from _inflated(head, coming)
        return
    yield head
    yield from coming
    if not ends:
        raise Broken("nobody says where it ends: it must come with a Content-Length, in chunks, or as gzip")


def _inflated(head: bytes, coming: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate one gzip member after the other, as ``gunzip`` does."""
    member = zlib.decompressobj(_GZIP_WINDOW)
    rest: bytes | None = head
    while rest is not None:
        while rest:
            if member.eof:
                member = zlib.decompressobj(_GZIP_WINDOW)
            yield _piece(member, rest)
            rest = member.unconsumed_tail or member.unused_data
        rest = next(coming, None)
    # What a bounded call could not hand out is still in the member.
    while not member.eof and (more := _piece(member, b"")):
        yield more
    if not member.eof:
        raise Broken("its gzip is cut short")


def _piece(member: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return member.decompress(packed, PIECE_BYTES)
    except zlib.error as error:
        raise Broken("its gzip is damaged") from error
