"""The overview: every vital sign in every size and state, and the way around in it."""

import pytest

from dashboard.model.vitals import Point, Vital
from dashboard.screens.overview import KEYS, fitting_window
from dashboard.widgets.tile import Tile
from tests.dashboard.fakes import dashboard_at

SIZES = ((160, 48), (100, 30), (80, 24), (60, 20))


def lines(app):
    """What is on the screen, line by line."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


async def screen_text(scene, size, *keys):
    app = dashboard_at(scene)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return lines(app)


async def test_every_vital_sign_is_visible_with_its_value_in_every_size():
    app = dashboard_at("healthy")
    async with app.run_test(size=(160, 48)) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            text = "\n".join(lines(app))
            names = ("Requests", "Errors", "Latency p95", "Cached p95", "Queue", "In flight", "Refused", "AI", "CPU")
            assert [name for name in (*names, "Memory") if name not in text] == []


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_row_says_value_and_state(size):
    rows = await screen_text("burning", size)

    assert any("▲ Queue" in line and "92" in line and "FIRING 2m14s" in line for line in rows)


@pytest.mark.parametrize(
    ("size", "scene"), [((5, 3), "burning"), ((1, 1), "healthy"), ((20, 5), "stale"), ((300, 100), "first_start")]
)
async def test_no_size_crashes_it(size, scene):
    assert len(await screen_text(scene, size, "l", "j")) == size[1]


async def test_a_stale_overview_keeps_its_values():
    text = "\n".join(await screen_text("stale", (160, 48)))

    assert "◌ stale" in text
    assert "CPU" in text and "19 threads" in text


async def test_a_first_start_says_why_nothing_is_known_and_how_to_start_a_service():
    text = "\n".join(await screen_text("first_start", (100, 30)))

    assert "No answer yet" in text and "connection refused" in text and "make run" in text


async def test_the_card_of_the_first_start_goes_with_the_first_answer():
    app = dashboard_at("healthy")
    async with app.run_test(size=(100, 30)):
        assert not app.screen.query_one("Welcome").display


async def test_hjkl_move_the_focus():
    app = dashboard_at("healthy")
    async with app.run_test(size=(100, 30)) as pilot:
        for keys, key in (("k", "requests"), ("jl", "work"), ("kh", "requests")):
            await pilot.press(*keys)
            assert app.screen.selected() == key
        await pilot.resize_terminal(80, 24)
        await pilot.press("j", "j", "k")
        assert app.screen.selected() == "errors"
        app.screen.action_move(0, 20)
        await pilot.pause()
        assert app.screen.selected() == "memory"


async def test_in_rows_the_box_at_the_foot_shows_the_sign_under_the_cursor():
    rows = await screen_text("burning", (80, 24), "j", "j", "j", "j")

    assert any("┏ Queue ━" in line for line in rows)


async def test_the_focus_stays_where_it_was_through_polls_and_resizes():
    app = dashboard_at("healthy")
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("j")
        app.repaint()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.screen.selected() == "queue"


async def test_enter_opens_the_big_chart_of_the_tile():
    app = dashboard_at("healthy")
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.screen.key == "queue"


async def test_a_double_click_opens_the_big_chart():
    app = dashboard_at("healthy")
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.click("#tile-cpu", times=2)
        await pilot.pause()
        assert app.screen.key == "cpu"


async def test_there_is_one_tile_a_vital_sign_in_the_order_of_the_model():
    app = dashboard_at("healthy")
    async with app.run_test(size=(160, 48)):
        tiles = [tile.key for tile in app.screen.query(Tile) if tile.id != "detail"]
        assert tiles == list(KEYS) == [vital.key for vital in app.model.vitals(app.now())]


@pytest.mark.parametrize(("history", "window"), [(5, 60), (60, 60), (90, 120), (200, 300), (301, 900), (899, 900)])
def test_the_first_minutes_fill_the_charts(history, window):
    vital = Vital("key", "Name", 1.0, "", (Point(1000.0, 1.0), Point(1000.0 + history, 1.0)))

    assert fitting_window((vital,), 900.0) == window
    assert fitting_window((), 900.0) == 900.0
