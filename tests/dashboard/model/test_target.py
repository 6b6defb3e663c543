from datetime import UTC

import pytest

from dashboard.config import Target
from dashboard.model.snapshot import Failure
from dashboard.model.target import HISTORY_BYTES, INSTANCES_AT_MOST, TargetModel
from tests.dashboard.model.samples import TARGET, WALL, FakeService, failure, iso, rule


def a_model():
    return TargetModel(TARGET, zone=UTC)


def fed(model, service, seconds, each=lambda service: service.answer(times=10), start=1000):
    for at in range(start, start + seconds):
        each(service)
        model.take(service.snapshot(float(at)))
    return float(start + seconds - 1)


def values(model, key, now, window=900.0):
    return [point.value for point in model.vital(key, now, window).trend]


def test_before_the_first_answer_there_is_the_reason_and_nothing_made_up():
    model = a_model()
    assert (model.name, model.url, model.interval) == ("web", "http://localhost:8000", 1.0)
    assert (model.latest, model.failure, model.next_try) == (None, None, None)
    assert model.connection(0.0).state == "connecting"
    assert model.alerts(0.0) == ()
    assert model.latency_buckets(0.0, 900) == ()
    assert model.bands("requests", 0.0, 900) == []
    assert model.reaches_back_seconds(0.0) == 0.0
    assert {vital.state for vital in model.vitals(0.0)} == {"unknown"}


def test_a_healthy_target_shows_its_rate_and_its_rules():
    model, service = a_model(), FakeService()
    service.alerts = [rule("HighErrorRate"), rule("HighCpu", "warning", value=0.8)]
    now = fed(model, service, 30)
    assert model.connection(now + 0.4).words == "data 0.4s ago"
    assert model.vital("requests", now, 60).value == 10.0
    assert [view.alert.name for view in model.alerts(now)] == ["HighCpu", "HighErrorRate"]
    assert [vital.key for vital in model.vitals(now)][:2] == ["requests", "errors"]
    assert model.reaches_back_seconds(now) == 29.0
    assert model.bands("requests", now, 900)[-1].mean == 10.0
    assert len(values(model, "requests", now, 5)) == 6


def test_a_lost_service_keeps_its_values_and_its_alerts_and_raises_only_its_own_absence():
    model, service = a_model(), FakeService()
    service.alerts = [rule("HighErrorRate", "firing", since=iso(WALL + 1000), value=0.2)]
    now = fed(model, service, 30)
    for second in range(1, 30):
        model.take(failure(now + second))
    late = now + 29
    lost, burning = model.alerts(late)
    assert (lost.alert.name, lost.state, lost.state_seconds) == ("ServiceUnreachable", "firing", 28.0)
    assert (burning.alert.name, burning.state) == ("HighErrorRate", "firing")
    assert burning.state_seconds == 29.0, "its clock stands still at the last answer"
    assert model.connection(late).state == "unreachable"
    vital = model.vital("requests", late, 900)
    assert (vital.value, vital.state, vital.trend[-1].value) == (10.0, "stale", None)
    assert model.latest is not None


def test_one_failed_poll_raises_nothing():
    model, service = a_model(), FakeService()
    now = fed(model, service, 5)
    model.take(failure(now + 1, "timeout"))
    assert model.alerts(now + 1.5) == ()
    assert model.connection(now + 1.5).data_ok
    vital = model.vital("requests", now + 1.5, 60)
    assert (vital.value, vital.state, vital.trend[-1].value) == (10.0, "neutral", None)


def test_a_service_that_never_answered_is_pending_and_then_fires():
    model = a_model()
    model.take(failure(5.0))
    assert [view.state for view in model.alerts(6.0)] == ["pending"]
    model.take(failure(14.0))
    assert [view.state for view in model.alerts(16.0)] == ["firing"]
    assert model.connection(16.0).words.startswith("unreachable 11s · connection refused · ")


def test_it_recovers_by_itself():
    model, service = a_model(), FakeService()
    now = fed(model, service, 5)
    model.take(failure(now + 1))
    assert model.next_try is not None
    again = fed(model, service, 3, start=int(now) + 8)
    assert (model.failure, model.next_try) == (None, None)
    assert model.alerts(again) == ()
    assert model.connection(again).state == "ok"


def test_the_next_try_follows_the_failures_in_a_row():
    model = a_model()
    waits = []
    for at in range(8):
        model.take(failure(float(at * 100)))
        waits.append(model.next_try - at * 100)
    assert 0.75 <= waits[0] <= 1.0
    assert waits[-1] >= 22.0


def test_a_restart_shows_a_gap_and_goes_on_with_the_trend():
    model, old = a_model(), FakeService("web-1")
    now = fed(model, old, 20)
    model.take(failure(now + 1))
    new = FakeService("web-2", started=now + 1.5)
    later = fed(model, new, 10, start=int(now) + 3)
    trend = values(model, "requests", later)
    assert trend[20] is None
    assert trend[0:20][-1] == trend[-1] == 10.0
    assert min(value for value in trend if value is not None) >= 0
    assert max(value for value in trend if value is not None) <= 12
    assert model.latest.service.instance == "web-2"
    assert model.instances(later) == ("web-2",)


