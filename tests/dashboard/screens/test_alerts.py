"""The alerts screen: every rule, what to do about it, and the log of changes."""

from dashboard.widgets.tables import Table
from tests.dashboard.fakes import NOW
from tests.dashboard.screens.scenes import on_screen, said, text_of


def view(pilot, name):
    return next(view for view in pilot.app.model.alerts(NOW) if view.alert.name == name)


async def test_every_rule_shows_state_value_limits_duration_since_and_peak():
    async with on_screen("2") as pilot:
        lines = text_of(pilot).splitlines()

    queue = next(line for line in lines if "▲ " in line and "QueueBacklog" in line and "12:38:53" in line)
    for part in ("FIRING", "2m14s", "92", "50", "80", "60", "15s", "97"):
        assert part in queue


async def test_a_pending_alert_counts_down_to_its_firing():
    async with on_screen("2", size=(80, 24)) as pilot:
        assert "fires in 19s" in text_of(pilot)


async def test_what_has_no_column_on_a_small_screen_is_said_for_the_row_under_the_cursor():
    async with on_screen("2", size=(80, 24)) as pilot:
        assert "warns 50 · clears 60 · since 12:38:53 · peak 97" in text_of(pilot)
        await pilot.press("j")
        await pilot.pause()
        assert "since 12:40:26 · peak 31.2 s" in text_of(pilot)


async def test_acknowledge_marks_the_alert_under_the_cursor_and_the_cursor_stays_on_it():
    async with on_screen("2") as pilot:
        await pilot.press("j", "a")
        await pilot.pause()
        assert view(pilot, "SlowResponses").acknowledged
        assert pilot.app.screen.query_one("#rules", Table).selected == "SlowResponses"
        assert "acknowledged" in text_of(pilot)


async def test_a_calm_rule_cannot_be_acknowledged():
    async with on_screen("2", "healthy") as pilot:
        await pilot.press("a")
        assert not any(view.acknowledged for view in pilot.app.model.alerts(NOW))
        assert "Nothing to acknowledge here: this rule is calm" in said(pilot)


async def test_snooze_silences_for_a_quarter_of_an_hour_and_wakes_at_the_second_press():
    async with on_screen("2") as pilot:
        await pilot.press("s")
        await pilot.pause()
        assert view(pilot, "QueueBacklog").snoozed_until == NOW + 900
        assert "snoozed 15m00s" in text_of(pilot)
        await pilot.press("s")
        await pilot.pause()
        assert pilot.app.model.snoozes == [("QueueBacklog", 900.0), ("QueueBacklog", 0.0)]
        assert "QueueBacklog speaks again" in said(pilot)


async def test_the_history_is_newest_first_and_says_from_what_to_what():
    async with on_screen("2") as pilot:
        keys = [line.key for line in pilot.app.screen.query_one("#history", Table).lines]
        lines = text_of(pilot).splitlines()

    assert keys == sorted(keys, reverse=True)
    assert any("12:38:53" in line and "◔ pending" in line and "▲ FIRING" in line for line in lines)


async def test_before_the_first_answer_only_the_lost_connection_is_an_alert():
    async with on_screen("2", "first_start") as pilot:
        rules = [line.key for line in pilot.app.screen.query_one("#rules", Table).lines]
        await pilot.press("s")

    assert rules == ["ServiceUnreachable"]
