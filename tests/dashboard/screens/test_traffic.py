"""The traffic screen: who asks for what, how it ends, and how a block is lifted."""

from dataclasses import replace

import pytest

from dashboard.model.rates import Counted
from dashboard.model.snapshot import ClientRow, EndpointRow, FailedActivation, KeyRow, Metrics, ToolRow
from dashboard.widgets.activation_rows import activation_rows, is_used
from dashboard.widgets.confirm import Confirm
from dashboard.widgets.moments import Moments
from dashboard.widgets.tables import Table
from dashboard.widgets.traffic_rows import client_lines, endpoint_lines, key_lines, status_rows, statuses
from tests.dashboard.screens.scenes import on_screen, said, text_of


def words(line, key):
    return "".join(text for text, _ in line.cells[key])


def test_the_share_of_errors_is_of_the_requests_in_the_window():
    (line,) = endpoint_lines([EndpointRow("/x", "GET", 2.0, 6, 0.1)], 60.0, [], 10)

    assert words(line, "ratio") == "5.00 %"


def test_an_endpoint_without_figures_has_dashes():
    (line,) = endpoint_lines([EndpointRow("/x", "GET", None, None, None)], 60.0, [], 10)

    assert [words(line, key) for key in ("errors", "ratio", "p95")] == ["–", "–", "–"]


def test_statuses_add_up_over_methods_and_endpoints():
    samples = {(("method", m), ("status", "200")): 2.0 for m in ("GET", "POST")}

    assert statuses(Metrics({"http_requests_total": samples})) == [("200", 4.0)]


def test_where_there_is_no_room_the_most_frequent_statuses_stay():
    rows = status_rows([("200", 90.0), ("404", 1.0), ("503", 9.0)], Counted({"200": 60.0}, 60.0), 40, 2)

    assert [row[0][0].strip() for row in rows] == ["200", "503"]


@pytest.mark.parametrize(
    ("width", "said"),
    [(20, "1.00 /s"), (30, "1.00 /s   25 %"), (44, "1.00 /s   25 %     90")],
)
def test_a_status_has_its_rate_then_its_share_then_its_total_as_there_is_room(width, said):
    recent = Counted({"200": 60.0, "503": 180.0}, 60.0)
    rows = status_rows([("200", 90.0), ("503", 9.0)], recent, width, 2)

    text = ["".join(part for part, _ in row) for row in rows]
    assert text[0].endswith(said)
    assert {len(line) for line in text} == {width}


def test_before_a_rate_is_known_there_is_a_dash():
    (row,) = status_rows([("200", 90.0)], Counted({}, 0.0), 44, 2)

    assert "–" in "".join(part for part, _ in row)
    assert "0.00" not in "".join(part for part, _ in row)


def test_no_statuses_are_said_to_be_none():
    assert status_rows([], Counted({}, 0.0), 40, 2) == [[("no answers counted yet", "stale")]]


@pytest.mark.parametrize(("used", "role"), [(79, "line"), (80, "warn"), (99, "warn"), (100, "fire")])
def test_a_client_turns_yellow_near_its_limit_and_red_at_it(used, role):
    (line,) = client_lines([ClientRow("a", used)], 100.0, 10)

    assert line.cells["bar"][0][1] == role


def test_keys_are_named_by_their_holders_each_against_its_own_limit_the_nearest_first():
    lines = key_lines([KeyRow("globex", 90, 1000.0), KeyRow("acme", 9, 10.0), KeyRow("initech", 1, None)], 10)

    assert [line.key for line in lines] == ["key acme", "key globex", "key initech"]
    assert lines[0].cells["bar"][0][1] == "warn"
    assert lines[1].cells["limit"][0][0] == "of 1.00k"
    assert lines[2].cells["limit"][0][0] == ""


async def test_the_busiest_endpoint_comes_first_with_rate_errors_and_p95():
    async with on_screen("3") as pilot:
        lines = text_of(pilot).splitlines()

    row = next(line for line in lines if "POST" in line and "/api/signals" in line)
    assert "150 /s" in row and "641" in row and "31.2 s" in row


async def test_text_of_a_server_is_never_markup():
    async with on_screen("3") as pilot:
        assert "suspicious [red]input[/red]" in text_of(pilot)


async def test_lifting_a_block_asks_first_and_then_says_what_happened():
    async with on_screen("3") as pilot:
        await pilot.press("u")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        assert "suspicious [red]input[/red]" in text_of(pilot) and "198.51.100.9" in text_of(pilot)
        assert "lift_block 198.51.100.9" not in pilot.app.client.asked
        await pilot.press("y")
        await pilot.pause()
        await pilot.pause()
        assert "lift_block 198.51.100.9" in pilot.app.client.asked
        assert "The block of 198.51.100.9 was lifted" in said(pilot)


