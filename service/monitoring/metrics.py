"""The Prometheus metrics: a collector that reads the tally and the gauges when it is asked, and keeps nothing.

Every family of the contract is always exported, with 0 for what never happened; what is unknown has no sample. The
registry is its own, never the global one, so that two services in one process do not meet.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.monitoring.families import Labels, by_word, counter, gauge, histogram
from service.monitoring.sources import Gauges, ServiceState, StoreState
from service.monitoring.tally import Tally
from service.monitoring.totals import Histogram, Totals

OPENMETRICS = "application/openmetrics-text"
FIRING = frozenset({"firing", "clearing"})
"""Alert states in which the alert is still on."""


class ServiceCollector(Collector):
    """Turns a ``Tally`` and its ``Gauges`` into metric families at each scrape."""

    def __init__(self, service: ServiceState, tally: Tally, gauges: Gauges) -> None:
        self._service = service
        self._tally = tally
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """Yield every family of the service; the process has a collector of its own."""
        totals = self._tally.totals()
        yield from _http(totals)
        yield from _work(totals)
        yield from _background(totals)
        yield from _gauges(self._gauges)
        yield from _system(self._gauges)
        yield from _store(self._gauges.store())
        yield gauge(
            "build_info",
            "The running version and instance; always 1.",
            {(self._service.version, self._service.instance): 1},
            ("version", "instance"),
        )


def make_registry(service: ServiceState, tally: Tally, gauges: Gauges) -> CollectorRegistry:
    """Return a registry with the service's families and those of its process."""
    registry = CollectorRegistry()
    registry.register(ServiceCollector(service, tally, gauges))
    ProcessCollector(registry=registry)
    return registry


def render(registry: CollectorRegistry, accept: str = "") -> tuple[bytes, str]:
    """Return (body, content type): OpenMetrics if the ``Accept`` header names it, else the classic text."""
    kinds = {part.split(";")[0].strip().lower() for part in accept.split(",")}
    # Only a constant is handed on: the library echoes the version of the header into its answer, or fails on it.
    encode, content_type = choose_encoder(OPENMETRICS if OPENMETRICS in kinds else "")
    return encode(registry), content_type


def _http(totals: Totals) -> Iterator[Metric]:
    answers: dict[Labels, float] = {}
    for (method, endpoint, _), cell in totals.answers.items():
        for status, count in cell.statuses:
            key = (method, endpoint, str(status))
            answers[key] = answers.get(key, 0) + count
    yield counter("http_requests_total", "Answered requests.", answers, ("method", "endpoint", "status"))
    yield histogram(
        "http_request_duration_seconds",
        "Time from the arrival of a request to its answer.",
        {key: cell.durations for key, cell in totals.answers.items()},
        ("method", "endpoint", "cache"),
    )
    yield gauge("http_requests_in_flight", "Requests being answered now.", {(): totals.in_flight})
    yield counter("http_requests_rejected_total", "Refused requests by reason.", by_word(totals.rejected), ("reason",))
    yield counter(
        "mcp_requests_total",
        "Messages of agents by method, tool and outcome.",
        dict(totals.mcp.items()),
        ("method", "tool", "outcome"),
    )
    yield counter("key_requests_total", "Requests with an API key by its holder.", by_word(totals.keys), ("key",))


def _work(totals: Totals) -> Iterator[Metric]:
    yield histogram("signals_queue_wait_seconds", "Time that a query waited for a slot.", {(): totals.waits})
    yield counter("ai_requests_total", "Calls of the AI by outcome.", by_word(totals.ai_outcomes), ("outcome",))
    yield histogram("ai_request_duration_seconds", "Time that a call of the AI took.", {(): totals.ai})
    yield counter("rankings_total", "Rankings by method.", by_word(totals.rankings), ("method",))
    yield counter("cache_requests_total", "Looks into the cache by result.", by_word(totals.cache), ("result",))


def _background(totals: Totals) -> Iterator[Metric]:
    runs: dict[Labels, float] = dict(totals.jobs.items())
    durations: dict[Labels, Histogram] = {(job,): times for job, times in totals.job_durations.items()}
    yield counter(
        "activations_total",
        "Activations that came into a state, by the adapter that leads to the platform.",
        dict(totals.activations.items()),
        ("platform_adapter", "state"),
    )
    yield counter("warmup_runs_total", "Warm-ups by outcome.", by_word(totals.warmups), ("outcome",))
    yield gauge(
        "warmup_last_success_timestamp_seconds",
        "When the last good warm-up ended, in seconds since the epoch; absent before it.",
        {(): totals.warmed_at},
    )
    yield counter("scheduler_job_runs_total", "Runs of scheduled jobs by outcome.", runs, ("job", "outcome"))
    yield histogram("scheduler_job_duration_seconds", "Time that a scheduled job took.", durations, ("job",))


def _gauges(gauges: Gauges) -> Iterator[Metric]:
    queue, ai = gauges.queue(), gauges.ai()
    yield gauge("signals_queue_depth", "Queries waiting for a slot now.", {(): queue.depth})
    yield gauge("signals_queue_capacity", "Queries that may wait for a slot.", {(): queue.capacity})
    yield gauge("cache_entries", "Entries in the cache.", {(): gauges.cache().entries})
    yield gauge("clients_blocked", "Clients that are blocked now.", {(): len(gauges.clients().blocked)})
    yield gauge("catalogue_signals", "Signals in the catalogue that is served.", {(): gauges.catalogue().signals})
    fetches = by_word(gauges.fetches())
    yield counter("catalogue_fetches_total", "Looks at the published catalogue by outcome.", fetches, ("outcome",))
    shared = by_word(gauges.shared_orders())
    yield counter("ai_shared_orders_total", "Questions to the AI by what the fleet knew of them.", shared, ("result",))
    yield gauge("ai_enabled", "1 if AI ranking is configured.", {(): int(ai.enabled)})
    yield gauge("ai_breaker_open", "1 while the breaker holds calls of the AI back.", {(): int(ai.state == "open")})
    yield gauge("warmup_interval_seconds", "Time between two scheduled warm-ups.", {(): gauges.warm_interval_seconds})


def _system(gauges: Gauges) -> Iterator[Metric]:
    system = gauges.system()
    firing: dict[Labels, float | None] = {
        (str(alert["name"]),): int(alert["state"] in FIRING) for alert in gauges.alerts()
    }
    dropped: dict[Labels, float] = {(): gauges.log_lines_dropped()}
    yield gauge("system_cpu_ratio", "CPU in use, of the container or the machine, 0-1.", _part(system.cpu_percent))
    yield gauge(
        "system_memory_ratio", "Memory in use, of the container or the machine, 0-1.", _part(system.memory_percent)
    )
    yield gauge("alerts_firing", "1 while the alert fires.", firing, ("alert",))
    yield counter("log_lines_dropped_total", "Log lines dropped because nobody read them in time.", dropped)


def _store(store: StoreState | None) -> Iterator[Metric]:
    up: dict[Labels, float | None] = {(): int(store.ok)} if store else {}
    failures = by_word(store.failures) if store else {}
    garbage: dict[Labels, float] = {(): store.garbage} if store else {}
    yield gauge("store_up", "1 while the store that instances share works; absent without one.", up)
    yield counter("store_failures_total", "Faults of the shared store by their kind.", failures, ("fault",))
    yield counter("store_garbage_total", "Values in the shared store that made no sense and were ignored.", garbage)


def _part(percent: float | None) -> dict[Labels, float | None]:
    return {(): None if percent is None else percent / 100}
