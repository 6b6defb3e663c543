"""A verdict comes back as it went in, and what is none never comes back as one."""

import json
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ai.verdict import Place, Verdict
from service.fleet.verdicts import ENTRY_BYTES, Garbled, decode, encode
from service.messages import Proposal
from service.monitoring.totals import FALLBACK_REASONS

MANY = 50
VERDICT = Verdict((Place(3, 0.9, "fits"), Place(0, 0.1 + 0.2, "")), frozenset({7}))


@st.composite
def verdicts(draw):
    rows = draw(st.lists(st.integers(0, MANY - 1), unique=True, min_size=1))
    cut = draw(st.integers(0, len(rows)))
    scores = sorted(draw(st.lists(st.floats(0, 1), min_size=cut, max_size=cut)), reverse=True)
    letters = st.text(st.characters(categories=("L", "N", "P"), include_characters=" "), max_size=200)
    places = tuple(Place(row, score, draw(letters)) for row, score in zip(rows[:cut], scores, strict=True))
    made = draw(st.lists(st.builds(Proposal, *[letters.map(lambda text: text[:40])] * 4), max_size=3))
    return Verdict(places, frozenset(rows[cut:]), tuple(made))


@given(verdicts())
def test_a_verdict_comes_back_to_the_last_digit(verdict):
    entry = encode(verdict)

    assert len(entry) <= ENTRY_BYTES
    assert decode(entry, MANY) == verdict


@pytest.mark.parametrize("reason", FALLBACK_REASONS)
def test_a_failure_comes_back_as_its_reason(reason):
    assert decode(encode(reason), MANY) == reason


def test_it_is_packed_where_that_pays_and_not_where_it_does_not():
    long = Verdict(tuple(Place(row, 1 - row / 100, "fits the brief well") for row in range(MANY)), frozenset())

    assert encode("timeout")[:1] == b"j"
    assert encode(long)[:1] == b"z"
    assert len(encode(long)) < 600


def test_what_is_larger_than_an_entry_is_not_kept():
    words = [random.Random(row).randbytes(2000).hex() for row in range(MANY)]

    assert encode(Verdict(tuple(Place(row, 0.5, words[row]) for row in range(MANY)), frozenset())) is None


def entry_of(*document):
    return b"j" + json.dumps(document).encode()


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"j",
        b"junk",
        b"z" + b"\x00" * 40,
        b"\x80\x04\x95pickle",
        encode(VERDICT)[:-1],
        b"z" + zlib.compress(b"[1" + b"," * 10**6),
        b"z" + zlib.compress(json.dumps([1, "timeout"]).encode())[:-2],
        b"j" + b"[" * 100_000,
        entry_of(2, [[0, 0.5, ""]], [], []),
        entry_of(1),
        entry_of(1, "no reason"),
        entry_of(1, 5),
        entry_of(1, [], [], []),
        entry_of(1, [[MANY, 0.5, ""]], [], []),
        entry_of(1, [[-1, 0.5, ""]], [], []),
        entry_of(1, [[True, 0.5, ""]], [], []),
        entry_of(1, [[[], 0.5, ""]], [], []),
        entry_of(1, [[0, 1.5, ""]], [], []),
        entry_of(1, [[0, float("nan"), ""]], [], []),
        entry_of(1, [[0, 0.5, ""], [1, 0.6, ""]], [], []),
        entry_of(1, [[0, 0.5, ""], [0, 0.4, ""]], [], []),
        entry_of(1, [[0, 0.5, ""]], [0], []),
        entry_of(1, [[0, 0.5, "x" * 201]], [], []),
        entry_of(1, [[0, 0.5, "two\nlines"]], [], []),
        entry_of(1, [[0, 0.5, ""]], [], [["an id", "a name"]]),
        entry_of(1, [[0, 0.5, ""]], [], [[1, 2, 3, 4]]),
        entry_of(1, {"a": 1}, [], []),
    ],
    ids=lambda entry: repr(entry[:24]),
)
def test_what_is_no_verdict_is_told_apart(entry):
    with pytest.raises(Garbled):
        decode(entry, MANY)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(junk):
    for packing in (b"", b"j", b"z"):
        try:
            decode(packing + junk, MANY)
        except Garbled:
            continue
