"""What the alert rules look at."""

import pytest

from service.monitoring.history import History
from service.monitoring.rules import RULES
from service.monitoring.sources import AiState, CacheState, ClientsState, Gauges, QueueState, SystemState
from service.monitoring.tally import Tally
from service.monitoring.vitals import measure

EPOCH = 1_795_379_400.0
AI_ON = AiState(enabled=True, state="ready", model="m")


def gauges(**changes):
    return Gauges(
        **{
            "queue": lambda: QueueState(depth=3, capacity=100, peak=42, slots=2, busy=1),
            "cache": lambda: CacheState(0, 100),
            "clients": lambda: ClientsState(100, 60, 0),
            **changes,
        }
    )


def vitals(tally, *, history=None, now=100.0, epoch=EPOCH, state=None, **more):
    return measure(history or History(0.0), tally.totals(), state or gauges(), now, epoch=epoch, **more)


def answer(tally, status, seconds=0.01, cache="miss", times=1):
    for _ in range(times):
        tally.begin()
        tally.finish("GET", "/api/signals", status, cache, seconds)


@pytest.fixture
def tally():
    return Tally(["/api/signals"])


def test_every_rule_is_measured_and_an_idle_service_knows_nothing(tally):
    measured = vitals(tally)

    assert set(measured) == {rule.name for rule in RULES}
    assert {name for name, measurement in measured.items() if measurement.value is not None} == {"QueueBacklog"}


def test_shares_of_answers_come_with_the_number_they_rest_on(tally):
    answer(tally, 200, times=14)
    answer(tally, 503, times=2)
    answer(tally, 429, cache="none", times=4)

    measured = vitals(tally)

    assert (measured["HighErrorRate"].value, measured["HighErrorRate"].samples) == (0.1, 20)
    assert (measured["ManyRateLimited"].value, measured["ManyRateLimited"].samples) == (0.2, 20)


def test_each_rule_looks_at_its_own_window(tally):
    history = History(0.0)
    answer(tally, 500, times=10)
    history.add(30.0, tally.cut())
    answer(tally, 200, times=10)

    measured = vitals(tally, history=history, now=90.0)

    assert measured["HighErrorRate"].value == 0.0
    assert measured["ManyRateLimited"].samples == 20


def test_cached_and_uncached_answers_are_judged_apart_and_others_not_at_all(tally):
    answer(tally, 200, seconds=40, cache="miss", times=3)
    answer(tally, 200, seconds=2, cache="hit", times=5)
    answer(tally, 200, seconds=0.001, cache="none", times=500)

    measured = vitals(tally)

    assert measured["SlowResponses"].value > 30
    assert measured["SlowResponses"].samples == 3
    assert 1 < measured["SlowCachedResponses"].value <= 2
    assert measured["SlowCachedResponses"].samples == 5


def test_percents_of_the_system_become_ratios(tally):
    state = gauges(system=lambda: SystemState(cpu_percent=10.0, memory_percent=91.0))

    measured = vitals(tally, state=state, cpu_percent=75.0)

    assert measured["HighMemory"].value == 0.91
    assert measured["HighCpu"].value == 0.75


def test_the_queue_is_judged_by_its_highest_depth(tally):
    assert vitals(tally)["QueueBacklog"].value == 42


def test_ai_is_judged_by_the_outcomes_and_durations_of_its_calls(tally):
    for _ in range(9):
        tally.ai("ok", 12.0)
    tally.ai("timeout", 40.0)

    measured = vitals(tally)

    assert (measured["AiFailing"].value, measured["AiFailing"].samples) == (0.9, 10)
    assert measured["AiSlow"].value > 30


def test_a_flood_and_a_slow_import_are_no_failures_of_the_ai_but_an_open_breaker_is(tally):
    for outcome in ("overloaded", "not_ready") * 50:
        tally.ai(outcome, None)
    assert vitals(tally)["AiFailing"].samples == 0

    for outcome in ("ok", "breaker_open", "breaker_open", "breaker_open"):
        tally.ai(outcome, None)
    measured = vitals(tally)
    assert (measured["AiFailing"].value, measured["AiFailing"].samples) == (0.25, 4)


def test_answers_by_text_are_fallbacks_only_while_ai_is_on(tally):
    for _ in range(3):
        tally.rank("ai")
    tally.rank("text", "timeout")

    assert vitals(tally)["TooManyFallbacks"].value is None
    measured = vitals(tally, state=gauges(ai=lambda: AI_ON))["TooManyFallbacks"]
    assert (measured.value, measured.samples) == (0.25, 4)


def test_the_age_of_the_last_good_warm_up_is_told_in_intervals(tally):
    tally.warmup("ok", EPOCH - 450)
    tally.warmup("failed", EPOCH - 5)

    assert vitals(tally)["WarmupStale"].value == 1.5


def test_before_the_first_good_warm_up_the_age_counts_from_when_one_was_due(tally):
    assert vitals(tally, warming_since=EPOCH - 900)["WarmupStale"].value == 3
    assert vitals(tally, warming_since=EPOCH + 9)["WarmupStale"].value == 0
    off = gauges(warm_interval_seconds=0.0)
    assert vitals(tally, state=off, warming_since=EPOCH)["WarmupStale"].value is None
