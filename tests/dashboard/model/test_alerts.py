from dataclasses import replace

import pytest

from dashboard.model.alerts import server_time, shown, state_of, unreachable, view_of, worst_first
from dashboard.model.marks import Mark
from dashboard.model.snapshot import Service
from tests.dashboard.model.samples import WALL, FakeService, iso, rule

NOBODY = Mark()


def view(alert, server_now=WALL + 234, mark=NOBODY, now=0.0, capacity=None):
    return view_of(alert, server_now, mark, now, capacity)


def test_a_firing_alert_says_how_long_how_much_and_its_limit():
    backlog = rule("QueueBacklog", "firing", unit="requests", value=92.0, fires=80.0)
    assert view(backlog, capacity=100.0).sentence == "QueueBacklog firing 2m14s: 92 of 100 waiting (fires at 80)"
    assert view(backlog).sentence == "QueueBacklog firing 2m14s: 92 waiting (fires at 80)"
    assert view(rule(state="firing", value=0.125)).sentence == "HighErrorRate firing 2m14s: 12.5 % (fires at 10.0 %)"


def test_a_pending_alert_counts_down_to_its_firing():
    slow = rule("SlowResponses", "pending", unit="seconds", value=31.0, fires=30.0, for_seconds=60.0)
    found = view(slow, WALL + 141)
    assert (found.state_seconds, found.countdown_seconds) == (41.0, 19.0)
    assert found.sentence == "SlowResponses pending 41s of 1m00s: 31.0 s (fires at 30.0 s)"


@pytest.mark.parametrize(
    ("state", "changes", "sentence"),
    [
        ("warning", {"value": 0.07}, "HighErrorRate warning 2m14s: 7.00 % (warns at 5.00 %, fires at 10.0 %)"),
        ("clearing", {"value": 0.06}, "HighErrorRate clearing 2m14s: 6.00 % (clears at 8.00 %)"),
        ("resolved", {"peak": 0.5}, "HighErrorRate resolved 2m14s ago: peak 50.0 %"),
        ("resolved", {"since": None}, "HighErrorRate resolved"),
        ("no_data", {"needs": 20}, "HighErrorRate: no data (needs 20 samples)"),
        ("no_data", {}, "HighErrorRate: no data"),
        ("ok", {"since": "nonsense", "value": None}, "HighErrorRate ok: – (fires at 10.0 %)"),
        (
            "firing",
            {"unit": "[b]\n", "value": 3.0, "fires": None},
            "HighErrorRate firing 2m14s: 3.00 [b]· (fires at –)",
        ),
    ],
)
def test_each_state_has_its_sentence(state, changes, sentence):
    assert view(rule(state=state, **changes)).sentence == sentence


def test_an_alert_that_ended_stays_in_sight_for_fifteen_minutes():
    ended = rule(state="ok", value=0.0, peak=0.2, resolved_at=iso(WALL + 200))
    assert view(ended, WALL + 260).state == "resolved"
    assert view(ended, WALL + 260).state_seconds == 60
    assert view(ended, WALL + 1099).state == "resolved"
    assert view(ended, WALL + 1101).state == "ok"
    assert view(replace(ended, state="warning"), WALL + 260).state == "warning"


def test_a_state_that_is_not_known_is_unknown():
    assert state_of("firing") == "firing"
    assert state_of("exploded") == "unknown"


def test_an_acknowledgement_counts_for_the_state_it_was_given_in():
    alert = rule(state="firing")
    assert view(alert, mark=Mark(acknowledged=True, since=alert.since)).acknowledged
    assert not view(alert, mark=Mark(acknowledged=True, since="before")).acknowledged


def test_a_snooze_ends():
    assert view(rule(), mark=Mark(snoozed_until=10.0), now=9.0).snoozed_until == 10.0
    assert view(rule(), mark=Mark(snoozed_until=10.0), now=11.0).snoozed_until is None


def test_the_worst_comes_first_what_is_known_after_it_and_the_calm_last():
    views = [
        view(rule("Calm")),
        view(rule("Known", "firing"), mark=Mark(acknowledged=True, since=rule().since)),
        view(rule("Warns", "warning")),
        view(rule("Fires", "firing")),
        view(rule("Critical", "firing", severity="critical")),
        view(rule("Waits", "pending")),
        view(rule("Asleep", "pending"), mark=Mark(snoozed_until=5.0)),
        view(rule("Over", "resolved")),
    ]
    order = [found.alert.name for found in worst_first(views)]
    assert order == ["Critical", "Fires", "Waits", "Warns", "Known", "Asleep", "Over", "Calm"]


def test_the_clock_of_the_service_is_what_it_told():
    answer = FakeService(started=30.0).snapshot(at=100.0)
    assert server_time(answer) == WALL + 100
    assert server_time(replace(answer, service=Service())) == answer.wall


def test_a_lost_service_is_pending_for_ten_seconds_and_then_fires():
    pending = unreachable(4.0, "then", "connection refused", NOBODY, 0.0)
    assert (pending.state, pending.countdown_seconds) == ("pending", 6.0)
    firing = unreachable(37.0, "then", "connection refused", Mark(acknowledged=True, since="then"), 0.0)
    assert (firing.state, firing.state_seconds, firing.acknowledged) == ("firing", 37.0, True)
    assert firing.sentence == "ServiceUnreachable firing 37s: connection refused"


def test_values_are_shown_in_the_unit_of_their_rule():
    assert shown(None, rule()) == "–"
    assert shown(0.3, rule(unit="seconds")) == "300 ms"
    assert shown(2.5, rule(unit="intervals")) == "2.50 intervals"