@pytest.mark.parametrize("key", ["n", "escape", "enter"])
async def test_a_hasty_key_lifts_nothing(key):
    async with on_screen("3") as pilot:
        await pilot.press("u", key)
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Confirm)
        assert not [asked for asked in pilot.app.client.asked if asked.startswith("lift")]


async def test_enter_on_a_blocked_client_asks_as_well_and_the_other_button_is_yes():
    async with on_screen("3") as pilot:
        pilot.app.screen.query_one("#blocked", Table).focus()
        await pilot.press("j", "enter")
        await pilot.pause()
        assert "2001:db8:0:1::" in text_of(pilot)
        await pilot.press("left", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "lift_block 2001:db8:0:1::" in pilot.app.client.asked


async def test_with_nobody_blocked_there_is_nothing_to_lift():
    async with on_screen("3", "healthy") as pilot:
        await pilot.press("u")
        await pilot.pause()
        assert "nobody is blocked" in text_of(pilot)
        assert "Nobody is blocked" in said(pilot)


async def test_the_filter_keeps_the_rows_of_all_tables_that_match():
    async with on_screen("3") as pilot:
        await pilot.press("slash", *"suspicious")
        await pilot.pause()
        tables = {table.id: [line.key for line in table.lines] for table in pilot.app.screen.query(Table)}
        assert tables == {"endpoints": [], "clients": [], "blocked": ["198.51.100.9"]}
        await pilot.press("escape")
        assert len(pilot.app.screen.query_one("#endpoints", Table).lines) == 8


@pytest.mark.parametrize(("key", "words", "left"), [("2", "queue", ["QueueBacklog"]), ("5", "error", ["warm_up"])])
async def test_alerts_and_jobs_can_be_filtered_as_well(key, words, left):
    async with on_screen(key) as pilot:
        await pilot.press("slash", *words, "enter")
        await pilot.pause()
        table = pilot.app.screen.query(Table).first()
        assert [line.key for line in table.lines if words in line.key.casefold() or key == "5"] == left
        assert pilot.app.focused is table


FAILED = FailedActivation("suv", "the-trade-desk", "no such seat", "2026-10-22T12:40:00Z")
MOMENTS = Moments(1_792_672_867.0, str)


def counted(**states):
    return {f"activations.states.{state}": float(count) for state, count in states.items()}


def test_activations_are_counted_by_state_and_the_last_failures_follow_as_there_is_room():
    figures = counted(live=1_204, requested=1, activating=0, failed=2, deactivated=0)
    rows = activation_rows(figures, [FAILED, FAILED], MOMENTS, 90, 2)
    text = ["".join(part for part, _ in row) for row in rows]

    assert text[0].rstrip() == "1.20k live   1 requested   0 activating   2 failed   0 deactivated"
    assert text[1].startswith("✗ suv → the-trade-desk")
    assert "no such seat" in text[1] and text[1].endswith("1m07s ago")
    assert {len(line) for line in text} == {90}


def test_no_count_is_cut_in_its_middle():
    (row,) = activation_rows(counted(live=1, requested=2, activating=3), [], MOMENTS, 30, 3)

    assert "".join(part for part, _ in row).rstrip() == "1 live   2 requested"


@pytest.mark.parametrize(("figures", "used"), [({}, False), (counted(live=0), False), (counted(failed=1), True)])
def test_activations_are_shown_once_there_are_any(figures, used):
    assert is_used(figures) == used


async def test_the_screen_shows_activations_and_the_text_of_a_platform_is_never_markup():
    async with on_screen("3") as pilot:
        text = text_of(pilot)

    assert "1.20k live" in text
    assert "no such seat [red]7[/red]" in text
    assert "3 under way" in text


async def test_tools_of_agents_stand_below_the_endpoints_with_what_was_refused():
    async with on_screen("3") as pilot:
        screen = pilot.app.screen
        tools = (ToolRow("activate_signal", 0.5, 3.0), ToolRow("get_signals", 12.0, 0.0))
        screen._endpoints(replace(pilot.app.model.latest, tools=tools))
        await pilot.pause()
        lines = screen.query_one("#endpoints", Table).lines

    assert [line.key for line in lines[-2:]] == ["tool get_signals", "tool activate_signal"]
    assert lines[-1].cells["errors"] == [("3", "value")]


async def test_keys_stand_above_the_clients_by_name():
    async with on_screen("3") as pilot:
        screen = pilot.app.screen
        screen._clients(replace(pilot.app.model.latest, keys=(KeyRow("acme", 412, 600.0),)))
        await pilot.pause()
        lines = [line.key for line in screen.query_one("#clients", Table).lines]
        shown = text_of(pilot)

    assert lines[0] == "key acme"
    assert "key acme" in shown and "412" in shown and "of 600" in shown
