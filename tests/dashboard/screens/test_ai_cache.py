"""The AI and cache screen: state, failures, latencies, and the warm-up by hand."""

from dataclasses import replace

import pytest

from dashboard.model.rates import Counted
from dashboard.model.snapshot import Alert
from dashboard.screens.ai_cache import ai_mood
from dashboard.widgets.ai_rows import Calls, ai_rows, cache_rows, failure_counts, warm_rows, worst
from dashboard.widgets.figures import bar_role, mood_of, number_of, wrapped
from dashboard.widgets.moments import Moments
from tests.dashboard.fakes import snapshot
from tests.dashboard.screens.scenes import on_screen, text_of


def test_every_kind_of_failure_is_named_the_most_frequent_first():
    counts = failure_counts(Counted({"ok": 90.0, "quota": 7.0}, 300.0))

    assert counts[0] == ("quota", 7.0) and len(counts) == 7 and ("timeout", 0.0) in counts


def test_a_kind_of_failure_that_is_not_known_here_is_named_too():
    counts = failure_counts(Counted({"of_tomorrow\n": 3.0}, 300.0))

    assert counts[0] == ("of tomorrow·", 3.0) and len(counts) == 8


def lines(rows):
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def test_before_anything_is_counted_the_ai_and_the_cache_are_dashes():
    nothing, latest = Counted({}, 0.0), snapshot("healthy")

    told = lines(ai_rows(latest, Calls(nothing, nothing), 40, 8)) + lines(cache_rows(latest, nothing, 40, 6))

    for line in ("success     –", "fallbacks   –", "p95         –", "calls       –", "hits        –"):
        assert any(row.startswith(line) for row in told), (line, told)


def test_success_and_fallbacks_are_those_that_the_counters_tell():
    calls = Calls(
        Counted({"ok": 80.0, "timeout": 20.0}, 300.0), Counted({"ai": 3.0, "text": 1.0}, 300.0), 0.5, 31.0, 40.0
    )

    told = lines(ai_rows(snapshot("healthy"), calls, 30, 8))

    for line in ("success     80.0 %", "fallbacks   25.0 %", "calls       100 in 5m", "p95         31.0 s"):
        assert any(row.startswith(line) for row in told), (line, told)


@pytest.mark.parametrize(
    ("state", "word", "look"),
    [("open", "▲ breaker open", "fire"), ("loading", "◔ loading", "warn"), ("ready", "", "ok"), ("off", "", "ok")],
)
def test_a_breaker_that_holds_calls_back_is_said_before_any_alert_fires(state, word, look):
    healthy = snapshot("healthy")
    latest = replace(healthy, figures=healthy.figures | {"ai.state": state})

    assert ai_mood(latest) == (word, look)


def test_the_worst_of_several_rules_speaks():
    alerts = [Alert("AiSlow", "warning"), Alert("AiFailing", "firing"), Alert("HighCpu", "pending")]

    assert worst(alerts, ("AiSlow", "AiFailing")) == "firing"
    assert worst([], ("AiSlow",)) == "neutral"
    assert bar_role(alerts, "AiFailing") == "fire" and bar_role(alerts, "Unknown") == "line"
    assert mood_of(Alert("x", "a state of tomorrow")) == "stale"


@pytest.mark.parametrize("value", ["12", True, None])
def test_a_figure_that_is_no_number_is_a_dash(value):
    assert number_of({"x": value}, "x") is None


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
