"""The explore screen: a question as a consumer would ask it, and the answer as a consumer gets it."""

import pytest
from textual.widgets import Input

from dashboard.widgets.tables import Table
from tests.dashboard.screens.scenes import on_screen, text_of


async def ask(pilot, spec="cars", status=200):
    pilot.app.client.status = status
    await pilot.press(*spec, "enter")
    await pilot.pause()
    await pilot.pause()


async def test_enter_asks_and_the_ranked_signals_come_with_relevance_price_coverage_and_reason():
    async with on_screen("7", "healthy") as pilot:
        await ask(pilot)
        assert pilot.app.client.asked == ["explore cars"]
        row = next(line for line in text_of(pilot).splitlines() if "Used car intenders" in line)

    for part in ("2", "━", "0.90", "8.30 %", "1.70 USD", "Fieldstone Auto", "Name has car."):
        assert part in row


async def test_what_is_unknown_is_a_dash_and_names_are_never_markup():
    async with on_screen("7", "healthy") as pilot:
        await ask(pilot)
        text = text_of(pilot)

    assert "SUV intenders [in market]" in text
    rain = next(line for line in text.splitlines() if "Rainy weekend" in line)
    assert rain.count("–") == 2


async def test_timing_cache_request_id_and_what_is_left_of_the_limit_are_shown():
    async with on_screen("7", "healthy") as pilot:
        await ask(pilot)
        text = text_of(pilot)

    for part in ("200 OK", "12.4 ms", "cache miss", "ranked by text", "79 match", "02777f9fbc0000001f40", "93 of 100"):
        assert part in text


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
async def test_a_refusal_is_shown_as_what_it_is(size):
    async with on_screen("7", "healthy", size) as pilot:
        await ask(pilot, status=429)
        text = text_of(pilot)

    for part in ("▲ 429 Too Many Requests", "retry in 12 s", "100 requests in 60 s are allowed.", "0 of 100"):
        assert part in text


async def test_a_refusal_takes_the_old_signals_away():
    async with on_screen("7", "healthy") as pilot:
        await ask(pilot)
        await pilot.press("/")
        await ask(pilot, status=429)
        assert pilot.app.screen.query_one("#signals", Table).lines == ()
        assert "refused: see above" in text_of(pilot)


async def test_the_cursor_walks_the_signals_and_each_is_described():
    async with on_screen("7", "healthy") as pilot:
        await ask(pilot)
        await pilot.press("j")
        await pilot.pause()
        assert "auto-used-car-intenders" in text_of(pilot)


async def test_single_letters_rest_while_the_field_has_the_focus_and_escape_gives_them_back():
    async with on_screen("7", "healthy") as pilot:
        await pilot.press(*"q1a")
        assert pilot.app.screen.query_one("#spec", Input).value == "q1a"
        await pilot.press("escape", "1")
        assert pilot.app.active_name == "overview"


async def test_escape_outside_the_field_goes_back():
    async with on_screen("7", "healthy") as pilot:
        await pilot.press("escape", "escape")
        assert pilot.app.active_name == "overview"