def test_a_restart_under_the_same_name_never_shows_a_negative_rate():
    model, service = a_model(), FakeService("web-1")
    now = fed(model, service, 20)
    service.counts.clear()
    later = fed(model, service, 20, start=int(now) + 1)
    known = [value for value in values(model, "requests", later) if value is not None]
    assert min(known) >= 0
    assert max(known) <= 10.0


def test_instances_in_turns_are_a_balancer_their_series_stay_apart():
    model, one, two = a_model(), FakeService("web-1"), FakeService("web-2")
    now = 1000.0
    for second in range(60):
        now = 1000.0 + second
        service, times = (one, 10) if second % 2 == 0 else (two, 999)
        service.answer(times=times)
        model.take(service.snapshot(now))
    assert model.instances(now) == ("web-1", "web-2")
    assert model.latest.service.instance == "web-1"
    assert max(value for value in values(model, "requests", now) if value is not None) <= 10
    assert "2 instances answer at this URL, shown is web-1" in model.connection(now).words


def test_when_the_instance_shown_stays_silent_another_is_shown():
    model, one, two = a_model(), FakeService("web-1"), FakeService("web-2")
    fed(model, one, 5)
    now = fed(model, two, 30, start=1005)
    assert model.latest.service.instance == "web-2"
    assert model.vital("requests", now, 60).value == 10.0


def test_instances_are_bounded_and_share_one_budget():
    model = a_model()
    for number in range(40):
        model.take(FakeService(f"web-{number}").snapshot(1000.0 + number / 100))
    assert len(model.instances(1001.0)) <= INSTANCES_AT_MOST
    assert model.latest.service.instance == "web-0"
    assert sum(book._at_most for book in model._books.values()) * 1600 <= HISTORY_BYTES


def test_an_acknowledged_alert_is_loud_again_when_it_changes():
    model, service = a_model(), FakeService()
    service.alerts = [rule(state="firing", since="2026-11-22T20:00:00Z")]
    now = fed(model, service, 2)
    model.acknowledge("HighErrorRate")
    assert model.alerts(now)[0].acknowledged
    service.alerts = [rule(state="clearing", since="2026-11-22T20:05:00Z")]
    now = fed(model, service, 2, start=1002)
    assert not model.alerts(now)[0].acknowledged


def test_a_snoozed_alert_wakes():
    model, service = a_model(), FakeService()
    service.alerts = [rule(state="firing")]
    now = fed(model, service, 2)
    model.snooze("HighErrorRate", 600, now)
    assert model.alerts(now)[0].snoozed_until == now + 600
    assert model.alerts(now + 601)[0].snoozed_until is None


def test_the_absence_of_the_service_can_be_acknowledged_and_is_news_again_the_next_time():
    model = a_model()
    model.take(failure(1000.0))
    model.acknowledge("ServiceUnreachable")
    model.take(failure(1020.0))
    assert model.alerts(1021.0)[0].acknowledged
    now = fed(model, FakeService(), 2, start=1030)
    model.take(failure(now + 60))
    assert not model.alerts(now + 61)[0].acknowledged


def test_answers_are_counted_by_status_over_a_window_and_a_restart_does_not_spoil_them():
    model, service = a_model(), FakeService()
    assert model.counted("requests", 0.0, 60.0).rate("200") is None
    now = fed(model, service, 30, lambda service: (service.answer(times=9), service.answer(status="503")))
    found = model.counted("requests", now, 10.0)
    assert (found.rate("200"), found.rate("503"), found.rate("429")) == (9.0, 1.0, 0.0)
    later = fed(model, FakeService("web-2", started=now + 1.5), 30, start=int(now) + 3)
    assert model.counted("requests", later, 10.0).rate("200") == 10.0
    assert model.counted("requests", later + 100, 60.0).rate("200") is None


def test_latencies_are_counted_bucket_by_bucket_in_the_window():
    model, service = a_model(), FakeService()

    def each(service):
        service.answer(seconds=0.05, times=2)
        service.answer(seconds=5.0)
        service.answer(seconds=0.05, cache="hit", times=3)

    now = fed(model, service, 61, each)
    inf = float("inf")
    assert model.latency_buckets(now, 30) == ((0.1, 150), (1.0, 0), (inf, 30))
    assert model.latency_buckets(now, 30, cache="hit") == ((0.1, 90), (1.0, 0), (inf, 0))
    assert model.latency_buckets(now, 9000, cache="miss") == ((0.1, 120), (1.0, 0), (inf, 60))
    assert model.latency_buckets(now + 31, 30) == ()


def test_a_failure_of_any_kind_is_taken():
    model = a_model()
    for kind in (
        "unreachable",
        "timeout",
        "unauthorized",
        "redirect",
        "not_the_service",
        "too_large",
        "garbage",
        "status",
    ):
        model.take(Failure(1.0, WALL, kind, "because"))
        assert model.connection(1.0).words


def test_a_vital_that_is_none_is_an_error():
    with pytest.raises(KeyError):
        TargetModel(Target("a", "http://a")).vital("mood", 0.0, 60)
