import math
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.words import DASH, ago, clock_time, duration, measure, number, plain, unix_seconds


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "/s", (DASH, "/s")),
        (math.nan, "%", (DASH, "%")),
        (math.inf, "s", (DASH, "s")),
        (184.2, "/s", ("184", "/s")),
        (1843, "/s", ("1.84k", "/s")),
        (999.7, "/s", ("1.00k", "/s")),
        (12.345, "%", ("12.3", "%")),
        (100, "%", ("100", "%")),
        (0, "%", ("0.00", "%")),
        (0.004, "%", ("0.00", "%")),
        (9.996, "%", ("10.0", "%")),
        (92, "requests", ("92", "requests")),
        (1_250_000, "", ("1.25M", "")),
        (0.32, "s", ("320", "ms")),
        (0.0000958, "s", ("95.8", "µs")),
        (0.9996, "s", ("1.00", "s")),
        (0, "s", ("0.00", "s")),
        (12.44, "s", ("12.4", "s")),
        (900, "s", ("15.0", "m")),
        (72_000, "s", ("20.0", "h")),
        (512, "B", ("512", "B")),
        (45_621_248, "B", ("45.6", "MB")),
        (1800, "MB", ("1.80", "GB")),
        (-2.5, "%", ("-2.50", "%")),
    ],
)
def test_a_number_has_three_digits_and_its_unit_apart(value, unit, shown):
    assert number(value, unit) == shown


@settings(max_examples=200)
@given(st.floats(0, 1e30), st.sampled_from(["", "/s", "%", "s", "MB", "B", "requests"]))
def test_no_number_is_wider_than_six_characters(value, unit):
    assert len(number(value, unit)[0]) <= 6


def test_a_measure_is_one_text():
    assert measure(0.32, "s") == "320 ms"
    assert measure(None, "s") == DASH
    assert measure(3, "") == "3"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (41.9, "41s"), (134, "2m14s"), (60, "1m00s"), (11_100, "3h05m"), (274_000, "3d04h"), (-4, "0s")],
)
def test_a_duration_has_its_two_largest_units(seconds, shown):
    assert duration(seconds) == shown


def test_what_is_not_known_is_a_dash():
    assert duration(None) == duration(math.nan) == ago(None) == ago(math.inf) == clock_time(None) == DASH


def test_how_long_ago_is_finer_when_it_was_just_now():
    assert ago(0.41) == "0.4s ago"
    assert ago(-3) == "0.0s ago"
    assert ago(75) == "1m15s ago"


def test_the_time_of_day_is_that_of_the_zone():
    assert clock_time(0, timezone(timedelta(hours=2))) == "02:00:00"
    assert clock_time(1e300) == DASH


def test_times_are_read_as_iso_and_without_a_zone_as_utc():
    assert unix_seconds("1970-01-01T00:01:00Z") == unix_seconds("1970-01-01T00:01:00") == 60
    assert unix_seconds("soon") is None
    assert unix_seconds(None) is None


def test_texts_of_a_server_lose_what_would_move_the_cursor():
    assert plain("a\x1b[2Jb\u202ec\n") == "a·[2Jb·c·"
    assert plain("x" * 300, 10) == "x" * 9 + "…"
    assert plain("[bold]ü") == "[bold]ü"
