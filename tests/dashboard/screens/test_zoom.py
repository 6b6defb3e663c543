"""The big chart: window, scrubbing, cursor, and the way from one vital sign to the next."""

import pytest

from dashboard.screens.zoom import window_beside
from tests.dashboard.fakes import SCENES, dashboard_at
from tests.dashboard.screens.test_overview import lines


async def zoomed(*keys, scene="healthy", size=(120, 36), start="enter"):
    """Text and screen after opening the first tile and pressing keys."""
    app = dashboard_at(scene)
    async with app.run_test(size=size) as pilot:
        await pilot.press(start, *keys)
        await pilot.pause()
        return "\n".join(lines(app)), app.screen


@pytest.mark.parametrize("scene", SCENES)
def test_the_big_chart_looks_as_it_was_approved(snap_compare, scene):
    keys = ["j", "enter", "h", "h"]
    assert snap_compare(dashboard_at(scene), terminal_size=(120, 36), press=keys)


async def test_it_says_what_is_shown_and_its_summary():
    text, _ = await zoomed()

    assert "15 min · now" in text and "min 1" in text and "mean 1" in text and "max 2" in text


async def test_it_has_times_of_day_below():
    text, _ = await zoomed()

    assert "12:40:00" in text and "12:30:00" in text


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["plus"] * 4, "1 min · now"),
        (["minus"] * 7, "6 h · now"),
        (["minus", "minus", "equals_sign"], "15 min · now"),
        (["left_square_bracket"], "15 min · 3m45s back"),
        (["left_square_bracket", "left_square_bracket", "right_square_bracket"], "15 min · 3m45s back"),
        (["right_square_bracket"], "15 min · now"),
    ],
)
async def test_keys_choose_window_and_place(keys, words):
    text, _ = await zoomed(*keys)

    assert words in text


async def test_one_cannot_scrub_beyond_six_hours():
    _, screen = await zoomed("minus", "minus", "minus", *["left_square_bracket"] * 12)

    assert screen.back_seconds + screen.window_seconds == 21_600


async def test_the_cursor_reads_time_and_value_and_goes_away_at_the_right_edge():
    text, _ = await zoomed("h")
    assert "12:41:07" in text and "/s" in text

    text, _ = await zoomed("h", "l")
    assert "mean" in text


async def test_the_cursor_in_a_gap_says_that_there_is_no_data():
    text, _ = await zoomed(*["h"] * 40)

    assert "no data" in text


async def test_a_click_puts_the_cursor_there():
    app = dashboard_at("healthy")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("enter")
        await pilot.click("ZoomChart", offset=(60, 10))
        assert app.screen.query_one("ZoomChart").cursor is not None


@pytest.mark.parametrize(("keys", "key"), [(["j"], "errors"), (["k"], "memory"), (["j", "k"], "requests")])
async def test_j_and_k_go_through_the_vital_signs(keys, key):
    _, screen = await zoomed(*keys)

    assert screen.key == key


async def test_escape_goes_back_to_the_overview():
    _, screen = await zoomed("escape")

    assert type(screen).__name__ == "OverviewScreen"


@pytest.mark.parametrize("size", [(5, 3), (300, 100)])
async def test_no_size_crashes_it(size):
    await zoomed("h", "plus", "minus", size=size)


async def test_a_sign_that_was_never_known_says_so():
    text, _ = await zoomed(scene="first_start")

    assert "no data in this window" in text


def test_windows_are_steps_between_a_minute_and_six_hours():
    assert [window_beside(900, 1), window_beside(60, -1), window_beside(21_600, 1)] == [1800, 60, 21_600]
