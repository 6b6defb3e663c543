from __future__ import annotations

import json
from dataclasses import replace
from time import perf_counter

import pytest

from service.errors import REJECTIONS
from service.monitoring.history import History
from service.monitoring.sources import (
    ActivationsState,
    AiState,
    CacheState,
    CatalogueState,
    ClientsState,
    Gauges,
    JobState,
    QueueState,
    ServiceState,
    SystemState,
    WarmupState,
)
from service.monitoring.stats import CLIENTS_SHOWN, ENDPOINTS_SHOWN, Sources, build, iso, ratio
from service.monitoring.tally import Tally
from service.monitoring.totals import FALLBACK_REASONS, RecentError

SIGNALS = "/api/signals"
START = 1000.0
EPOCH = 1_795_379_400.0
EPOCH_TEXT = "2026-11-22T20:30:00.000Z"
SHAPE = {
    "service": {"name", "version", "instance", "started_at", "uptime_seconds"},
    "requests": {
        *("total", "rate", "errors", "error_rate", "in_flight", "rejected", "duration_seconds"),
        *("cached_duration_seconds", "by_endpoint"),
    },
    "mcp": {"rate", "tools"},
    "queue": {"depth", "capacity", "peak", "slots", "busy", "wait_seconds"},
    "ai": {
        *("enabled", "state", "model", "requests", "success_rate", "failures", "fallback_rate"),
        "duration_seconds",
    },
    "cache": {"entries", "capacity", "hits", "misses", "stale", "hit_rate"},
    "clients": {"limit", "window_seconds", "tracked", "top", "blocked", "keys", "store", "store_ok"},
    "system": {
        *("cpu_percent", "memory_percent", "memory_used_bytes", "process_rss_bytes", "threads", "open_files"),
        "source",
    },
    "catalogue": {"signals", "private", "version", "loaded_at", "sample"},
    "activations": {"states", "under_way", "failures"},
    "warmup": {"running", "last_run_at", "warmed", "failed"},
}
LISTS = {"jobs", "alerts", "transitions", "recent_errors"}


def some_gauges() -> Gauges:
    return Gauges(
        queue=lambda: QueueState(depth=3, capacity=100, peak=9, slots=2, busy=1),
        cache=lambda: CacheState(entries=4, capacity=10_000),
        clients=lambda: ClientsState(limit=100, window_seconds=60.0, tracked=2),
        activations=lambda: ActivationsState({"live": 2}, 1),
    )


def some_sources(gauges: Gauges | None = None, endpoints: tuple[str, ...] = (SIGNALS,)) -> Sources:
    service = ServiceState("signals-agent", "1.0.0", "web-1", EPOCH, START)
    return Sources(service, Tally(endpoints), History(START), gauges or some_gauges())


def answer(tally: Tally, endpoint: str = SIGNALS, status: int = 200, cache: str = "miss", seconds: float = 0.02):
    tally.begin()
    tally.finish("GET", endpoint, status, cache, seconds)


def test_the_document_has_exactly_the_fields_of_the_contract():
    document = build(START, some_sources())

    assert set(document) == {*SHAPE, *LISTS, "window_seconds"}
    for section, fields in SHAPE.items():
        assert set(document[section]) == fields, section
    assert all(document[name] == [] for name in LISTS)
    assert document["window_seconds"] == 60
    assert set(document["requests"]["rejected"]) == set(REJECTIONS)
    assert set(document["ai"]["failures"]) == set(FALLBACK_REASONS)
    assert set(document["requests"]["duration_seconds"]) == {"p50", "p95", "p99", "max"}
    assert set(document["requests"]["cached_duration_seconds"]) == {"p50", "p95", "p99", "max"}
    assert set(document["queue"]["wait_seconds"]) == {"p50", "p95", "p99"}


def test_what_a_service_without_traffic_cannot_know_is_null_and_never_zero():
    document = build(START + 10, some_sources())

    assert document["requests"]["error_rate"] is None
    assert set(document["requests"]["duration_seconds"].values()) == {None}
    assert set(document["queue"]["wait_seconds"].values()) == {None}
    assert document["cache"]["hit_rate"] is None
    assert document["system"]["cpu_percent"] is None
    assert document["catalogue"]["signals"] is None
    assert document["warmup"]["last_run_at"] is None
    assert document["requests"]["rate"] == 0.0


def test_at_the_very_start_even_the_rate_is_unknown():
    assert build(START, some_sources())["requests"]["rate"] is None


def test_the_service_says_who_it_is_and_how_long_it_has_been_up():
    document = build(START + 90.5, some_sources())

    assert document["service"] == {
        "name": "signals-agent",
        "version": "1.0.0",
        "instance": "web-1",
        "started_at": EPOCH_TEXT,
        "uptime_seconds": 90.5,
    }


