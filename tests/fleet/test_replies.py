"""What Redis replies, read from whatever pieces arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.fleet.replies import LONGEST_LINE, LONGEST_TEXT, Failure, Garbled, Replies

ERRORS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=50).map(Failure)
REPLIES = st.lists(st.binary(max_size=100) | ERRORS, max_size=10)


def written(reply):
    if isinstance(reply, Failure):
        return b"-%b\r\n" % reply.text.encode()
    return b"$%d\r\n%b\r\n" % (len(reply), reply)


def in_pieces(data, cuts):
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[first:last] for first, last in pairwise(edges)]


@given(REPLIES, st.lists(st.integers(min_value=0), max_size=20))
def test_replies_are_the_same_however_they_are_cut(replies, cuts):
    reader = Replies()

    found = [reply for piece in in_pieces(b"".join(map(written, replies)), cuts) for reply in reader.feed(piece)]

    assert found == replies


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_whatever_comes_is_read_or_garbled_and_nothing_else(pieces):
    reader = Replies()
    try:
        for piece in pieces:
            assert all(isinstance(reply, bytes | Failure) for reply in reader.feed(piece))
    except Garbled:
        pass


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"*1\r\n$1\r\na\r\n",
        b":1\r\n",
        b"+OK\r\n",
        b"$-1\r\n",
        b"$\r\n",
        b"$ 1\r\n",
        b"$1e3\r\n",
        b"$%d\r\n" % (LONGEST_TEXT + 1),
        b"$2\r\nabcde",
        b"-" + b"x" * LONGEST_LINE,
        b"\x00",
    ],
)
def test_what_no_script_of_ours_replies_is_garbled_wherever_it_comes(garbage):
    for before in (b"", b"$2\r\nok\r\n"):
        with pytest.raises(Garbled):
            Replies().feed(before + garbage)
