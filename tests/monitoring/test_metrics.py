from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from service.errors import REJECTIONS
from service.monitoring.metrics import make_registry, render
from service.monitoring.sources import (
    AiState,
    CacheState,
    CatalogueState,
    ClientsState,
    Gauges,
    QueueState,
    ServiceState,
    StoreState,
    SystemState,
)
from service.monitoring.tally import Tally
from service.monitoring.totals import AI_OUTCOMES

SIGNALS = "/api/signals"
SERVICE = ServiceState("signals-agent", "1.0.0", 'web-"1"\n', 0.0, 0.0)
CONTRACT = {
    "http_requests_total": ("counter", {"method", "endpoint", "status"}),
    "http_request_duration_seconds": ("histogram", {"method", "endpoint", "cache"}),
    "http_requests_in_flight": ("gauge", set()),
    "http_requests_rejected_total": ("counter", {"reason"}),
    "key_requests_total": ("counter", {"key"}),
    "mcp_requests_total": ("counter", {"method", "tool", "outcome"}),
    "activations_total": ("counter", {"platform_adapter", "state"}),
    "signals_queue_depth": ("gauge", set()),
    "signals_queue_capacity": ("gauge", set()),
    "signals_queue_wait_seconds": ("histogram", set()),
    "ai_enabled": ("gauge", set()),
    "ai_breaker_open": ("gauge", set()),
    "ai_requests_total": ("counter", {"outcome"}),
    "ai_request_duration_seconds": ("histogram", set()),
    "rankings_total": ("counter", {"method"}),
    "cache_requests_total": ("counter", {"result"}),
    "cache_entries": ("gauge", set()),
    "clients_blocked": ("gauge", set()),
    "warmup_runs_total": ("counter", {"outcome"}),
    "warmup_interval_seconds": ("gauge", set()),
    "warmup_last_success_timestamp_seconds": ("gauge", set()),
    "scheduler_job_runs_total": ("counter", {"job", "outcome"}),
    "scheduler_job_duration_seconds": ("histogram", {"job"}),
    "system_cpu_ratio": ("gauge", set()),
    "system_memory_ratio": ("gauge", set()),
    "catalogue_signals": ("gauge", set()),
    "catalogue_fetches_total": ("counter", {"outcome"}),
    "ai_shared_orders_total": ("counter", {"result"}),
    "alerts_firing": ("gauge", {"alert"}),
    "log_lines_dropped_total": ("counter", set()),
    "store_up": ("gauge", set()),
    "store_failures_total": ("counter", {"fault"}),
    "store_garbage_total": ("counter", set()),
    "build_info": ("gauge", {"version", "instance"}),
}


def some_gauges() -> Gauges:
    return Gauges(
        queue=lambda: QueueState(depth=3, capacity=100, peak=9, slots=2, busy=1),
        cache=lambda: CacheState(entries=4, capacity=10),
        clients=lambda: ClientsState(100, 60.0, 1, (), [("192.0.2.1", 9.0, "score")]),
        system=lambda: SystemState(cpu_percent=25.0, memory_percent=50.0),
        catalogue=lambda: CatalogueState(signals=240),
        alerts=lambda: [{"name": "HighCpu", "state": "clearing"}, {"name": "AiSlow", "state": "no_data"}],
        log_lines_dropped=lambda: 7,
        store=lambda: StoreState(ok=False, failures={"timeout": 3, "full": 0}, garbage=2),
        warm_interval_seconds=300.0,
    )


def a_busy_tally() -> Tally:
    tally = Tally([SIGNALS])
    tally.begin()
    for cache, status, seconds in (("hit", 200, 0.001), ("miss", 200, 40.0), ("miss", 503, 130.0)):
        tally.begin()
        tally.finish("GET", SIGNALS, status, cache, seconds)
    tally.reject("overloaded")
    tally.wait(0.2)
    tally.cache("miss")
    tally.rank("text")
    tally.warmup("ok", 1234.5)
    tally.job("sample", "ok", 0.01)
    tally.key("acme")
    tally.mcp("tools/call", "get_signals", "ok")
    tally.activation("webhook", "live")
    return tally


def scraped(tally: Tally, gauges: Gauges):
    body, _ = render(make_registry(SERVICE, tally, gauges))
    return list(parse_text(body.decode()))


def value(families, name: str, **labels: str) -> float:
    (found,) = [s.value for f in families for s in f.samples if s.name == name and s.labels == labels]
    return found


def names(families) -> set[str]:
    return {sample.name for family in families for sample in family.samples}


def test_every_family_of_the_contract_is_exported_with_its_type_labels_and_help():
    families = {family.name: family for family in scraped(a_busy_tally(), some_gauges())}

    for name, (kind, labels) in CONTRACT.items():
        family = families[name.removesuffix("_total")]
        assert family.type == kind, name
        assert family.documentation, name
        assert all(set(sample.labels) - {"le"} == labels for sample in family.samples), name
        assert family.samples, name


def test_nothing_beyond_the_contract_and_the_process_is_exported():
    families = scraped(a_busy_tally(), some_gauges())

    expected = {name.removesuffix("_total") for name in CONTRACT}
    assert {family.name for family in families if not family.name.startswith("process_")} == expected
    assert {"process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"} <= names(families)