def test_the_total_counts_since_the_start_and_the_rest_over_the_window():
    sources = some_sources()
    for _ in range(10):
        answer(sources.tally, status=500)
        sources.tally.reject("invalid")
    for sample in range(1, 31):
        sources.history.add(START + 5 * sample, sources.tally.cut())
    for status in (200, 200, 429, 503):
        answer(sources.tally, status=status)
    sources.tally.reject("rate_limited")

    requests = build(START + 155, sources)["requests"]

    assert requests["total"] == 14
    assert requests["rate"] == pytest.approx(4 / 60, abs=1e-6)
    assert requests["errors"] == 1
    assert requests["error_rate"] == 0.25
    assert requests["rejected"]["rate_limited"] == 1
    assert requests["rejected"]["invalid"] == 0


def test_answers_without_a_route_count_as_requests():
    sources = some_sources()
    sources.tally.answered("GET", "none", 413, 0.001)

    requests = build(START + 10, sources)["requests"]

    assert requests["total"] == 1
    assert requests["by_endpoint"][0]["endpoint"] == "none"


def test_a_request_that_is_being_answered_is_in_flight():
    sources = some_sources()
    sources.tally.begin()

    assert build(START + 1, sources)["requests"]["in_flight"] == 1


def test_durations_are_told_of_all_answers_and_of_those_out_of_the_cache():
    sources = some_sources()
    for cache, seconds in (("hit", 0.001), ("stale", 0.002), ("miss", 3.0), ("none", 0.004)):
        answer(sources.tally, cache=cache, seconds=seconds)

    requests = build(START + 10, sources)["requests"]

    assert requests["duration_seconds"]["max"] == 3.0
    assert requests["duration_seconds"]["p99"] <= 3.0
    assert requests["cached_duration_seconds"]["max"] == 0.002
    assert requests["cached_duration_seconds"]["p50"] <= 0.001


def test_endpoints_come_busiest_first_and_bounded():
    endpoints = tuple(f"/api/{number}" for number in range(ENDPOINTS_SHOWN + 5))
    sources = some_sources(endpoints=endpoints)
    for endpoint in endpoints:
        answer(sources.tally, endpoint)
    answer(sources.tally, "/api/7", status=503)

    shown = build(START + 10, sources)["requests"]["by_endpoint"]

    assert len(shown) == ENDPOINTS_SHOWN
    assert shown[0] == {"endpoint": "/api/7", "method": "GET", "rate": 0.2, "errors": 1, "p95": 0.02}


def test_without_a_key_the_ai_is_off_with_nulls_and_zero_counts():
    sources = some_sources()
    sources.tally.rank("text")

    ai = build(START + 10, sources)["ai"]

    assert ai == {
        "enabled": False,
        "state": "off",
        "model": None,
        "requests": 0,
        "success_rate": None,
        "failures": dict.fromkeys(FALLBACK_REASONS, 0),
        "fallback_rate": None,
        "duration_seconds": {"p50": None, "p95": None, "p99": None},
    }


def test_with_the_ai_on_its_calls_and_fallbacks_are_told():
    sources = some_sources(replace(some_gauges(), ai=lambda: AiState(True, "ready", "a-model")))
    for outcome in ("ok", "ok", "ok", "timeout"):
        sources.tally.ai(outcome, 2.0)
    sources.tally.ai("overloaded", None)
    sources.tally.rank("ai")
    sources.tally.rank("text", "timeout")

    ai = build(START + 10, sources)["ai"]

    assert (ai["enabled"], ai["state"], ai["model"]) == (True, "ready", "a-model")
    assert (ai["requests"], ai["success_rate"], ai["fallback_rate"]) == (5, 0.75, 0.5)
    assert ai["failures"]["timeout"] == 1
    assert 1.0 < ai["duration_seconds"]["p95"] <= 2.5


def test_a_text_ranking_that_was_asked_for_is_no_fallback():
    sources = some_sources(replace(some_gauges(), ai=lambda: AiState(True, "ready", "a-model")))
    sources.tally.rank("text")

    assert build(START + 10, sources)["ai"]["fallback_rate"] == 0.0


def test_the_cache_tells_its_looks_and_the_share_of_hits():
    sources = some_sources()
    for result in ("hit", "hit", "stale", "miss"):
        sources.tally.cache(result)

    assert build(START + 10, sources)["cache"] == {
        "entries": 4,
        "capacity": 10_000,
        "hits": 2,
        "misses": 1,
        "stale": 1,
        "hit_rate": 0.5,
    }


def test_the_queue_tells_its_depth_and_its_waits():
    sources = some_sources()
    sources.tally.wait(0.2)

    queue = build(START + 10, sources)["queue"]

    assert (queue["depth"], queue["capacity"], queue["peak"], queue["slots"], queue["busy"]) == (3, 100, 9, 2, 1)
    assert 0.1 < queue["wait_seconds"]["p50"] <= 0.25


