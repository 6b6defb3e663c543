"""The AI and cache screen: state, failures, latencies, and the warm-up by hand."""

import pytest

from dashboard.model.snapshot import Alert
from dashboard.widgets.ai_rows import failure_counts, warm_rows, worst
from dashboard.widgets.figures import bar_role, mood_of, number_of, percent, wrapped
from dashboard.widgets.moments import Moments
from tests.dashboard.screens.scenes import on_screen, text_of


def test_every_kind_of_failure_is_named_the_most_frequent_first():
    counts = failure_counts({"ai.failures.quota": 7.0})

    assert counts[0] == ("quota", 7.0) and len(counts) == 7 and ("timeout", 0.0) in counts


def test_the_worst_of_several_rules_speaks():
    alerts = [Alert("AiSlow", "warning"), Alert("AiFailing", "firing"), Alert("HighCpu", "pending")]

    assert worst(alerts, ("AiSlow", "AiFailing")) == "firing"
    assert worst([], ("AiSlow",)) == "neutral"
    assert bar_role(alerts, "AiFailing") == "fire" and bar_role(alerts, "Unknown") == "line"
    assert mood_of(Alert("x", "a state of tomorrow")) == "stale"


@pytest.mark.parametrize("value", ["12", True, None])
def test_a_figure_that_is_no_number_is_a_dash(value):
    assert number_of({"x": value}, "x") is None
    assert percent({"x": value}, "x") == "–"


def test_a_long_text_ends_in_an_ellipsis_where_the_lines_end():
    assert wrapped("one two three four", 9, 2) == ["one two", "three…"]
    assert wrapped("", 9, 2) == [""]


def test_a_running_warm_up_and_failures_are_said():
    rows = warm_rows({"warmup.running": True, "warmup.failed": 2.0}, Moments(0.0, str), "", 40, 6)
    text = "\n".join("".join(part for part, _ in row) for row in rows)

    assert "◔ running now" in text and "failed      2" in text


async def test_state_success_failures_and_hit_rate_are_there():
    async with on_screen("4") as pilot:
        text = text_of(pilot)

    for part in ("● ready", "98.1 %", "timeout", "41", "71.3 %", "gemini-2.0-flash", "412"):
        assert part in text


async def test_latencies_are_bars_with_their_counts_and_bounds():
    async with on_screen("4") as pilot:
        text = text_of(pilot)

    for part in ("14.1k", "500µs", "30s", "█"):
        assert part in text


async def test_w_warms_up_now_and_says_what_happened():
    async with on_screen("4") as pilot:
        await pilot.press("w")
        await pilot.pause()
        await pilot.pause()
        assert pilot.app.client.asked.count("warm_up") == 1
        assert "12:41:07 Warm-up started: 40" in text_of(pilot)
