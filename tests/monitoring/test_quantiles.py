from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitoring.cells import Durations
from service.monitoring.quantiles import grown, quantile, subtract, summed
from service.monitoring.totals import BOUNDS, Histogram

DURATIONS = st.lists(st.floats(0, 200, allow_nan=False), max_size=40)
law = settings(max_examples=60, deadline=None)


def of(*seconds: float) -> Histogram:
    durations = Durations()
    for value in seconds:
        durations.add(value)
    return durations.freeze()


def test_a_counter_that_shrank_counts_from_zero():
    assert grown(3, 10) == 7
    assert grown(10, 3) == 3


def test_without_observations_no_quantile_is_known():
    assert quantile(of(), 0.95) is None
    assert quantile(of(), 0.95, 3.0) is None


def test_a_quantile_is_interpolated_linearly_inside_its_bucket():
    even = of(*[1.5] * 10)

    assert quantile(even, 0.5) == pytest.approx(1.0 + (2.5 - 1.0) * 0.5)
    assert quantile(even, 1.0) == pytest.approx(2.5)


def test_a_quantile_finds_the_bucket_in_which_its_rank_lies():
    mostly_fast = of(*[0.001] * 94, *[40.0] * 6)

    assert quantile(mostly_fast, 0.5) <= 0.001
    assert 30.0 < quantile(mostly_fast, 0.95) <= 45.0


def test_no_quantile_lies_above_the_known_maximum():
    assert quantile(of(0.0006), 0.99, 0.0006) == 0.0006


def test_the_open_bucket_ends_at_the_maximum_or_counts_as_its_lower_bound():
    beyond = of(200.0, 300.0)

    assert quantile(beyond, 0.5) == BOUNDS[-1]
    assert quantile(beyond, 1.0, 300.0) == 300.0
    assert quantile(beyond, 0.5, 300.0) == pytest.approx(210.0)


def test_rounding_of_the_rank_never_leaves_a_quantile_unfound():
    assert quantile(of(0.1, 0.1, 0.1), 1.0000000000000002) == BOUNDS[-1]


def test_the_difference_of_a_histogram_and_itself_is_empty():
    same = of(1.0, 2.0)

    assert subtract(same, same) == Histogram()


def test_a_histogram_that_shrank_counts_from_zero():
    assert subtract(of(1.0), of(1.0, 2.0)) == of(1.0)


def test_the_sum_of_no_histograms_is_empty():
    assert summed([]) == Histogram()


@given(DURATIONS, DURATIONS)
@law
def test_what_came_after_is_the_difference_and_adding_it_gives_the_whole(before: list[float], after: list[float]):
    whole = of(*before, *after)
    late = subtract(whole, of(*before))

    assert late.buckets == of(*after).buckets
    assert late.seconds == pytest.approx(sum(after), abs=1e-6)
    assert summed([of(*before), late]).buckets == whole.buckets


@given(DURATIONS.filter(bool), st.floats(0, 1), st.floats(0, 1))
@law
def test_quantiles_grow_with_q_and_stay_between_zero_and_the_maximum(seconds: list[float], one: float, two: float):
    low, high = sorted((one, two))
    smaller, larger = (quantile(of(*seconds), q, max(seconds)) for q in (low, high))

    assert 0 <= smaller <= larger <= max(seconds)


@given(DURATIONS.filter(bool), st.sampled_from([0.5, 0.95, 0.99]))
@law
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], q: float):
    ordered = sorted(seconds)
    true = next(value for rank, value in enumerate(ordered, 1) if rank >= q * len(ordered))
    upper = next((bound for bound in BOUNDS if true <= bound), 200.0)
    lower = max((bound for bound in BOUNDS if bound < true), default=0.0)

    assert lower <= quantile(of(*seconds), q, max(seconds)) <= upper


def test_counts_beyond_32_bits_are_kept():
    many = Histogram(array("Q", [2**40, *[0] * len(BOUNDS)]), 1.0)

    assert summed([many, many]).count == 2**41