def test_clients_are_told_with_the_end_of_their_block_and_bounded():
    many = tuple((f"192.0.2.{number % 256}", EPOCH, "score") for number in range(CLIENTS_SHOWN + 50))
    state = ClientsState(100, 60.0, 7, [("198.51.100.7", 93)], many, "redis", False)

    clients = build(START, some_sources(replace(some_gauges(), clients=lambda: state)))["clients"]

    assert clients["top"] == [{"client": "198.51.100.7", "used": 93}]
    assert clients["blocked"][0] == {"client": "192.0.2.0", "until": EPOCH_TEXT, "reason": "score"}
    assert len(clients["blocked"]) == CLIENTS_SHOWN
    assert (clients["store"], clients["store_ok"]) == ("redis", False)


def test_times_of_jobs_warm_up_and_catalogue_are_iso_8601_in_utc():
    gauges = replace(
        some_gauges(),
        jobs=lambda: [JobState("sample", next_run_at=EPOCH, last_run_at=None, runs=3)],
        warmup=lambda: WarmupState(last_run_at=EPOCH, warmed=9, failed=1),
        catalogue=lambda: CatalogueState(240, "v1", EPOCH, True, 3),
    )

    document = build(START, some_sources(gauges))

    assert document["jobs"] == [
        {
            "id": "sample",
            "next_run_at": EPOCH_TEXT,
            "last_run_at": None,
            "last_outcome": None,
            "last_duration_seconds": None,
            "runs": 3,
            "failures": 0,
        }
    ]
    assert document["warmup"] == {"running": False, "last_run_at": EPOCH_TEXT, "warmed": 9, "failed": 1}
    assert document["catalogue"] == {
        "signals": 240,
        "private": 3,
        "version": "v1",
        "loaded_at": EPOCH_TEXT,
        "sample": True,
    }


def test_recent_errors_are_told_newest_first():
    sources = some_sources()
    sources.tally.error(RecentError(EPOCH - 60, "older-id", SIGNALS, 500, "ValueError"))
    sources.tally.error(RecentError(EPOCH, "newer-id", SIGNALS, 503, "overloaded"))

    newest, _ = build(START, sources)["recent_errors"]

    assert newest == {
        "timestamp": EPOCH_TEXT,
        "request_id": "newer-id",
        "endpoint": SIGNALS,
        "status": 503,
        "error": "overloaded",
    }


def test_alerts_and_transitions_are_shown_as_their_owner_tells_them():
    alert = {"name": "HighCpu", "state": "ok", "value": 0.2}
    change = {"name": "HighCpu", "from": "no_data", "to": "ok"}
    gauges = replace(some_gauges(), alerts=lambda: [alert], transitions=lambda: (change,))

    document = build(START, some_sources(gauges))

    assert document["alerts"] == [alert]
    assert document["transitions"] == [change]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_say_becomes_null(bad: float):
    gauges = replace(
        some_gauges(),
        system=lambda: SystemState(cpu_percent=bad),
        alerts=lambda: [{"name": "HighCpu", "state": "ok", "value": bad}],
        clients=lambda: ClientsState(100, bad, 0, (), [("192.0.2.1", bad, "score")]),
    )

    document = json.loads(json.dumps(build(START, some_sources(gauges)), allow_nan=False))

    assert document["system"]["cpu_percent"] is None
    assert document["alerts"][0]["value"] is None
    assert document["clients"]["blocked"][0]["until"] is None


def test_numbers_are_rounded_to_microseconds():
    gauges = replace(some_gauges(), system=lambda: SystemState(cpu_percent=100 / 3))

    assert build(START, some_sources(gauges))["system"]["cpu_percent"] == 33.333333


@pytest.mark.parametrize("epoch", [None, float("nan"), float("inf"), 1e30, -1e30])
def test_what_is_no_time_is_null(epoch: float | None):
    assert iso(epoch) is None


def test_a_part_of_nothing_is_unknown():
    assert ratio(0, 0) is None
    assert ratio(1, 4) == 0.25


def test_the_document_of_a_busy_service_is_built_in_a_few_milliseconds():
    endpoints = tuple(f"/api/{number}" for number in range(20))
    sources = some_sources(endpoints=endpoints)
    for number in range(1, 200):
        for endpoint in endpoints:
            answer(sources.tally, endpoint, cache="hit" if number % 2 else "miss")
        sources.history.add(START + 5 * number, sources.tally.cut())

    def once() -> float:
        begun = perf_counter()
        build(START + 1000, sources)
        return perf_counter() - begun

    # The aim is 3 ms; the fastest of some runs, with room for a busy machine.
    assert min(once() for _ in range(20)) < 0.02
