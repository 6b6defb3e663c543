from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.alerts import view_of
from dashboard.model.book import Book
from dashboard.model.marks import Mark
from dashboard.model.signs import KEYS, Scales, Sight, nice, sign
from tests.dashboard.model.samples import WALL, FakeService, rule

BUSY = {"queue.busy": 1.0, "queue.slots": 2.0, "ai.enabled": True, "system.threads": 98.0, "odd": "text"}


def sight_of(service=None, alerts=(), data_ok=True, seconds=10):
    service = service or FakeService(**BUSY)
    book = Book(1.0, 1_000_000)
    for at in range(seconds + 1):
        book.take(service.snapshot(float(at)))
        service.answer(times=10)
    views = {alert.name: view_of(alert, WALL + 200, Mark(), 0.0) for alert in alerts}
    return Sight(book, views, data_ok, WALL, 900.0)


def signs(sight):
    scales = Scales()
    return {key: sign(key, sight, scales) for key in KEYS}


def test_before_the_first_answer_every_sign_is_there_and_unknown():
    found = signs(Sight(None, {}, False, WALL, 900.0))
    assert [vital.key for vital in found.values()] == [
        "requests", "errors", "latency", "cached", "queue", "work", "refused", "ai", "cache", "cpu", "memory",
    ]  # fmt: skip
    assert {vital.state for vital in found.values()} == {"unknown"}
    assert {vital.value for vital in found.values()} == {None}


def test_a_sign_shows_number_trend_and_side_figures():
    service = FakeService(**BUSY)
    service.gauges = {
        "signals_queue_depth": 92,
        "signals_queue_capacity": 100,
        "clients_blocked": 2,
        "cache_entries": 412,
    }
    service.gauges |= {"process_resident_memory_bytes": 45_621_248, "http_requests_in_flight": 3}
    found = signs(sight_of(service))
    assert (found["requests"].value, found["requests"].unit, found["requests"].notes) == (10.0, "/s", ("peak 10.0",))
    assert len(found["requests"].trend) == 11
    assert found["queue"].notes == ("of 100", "slots 1/2")
    assert (found["queue"].high, found["work"].value) == (100.0, 2.0)
    assert found["latency"].notes == ("p50 50.0 ms", "p99 99.0 ms")
    assert found["refused"].notes == ("0.00 % of all", "2 blocked")
    assert found["cache"].notes == ("412 entries",)
    assert found["memory"].notes == ("process 45.6 MB",)
    assert found["cpu"].notes == ("98 threads",)
    assert found["errors"].notes == ("0 in 1m",)


def test_a_sign_takes_state_and_limits_from_its_rule():
    errors = signs(sight_of(alerts=[rule("HighErrorRate", "pending")]))["errors"]
    assert (errors.state, errors.alert, errors.state_seconds) == ("pending", "HighErrorRate", 100.0)
    assert (errors.warns, errors.fires, errors.below) == (5.0, 10.0, False)
    slow = rule("SlowResponses", unit="seconds", warns=10.0, fires=30.0)
    assert signs(sight_of(alerts=[slow]))["latency"].fires == 30.0


def test_a_sign_without_a_rule_is_neutral():
    found = signs(sight_of())
    assert {vital.state for vital in found.values()} == {"neutral"}


def test_the_ai_shows_the_worst_of_its_rules():
    rules = [rule("AiFailing", comparison="<", warns=0.95, fires=0.8), rule("AiSlow", "firing", unit="seconds")]
    service = FakeService(**BUSY)
    service.count("ai_requests_total", 0, outcome="ok")
    found = signs(sight_of(service, rules))["ai"]
    assert (found.state, found.alert, found.fires, found.below) == ("firing", "AiSlow", 80.0, True)


def test_without_the_first_of_its_rules_a_sign_has_no_line_of_another():
    found = signs(sight_of(alerts=[rule("AiSlow", "firing", unit="seconds", fires=30.0)]))["ai"]
    assert (found.state, found.fires) == ("firing", None)


def test_an_ai_that_is_off_is_neutral_and_says_so():
    found = signs(sight_of(FakeService(**{"ai.enabled": False}), [rule("AiFailing", "no_data")]))["ai"]
    assert (found.state, found.notes, found.value) == ("neutral", ("off", "local ranking"), None)


def test_an_ai_that_works_tells_its_time_and_its_fallbacks():
    service, book = FakeService(**BUSY), Book(1.0, 1_000_000)
    for at in range(3):
        book.take(service.snapshot(float(at)))
        service.count("ai_requests_total", 4, outcome="ok")
        service.count("ai_request_duration_seconds_bucket", 4, le="2.0")
        service.count("ai_request_duration_seconds_bucket", 4, le="+Inf")
        service.count("rankings_total", 3, method="ai")
        service.count("rankings_total", 1, method="text")
    found = sign("ai", Sight(book, {}, True, WALL, 900.0), Scales())
    assert (found.value, found.notes) == (100.0, ("fallback 25.0 %", "p95 1.90 s"))


def test_a_lost_connection_makes_signs_stale_and_keeps_their_values():
    sight = sight_of(alerts=[rule("HighErrorRate", "firing")])
    sight.book.miss(WALL + 11)
    found = signs(replace(sight, data_ok=False))
    assert {vital.state for vital in found.values()} == {"stale"}
    assert found["requests"].value == 10.0
    assert found["requests"].trend[-1].value is None


def test_refusals_are_counted_a_second_so_a_limit_in_percent_is_not_drawn():
    found = signs(sight_of(alerts=[rule("ManyRateLimited", "warning")]))["refused"]
    assert (found.unit, found.warns, found.fires, found.state) == ("/s", None, None, "warning")


def test_figures_of_the_wrong_type_are_unknown():
    sight = sight_of()
    assert sight.figure("odd") is None
    assert sight.flag("queue.busy") is None
    assert sight.figure("queue.busy") == 1.0


def test_a_sign_that_is_none_is_an_error():
    with pytest.raises(KeyError):
        sign("mood", sight_of(), Scales())


@settings(max_examples=100)
@given(st.floats(1e-9, 1e12))
def test_a_nice_number_is_1_2_or_5_and_not_far_above(value):
    found = nice(value)
    assert value * (1 - 1e-6) <= found <= value * 2.51
    assert f"{found:.3e}"[:5] in ("1.000", "2.000", "5.000")


def test_nothing_has_the_range_of_one():
    assert nice(0) == 1.0


def test_a_range_grows_at_once_and_shrinks_only_when_far_too_wide():
    scales = Scales()
    highs = [scales.high("requests", 900, peak, None, 5.0) for peak in (3, 180, 90, 60, 40, 3)]
    assert highs == [5, 200, 200, 200, 50, 5]


def test_the_firing_line_is_in_range_when_the_value_comes_near_it():
    assert Scales().high("latency", 900, 10.0, 30.0, 0.05) < 30
    assert Scales().high("latency", 900, 21.0, 30.0, 0.05) > 30


def test_a_breaker_that_holds_calls_back_is_said_before_all_else():
    service = FakeService(**(BUSY | {"ai.state": "open"}))
    book = Book(1.0, 1_000_000)
    for at in range(3):
        book.take(service.snapshot(float(at)))
        service.count("rankings_total", 1, method="text")

    assert sign("ai", Sight(book, {}, True, WALL, 900.0), Scales()).notes == ("breaker open", "fallback 100 %")
