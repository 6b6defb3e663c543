"""The big chart: window, scrubbing, cursor, and the way from one vital sign to the next."""

from contextlib import asynccontextmanager

import pytest

from dashboard.model.vitals import Point, Vital
from dashboard.screens.zoom import window_beside
from dashboard.widgets.axis import time_labels
from dashboard.widgets.zoomed import Look, summary
from tests.dashboard.fakes import dashboard_at
from tests.dashboard.screens.scenes import text_of


@asynccontextmanager
async def zoomed(scene="healthy", size=(120, 36)):
    """A pilot at the big chart of the first tile."""
    app = dashboard_at(scene)
    async with app.run_test(size=size) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        yield pilot


async def test_it_says_what_is_shown_its_summary_and_the_times_of_day():
    async with zoomed() as pilot:
        text = text_of(pilot)
        assert "15 min · now" in text and "min 1" in text and "mean 1" in text and "max 2" in text
        assert "12:40:00" in text and "12:30:00" in text


async def test_keys_choose_window_and_place_and_the_equals_sign_leads_back():
    async with zoomed() as pilot:
        for keys, words in (
            (["left_square_bracket"], "15 min · 3m45s back"),
            (["left_square_bracket", "right_square_bracket"], "15 min · 3m45s back"),
            (["right_square_bracket"], "15 min · now"),
            (["plus"] * 5, "1 min · now"),
            (["minus", "minus", "equals_sign"], "15 min · now"),
        ):
            await pilot.press(*keys)
            assert words in text_of(pilot)
        pilot.app.screen.window_seconds = 10_800.0
        await pilot.press("minus", "minus")
        assert "6 h · now" in text_of(pilot)


async def test_one_cannot_scrub_beyond_six_hours():
    async with zoomed() as pilot:
        screen = pilot.app.screen
        screen.window_seconds = 7200.0
        for _ in range(12):
            screen.action_scrub(1)
        assert screen.back_seconds + screen.window_seconds == 21_600


async def test_the_cursor_reads_time_and_value_and_goes_away_at_the_right_edge():
    async with zoomed() as pilot:
        await pilot.press("h")
        assert "12:41:07" in text_of(pilot) and "/s" in text_of(pilot)
        await pilot.press("l")
        assert "mean" in text_of(pilot)
        pilot.app.screen.action_cursor(-1)
        pilot.app.screen.action_cursor(-39)
        await pilot.pause()
        assert "no data" in text_of(pilot)
        await pilot.click("ZoomChart", offset=(60, 10))
        assert pilot.app.screen.query_one("ZoomChart").cursor is not None


async def test_j_and_k_go_through_the_vital_signs_and_escape_back_to_the_overview():
    async with zoomed() as pilot:
        for press, key in (("j", "errors"), ("k", "requests"), ("k", "memory")):
            await pilot.press(press)
            assert pilot.app.screen.key == key
        await pilot.press("escape")
        assert type(pilot.app.screen).__name__ == "OverviewScreen"


@pytest.mark.parametrize("size", [(5, 3), (300, 100)])
async def test_no_size_crashes_it(size):
    async with zoomed(size=size) as pilot:
        await pilot.press("h", "plus", "minus")


async def test_a_sign_that_was_never_known_says_so():
    async with zoomed("first_start") as pilot:
        assert "no data in this window" in text_of(pilot)


async def test_what_is_exported_is_what_is_seen():
    async with zoomed() as pilot:
        screen = pilot.app.screen
        screen.action_zoom(-1)
        screen.action_scrub(1)
        (vital,) = screen.exported()
        newest = pilot.app.model.vital("requests", 0, 900).trend[-1].at
        assert vital.key == "requests"
        assert newest - 75 - 300 <= vital.trend[0].at < vital.trend[-1].at <= newest - 75


def test_windows_are_steps_between_a_minute_and_six_hours():
    assert [window_beside(900, 1), window_beside(60, -1), window_beside(21_600, 1)] == [1800, 60, 21_600]


def test_the_axis_says_where_history_begins():
    ticks, _ = time_labels(1000.0, 900.0, 90, lambda at: f"{at:08.2f}", begins=600.0)
    early, _ = time_labels(1000.0, 900.0, 90, lambda at: f"{at:08.2f}", begins=150.0)

    assert "".join(text for text, _ in ticks).index("kept since 00600.00 ├") == 49 - 20
    assert "├ kept since 00150.00" in "".join(text for text, _ in early)
    assert "kept" not in str(time_labels(1000.0, 900.0, 90, lambda at: "12:00:00", begins=50.0))


def test_what_is_kept_in_steps_of_ten_seconds_tells_lowest_and_highest():
    vital = Vital("queue", "Queue", 5.0, "requests")

    assert (
        summary(vital, (Point(0.0, 5.0, 1.0, 97.0), Point(10.0, 7.0)))
        == "min 1 requests  mean 6 requests  max 97 requests"
    )
    assert Look(0.0, 3600.0).position() == "1 h · now · 10 s each"
