"""Every parser of strangers' bytes: it reads, or refuses in its own words, and takes no long time for either."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import NASTY, TARGETS, Target, TooSlow, check

targets = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@targets
def test_a_target_reads_its_own_seeds_and_pieces_of_them(target):
    for seed in target.seeds:
        for end in range(len(seed) + 1):
            check(target, seed[:end])


@targets
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_bytes_break_a_parser(target, data):
    check(target, data.draw(st.binary(max_size=300)))


@targets
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_nothing_near_to_good_input_breaks_a_parser(target, data):
    seed = data.draw(st.sampled_from(target.seeds))
    start, end = sorted((data.draw(st.integers(0, len(seed))), data.draw(st.integers(0, len(seed)))))
    other = data.draw(st.sampled_from(target.seeds) | st.binary(max_size=8) | st.sampled_from(NASTY))
    check(target, seed[:start] + other * data.draw(st.sampled_from([1, 2, 300])) + seed[end:])


def test_a_parser_that_breaks_or_dawdles_is_found():
    def breaks(data):
        raise KeyError(data)

    with pytest.raises(KeyError):
        check(Target("x", breaks, (ValueError,), ()), b"")
    with pytest.raises(TooSlow):
        check(Target("x", lambda data: sum(range(80_000_000)), (), ()), b"")
