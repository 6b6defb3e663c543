from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ContentTooLarge, InvalidInput
from service.wire.chunked import FRAMING_BYTES, LINE_BYTES, ChunkedBody

BEHIND = b"GET / HTTP/1.1\r\n"


class Buffer:
    def __init__(self):
        self.data = b""

    def append(self, part):
        self.data += part

    def getfile(self):
        return BytesIO(self.data)


def feed(body, pieces):
    """Feed pieces until the body is done; return what was left over, as the connection would see it."""
    left = b""
    for piece in pieces:
        used = 0 if body.completed or body.error else body.received(piece)
        left += piece[used:]
    return left


def encoded(chunks):
    return b"".join(b"%x;n=v\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\nX-Sum: 1\r\n\r\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 30))
def test_a_body_is_the_same_however_it_is_cut_and_takes_no_byte_of_the_next_request(chunks, size):
    raw = encoded(chunks) + BEHIND
    body = ChunkedBody(Buffer(), limit=1000)

    left = feed(body, [raw[at : at + size] for at in range(0, len(raw), size)])

    assert body.completed
    assert body.getfile().read() == body.getbuf().data == b"".join(chunks)
    assert len(body) == sum(map(len, chunks))
    assert left == BEHIND


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n",
        b"g\r\n",
        b"-1\r\n",
        b"0x1\r\n",
        b"1 \r\n",
        b"1\n\r\n",
        b"1\r\nx\n",
        b"1\r\nxy\r\n",
        b"1;\x00\r\n",
        b"1" * LINE_BYTES,
        b"0\r\nbad trailer\r\n",
        b"0\r\nA: b\r\n c\r\n",
        b"0\r\n\n",
        b"5;a\n",
        b"5\rx",
    ],
)
@pytest.mark.parametrize("size", [1, 2000])
def test_what_is_not_chunked_to_the_letter_is_a_fault(raw, size):
    body = ChunkedBody(Buffer(), limit=1000)

    left = feed(body, [raw[at : at + size] for at in range(0, len(raw), size)])

    assert isinstance(body.error, InvalidInput)
    assert not body.completed
    assert len(left) < len(raw)


def test_a_chunk_over_the_limit_is_refused_when_its_size_is_announced():
    body = ChunkedBody(Buffer(), limit=10)

    feed(body, [b"a\r\n0123456789\r\n", b"1\r\n"])

    assert isinstance(body.error, ContentTooLarge)
    assert len(body) == 10


def test_framing_may_not_outgrow_the_body_for_ever():
    body = ChunkedBody(Buffer(), limit=100_000)

    feed(body, [b"1;" + b"e" * 900 + b"\r\nx\r\n"] * ((100_000 + FRAMING_BYTES) // 900 + 1))

    assert isinstance(body.error, ContentTooLarge)


def test_trailers_are_not_endless():
    body = ChunkedBody(Buffer(), limit=10)

    feed(body, [b"0\r\n"] + [b"X: a\r\n"] * FRAMING_BYTES)

    assert isinstance(body.error, ContentTooLarge)