def test_a_shared_store_tells_how_it_is_and_a_service_without_one_says_nothing():
    shared = scraped(Tally([SIGNALS]), some_gauges())
    alone = scraped(Tally([SIGNALS]), replace(some_gauges(), store=lambda: None))

    assert value(shared, "store_up") == 0
    assert value(shared, "store_failures_total", fault="timeout") == 3
    assert value(shared, "store_failures_total", fault="full") == 0
    assert value(shared, "store_garbage_total") == 2
    assert not any(name.startswith("store_") for name in names(alone))


def test_a_service_without_traffic_exports_zeros_for_what_never_happened():
    families = scraped(Tally([SIGNALS]), some_gauges())

    assert all(value(families, "http_requests_rejected_total", reason=reason) == 0 for reason in REJECTIONS)
    assert all(value(families, "ai_requests_total", outcome=outcome) == 0 for outcome in AI_OUTCOMES)
    assert value(families, "ai_request_duration_seconds_count") == 0
    assert value(families, "ai_enabled") == 0
    assert value(families, "warmup_runs_total", outcome="ok") == 0


def test_what_is_unknown_has_no_sample():
    known = some_gauges()
    families = scraped(Tally([SIGNALS]), Gauges(queue=known.queue, cache=known.cache, clients=known.clients))
    exported = names(families)

    assert value(families, "log_lines_dropped_total") == 0
    assert not exported & {"system_cpu_ratio", "system_memory_ratio", "catalogue_signals"}
    assert "warmup_last_success_timestamp_seconds" not in exported


def test_answers_are_counted_by_status_over_all_cache_states():
    families = scraped(a_busy_tally(), some_gauges())

    assert value(families, "http_requests_total", method="GET", endpoint=SIGNALS, status="200") == 2
    assert value(families, "http_requests_total", method="GET", endpoint=SIGNALS, status="503") == 1
    assert value(families, "http_requests_in_flight") == 1


def test_buckets_are_cumulative_and_reach_beyond_the_slowest_alert():
    families = scraped(a_busy_tally(), some_gauges())

    def below(bound: str) -> float:
        return value(
            families,
            "http_request_duration_seconds_bucket",
            method="GET",
            endpoint=SIGNALS,
            cache="miss",
            le=bound,
        )

    assert [below(bound) for bound in ("30.0", "45.0", "120.0", "+Inf")] == [0, 1, 1, 2]


def test_gauges_are_read_at_the_scrape():
    families = scraped(a_busy_tally(), replace(some_gauges(), ai=lambda: AiState(True, "ready", "a-model")))

    assert value(families, "signals_queue_depth") == 3
    assert value(families, "cache_entries") == 4
    assert value(families, "clients_blocked") == 1
    assert value(families, "catalogue_signals") == 240
    assert value(families, "log_lines_dropped_total") == 7
    assert value(families, "ai_enabled") == 1
    assert value(families, "warmup_interval_seconds") == 300
    assert value(families, "warmup_last_success_timestamp_seconds") == 1234.5


def test_percents_are_exported_as_ratios():
    families = scraped(a_busy_tally(), some_gauges())

    assert value(families, "system_cpu_ratio") == 0.25
    assert value(families, "system_memory_ratio") == 0.5


def test_an_alert_fires_until_it_has_cleared():
    families = scraped(a_busy_tally(), some_gauges())

    assert value(families, "alerts_firing", alert="HighCpu") == 1
    assert value(families, "alerts_firing", alert="AiSlow") == 0


def test_label_values_are_escaped():
    assert value(scraped(a_busy_tally(), some_gauges()), "build_info", version="1.0.0", instance='web-"1"\n') == 1


def test_two_services_in_one_process_do_not_meet_and_the_global_registry_stays_clean():
    make_registry(SERVICE, a_busy_tally(), some_gauges())
    families = scraped(Tally([SIGNALS]), some_gauges())

    assert value(families, "http_requests_in_flight") == 0
    assert REGISTRY.get_sample_value("signals_queue_depth") is None


@pytest.mark.parametrize("accept", ["", "*/*", "text/plain", "text/plain;version=0.0.4", "text/plain;version=1.0.0"])
def test_the_classic_text_is_the_rule(accept: str):
    _, content_type = render(make_registry(SERVICE, a_busy_tally(), some_gauges()), accept)

    assert content_type == "text/plain; version=0.0.4; charset=utf-8"


def test_openmetrics_is_given_to_who_names_it_in_accept():
    accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    body, content_type = render(make_registry(SERVICE, a_busy_tally(), some_gauges()), accept)

    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    families = {family.name for family in parse_openmetrics(body.decode())}
    assert {name.removesuffix("_total") for name in CONTRACT} <= families


@given(st.text(max_size=40))
@settings(max_examples=30, deadline=None)
def test_nothing_of_the_accept_header_comes_back_in_the_content_type(version: str):
    registry = make_registry(SERVICE, Tally([SIGNALS]), some_gauges())

    _, content_type = render(registry, f"application/openmetrics-text;version={version}")

    assert content_type == render(registry, "application/openmetrics-text")[1]


@pytest.mark.skipif(
    shutil.which("promtool") is None and not os.environ.get("CI"), reason="promtool comes with Debian's prometheus"
)
def test_promtool_finds_nothing_to_complain_about():
    body, _ = render(make_registry(SERVICE, a_busy_tally(), some_gauges()))

    check = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=20)

    assert (check.returncode, check.stdout, check.stderr) == (0, b"", b"")
