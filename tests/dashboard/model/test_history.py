from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.history import COARSE_SECONDS, FINE_SECONDS, FORGET_POINTS_AFTER, History
from dashboard.model.vitals import Point

PLENTY = 10_000_000


def filled(seconds, step=1.0, start=1000.0, budget=PLENTY, value=lambda at: at):
    history = History(("a", "b"), budget)
    at = start
    while at <= start + seconds:
        history.add(at, {"a": value(at)})
        at += step
    return history


def test_nothing_is_known_before_the_first_value():
    history = History(("a",), PLENTY)
    assert history.points("a", 0) == ()
    assert history.bands("a", 0) == []
    assert history.oldest is history.newest is None


def test_young_values_are_kept_one_by_one_and_a_missing_one_is_a_gap():
    history = History(("a",), PLENTY)
    for at, value in ((100.0, 1.0), (101.0, None), (102.0, 3.0)):
        history.add(at, {"a": value})
    history.add(103.0, {})
    assert history.points("a", 90) == (Point(100.0, 1.0), Point(101.0, None), Point(102.0, 3.0), Point(103.0, None))
    assert history.points("a", 101.5, 102.5) == (Point(102.0, 3.0),)


def test_points_asked_for_again_go_on_where_they_were():
    history = filled(10)
    before = history.points("a", 1000)
    history.add(1011, {"a": 5.0})
    assert history.points("a", 1000) == (*before, Point(1011, 5.0))


def test_points_that_nobody_looks_at_are_made_again_when_needed():
    history = filled(10)
    history.points("a", 1000)
    for second in range(FORGET_POINTS_AFTER + 1):
        history.add(1011.0 + second, {"a": 1.0})
    assert not history._ready
    assert len(history.points("a", 1000)) == 11 + FORGET_POINTS_AFTER + 1


def test_older_values_are_kept_as_lowest_mean_and_highest_of_ten_seconds():
    history = filled(3000)
    bands = history.bands("a", 1000)
    assert (bands[0].at, bands[0].low, bands[0].mean, bands[0].high) == (1000, 1000, 1004.5, 1009)
    assert len(bands) == 301
    assert history.points("a", 1000)[0] == Point(1000, 1004.5, 1000, 1009)
    assert [band.at for band in history.bands("a", 1500, 1520)] == [1490, 1500, 1510, 1520]


def test_ten_seconds_without_a_value_are_a_gap():
    history = filled(2000, value=lambda at: None if 1500 <= at < 1520 else 1.0)
    points = {point.at: point.value for point in history.points("a", 1000)}
    assert points[1490] == points[1520] == 1.0
    assert points[1500] is points[1510] is None


def test_a_series_that_was_never_told_is_all_gaps():
    assert {point.value for point in filled(30).points("b", 0)} == {None}


def test_the_newest_minutes_are_fine_and_six_hours_are_coarse():
    history = filled(30_000, step=5.0)
    fine = history.points("a", history.newest - FINE_SECONDS)
    assert FINE_SECONDS / 5 <= len(fine) <= FINE_SECONDS / 5 + 1
    assert history.newest - COARSE_SECONDS - 60 * 30 < history.oldest <= history.newest - COARSE_SECONDS


@settings(max_examples=20, deadline=None)
@given(st.integers(3_000, 60_000), st.integers(100, 3000))
def test_the_memory_stays_in_its_budget_and_the_oldest_goes_first(budget, count):
    history = filled(count, budget=budget)
    rows = (history._fine, history._coarse)
    floor = sum(60 * part.row_bytes for part in rows)
    assert sum(len(part.times) * part.row_bytes for part in rows) <= max(budget, floor)
    assert history.newest == 1000 + count
    assert history.points("a", history.newest - 10)[-1].value == 1000 + count


def test_a_smaller_budget_later_gives_up_the_oldest():
    history = filled(5000)
    before = history.oldest
    history.limit(3_000)
    for second in range(200):
        history.add(6001.0 + second, {"a": 1.0})
    assert history.oldest > before
    assert len(history._fine.times) <= 60


def test_a_clock_that_is_set_back_takes_the_past_with_it():
    history = filled(100)
    history.points("a", 0)
    history.add(50.0, {"a": 7.0})
    times = [point.at for point in history.points("a", -1e9)]
    assert times == sorted(times)
    assert times[-1] == 50.0
    assert len(times) == 102


def test_the_fast_poller_keeps_a_bounded_number_of_rows():
    history = filled(1500, step=0.2)
    assert len(history._fine.times) <= history._fine.capacity == 4500
    assert len(history.points("a", history.newest - 900)) <= 4500
