"""Packed or plain, whole or cut, in any pieces: what comes out is the content or a refusal, never much at once."""

import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.published.unpacking import PIECE_BYTES, Broken, unpacked


def in_pieces(data, size):
    return [data[place : place + size] for place in range(0, len(data), size)]


@given(st.binary(max_size=3000), st.integers(1, 700), st.booleans())
def test_packed_or_plain_the_content_comes_out_whatever_the_pieces(content, size, packed):
    data = gzip.compress(content) if packed or content.startswith(b"\x1f\x8b") else content

    assert b"".join(unpacked(in_pieces(data, size))) == content


def test_several_gzip_members_are_one_content():
    data = gzip.compress(b"id,name\n") + gzip.compress(b"a,A\n")

    assert b"".join(unpacked(in_pieces(data, 7))) == b"id,name\na,A\n"


def test_a_bomb_comes_out_in_small_pieces():
    bomb = gzip.compress(bytes(50_000_000))

    sizes = [len(piece) for piece in unpacked([bomb])]

    assert max(sizes) <= PIECE_BYTES
    assert sum(sizes) == 50_000_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:3],
        lambda data: data[:200] + bytes([data[200] ^ 255]) + data[201:],
        lambda data: data[:-5] + bytes([data[-5] ^ 255]) + data[-4:],
        lambda data: data + b"rubbish",
    ],
)
@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_damaged_or_cut_gzip_is_refused(spoil, size):
    with pytest.raises(Broken):
        list(unpacked(in_pieces(spoil(gzip.compress(os.urandom(3000))), size)))
