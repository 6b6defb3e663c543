import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keep_alive import BACK_OFF_SECONDS, LONGEST_WAIT, next_due, pause_seconds, retry_after

CHANCE = st.floats(0, 1, exclude_max=True)
TRIES = st.integers(1, 10)


@given(TRIES, CHANCE, st.one_of(st.none(), st.floats(-1e9, 1e9)))
def test_a_pause_is_never_longer_than_the_longest_nor_shorter_than_its_step(tries, chance, asked):
    step = min(BACK_OFF_SECONDS * 2 ** (tries - 1), LONGEST_WAIT)

    assert step <= pause_seconds(tries, chance, asked) <= LONGEST_WAIT


@given(TRIES, CHANCE)
def test_jitter_adds_at_most_half(tries, chance):
    assert pause_seconds(tries, chance, None) <= 1.5 * BACK_OFF_SECONDS * 2 ** (tries - 1)


@given(TRIES, CHANCE, st.floats(0, LONGEST_WAIT))
def test_what_the_server_asks_for_is_honoured_within_reason(tries, chance, asked):
    assert pause_seconds(tries, chance, asked) >= asked


def test_three_retries_together_outlast_the_start_of_a_free_instance():
    assert sum(pause_seconds(tries, 0.0, None) for tries in (1, 2, 3)) > 50


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("Wed, 25 Nov 2026 14:00:30 GMT", 30.0),
        ("Wed, 25 Nov 2026 13:59:00 GMT", -60.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 30, None),
        ("Wed, 25 Nov 2026 14:00:30 -0000", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date_after_the_servers_own(told, seconds):
    assert retry_after({"retry-after": told, "date": "Wed, 25 Nov 2026 14:00:00 GMT"}) == seconds


def test_a_date_says_nothing_without_the_servers_own():
    assert retry_after({"retry-after": "Wed, 25 Nov 2026 14:00:30 GMT"}) is None
    assert retry_after({}) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_upsets_the_reading(told, date):
    found = retry_after({"retry-after": told, "date": date})

    assert found is None or math.isfinite(found)


@given(st.floats(0, 1e7), st.floats(1, 86_400), st.floats(0, 1e6))
def test_the_next_ping_is_due_on_the_grid_within_one_interval_and_never_before_now(due, interval, late):
    now = due + late
    found = next_due(due, now, interval)

    assert now - 1e-3 <= found <= now + interval + 1e-3
    steps = (found - due) / interval
    assert steps >= 0.999
    assert steps == pytest.approx(round(steps), abs=1e-3)


@given(st.floats(1, 3600), st.lists(st.floats(0, 20_000), max_size=30))
def test_pings_of_any_length_never_bunch(interval, lengths):
    assume(all(math.isfinite(length) for length in lengths))
    due = now = 0.0
    starts = []
    for length in lengths:
        starts.append(now)
        due = next_due(due, now + length, interval)
        now = max(due, now + length)

    slots = [round(start / interval) for start in starts]
    assert len(set(slots)) == len(slots)


def test_a_slow_ping_does_not_shift_the_next_and_a_sleep_is_not_made_up_for():
    assert next_due(100.0, 101.0, 300.0) == 400.0
    assert next_due(100.0, 399.0, 300.0) == 400.0
    assert next_due(100.0, 400.0, 300.0) == 700.0
    assert next_due(100.0, 100_000.0, 300.0) == 100_000.0 + 300.0 - (100_000.0 - 100.0) % 300.0
