"""The histogram: every answer is in a bar, every bar fits, and slow ones have their colour."""

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.widgets.histogram import Limits, bars, bound_words, histogram, total
from dashboard.widgets.runs import width_of

BOUNDS = (0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0, inf)


def buckets(*counts):
    return tuple(zip(BOUNDS, (*counts, *(0 for _ in BOUNDS[len(counts) :])), strict=True))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 1000), min_size=10, max_size=10), st.integers(1, 12))
def test_joining_buckets_loses_no_answer(counts, most):
    found = bars(buckets(*counts), most)

    assert sum(bar.count for bar in found) == sum(counts) == total(buckets(*counts))
    assert len(found) <= most


@settings(max_examples=60)
@given(st.lists(st.integers(0, 10**7), min_size=10, max_size=10), st.integers(0, 120), st.integers(0, 30))
def test_every_line_is_exactly_as_wide_as_asked(counts, width, height):
    rows = histogram(buckets(*counts), Limits(0.5, 1.0), width, height)

    assert len(rows) in (height, 1, 0)
    assert all(width_of(row) == width for row in rows)


def test_the_tallest_bar_fills_the_height_and_the_least_count_still_shows():
    rows = ["".join(text for text, _ in row) for row in histogram(buckets(0, 10_000, 1), Limits(), 60, 10)]

    assert "10.0k" in rows[0]
    assert "█" in rows[1] and "▁" in rows[7]


def test_bars_beyond_a_limit_have_its_colour_even_when_joined():
    rows = histogram(buckets(0, 0, 9, 9, 9, 9, 9, 9, 9), Limits(1.0, 10.0), 200, 8)
    roles = {role for row in rows for text, role in row if "█" in text}

    assert roles == {"line", "warn", "fire"}
    assert bars(buckets(9, 9, 9, 9, 9, 9, 9, 9, 9), 3)[-1].slowest == 30.0


def test_no_answers_are_said_to_be_none():
    assert "no answers" in histogram(buckets(), Limits(), 40, 8)[0][0][0]
    assert histogram(buckets(), Limits(), 40, 0) == []


def test_bounds_are_short():
    assert [bound_words(b) for b in (0.00025, 0.005, 0.75, 2.5, 120.0, inf)] == [
        "250µs",
        "5ms",
        "750ms",
        "2.5s",
        "120s",
        "∞",
    ]
