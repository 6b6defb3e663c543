"""The panels of the board, row by row: what they ask of Prometheus, and the alert whose lines they draw.

``$instance`` is the choice at the top of the board. A label ``job`` of the service's own (of a scheduled job) is called
``exported_job`` by Prometheus, which has one itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

HERE = 'job="signals", instance=~"$instance"'
REQUESTS = "http_requests_total"
SECONDS = "http_request_duration_seconds_bucket"


class Panel(NamedTuple):
    """A title, a unit of Grafana's, (query, legend) pairs, the alert whose lines it draws, and its kind."""

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    alert: str | None = None
    kind: str = "timeseries"


def _labels(more: str) -> str:
    return f"{{{HERE}, {more}}}" if more else f"{{{HERE}}}"


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""


def _rate(metric: str, labels: str = "", by: str = "") -> str:
    return f"sum{_by(by)}(rate({metric}{_labels(labels)}[1m]))"


def _share(metric: str, labels: str, of_labels: str = "") -> str:
    return f"({_rate(metric, labels)} or vector(0)) / {_rate(metric, of_labels)}"


def _quantile(metric: str, q: float, labels: str = "", by: str = "") -> str:
    together = ", ".join(filter(None, ("le", by)))
    return f"histogram_quantile({q:g}, sum by ({together}) (rate({metric}{_labels(labels)}[5m])))"


def _each(metric: str) -> str:
    return f"max by (instance) ({metric}{_labels('')})"


def _warmth() -> str:
    return f"(time() - {_each('warmup_last_success_timestamp_seconds')}) / {_each('warmup_interval_seconds')}"


ROWS: Mapping[str, Sequence[Panel]] = {
    "At a glance": [
        Panel("Instances up", "short", [('sum(up{job="signals"})', "up")], kind="stat"),
        Panel("Requests", "reqps", [(_rate(REQUESTS), "requests")], kind="stat"),
        Panel("5xx of all", "percentunit", [(_share(REQUESTS, 'status=~"5.."'), "5xx")], "HighErrorRate", "stat"),
        Panel("p95, uncached", "s", [(_quantile(SECONDS, 0.95, 'cache="miss"'), "p95")], "SlowResponses", "stat"),
        Panel("Cache hits", "percentunit", [(_share("cache_requests_total", 'result="hit"'), "hits")], kind="stat"),
        Panel("Alerts firing", "short", [(f"sum(alerts_firing{{{HERE}}})", "firing")], kind="stat"),
    ],
    "Requests and errors": [
        Panel("Requests by status", "reqps", [(_rate(REQUESTS, "", "status"), "{{status}}")]),
        Panel("Requests by endpoint", "reqps", [(_rate(REQUESTS, "", "endpoint"), "{{endpoint}}")]),
        Panel("Requests by instance", "reqps", [(_rate(REQUESTS, "", "instance"), "{{instance}}")]),
        Panel("Refused by reason", "reqps", [(_rate("http_requests_rejected_total", "", "reason"), "{{reason}}")]),
    ],
    "Latency by cache state": [
        Panel("p50", "s", [(_quantile(SECONDS, 0.5, "", "cache"), "{{cache}}")]),
        Panel("p95", "s", [(_quantile(SECONDS, 0.95, "", "cache"), "{{cache}}")], "SlowCachedResponses"),
        Panel("p99", "s", [(_quantile(SECONDS, 0.99, "", "cache"), "{{cache}}")]),
        Panel("In flight", "short", [(_each("http_requests_in_flight"), "{{instance}}")]),
    ],
    "Queue": [
        Panel(
            "Waiting for a slot",
            "short",
            [
                (_each("signals_queue_depth"), "{{instance}}"),
                (_each("signals_queue_capacity"), "room {{instance}}"),
            ],
            "QueueBacklog",
        ),
        Panel("p95 of the wait", "s", [(_quantile("signals_queue_wait_seconds_bucket", 0.95), "p95")]),
    ],
    "AI": [
        Panel("Calls by outcome", "reqps", [(_rate("ai_requests_total", "", "outcome"), "{{outcome}}")]),
        Panel("p95 of a call", "s", [(_quantile("ai_request_duration_seconds_bucket", 0.95), "p95")], "AiSlow"),
        Panel(
            "Calls that succeed",
            "percentunit",
            [(_share("ai_requests_total", 'outcome="ok"', 'outcome!~"overloaded|not_ready"'), "ok")],
            "AiFailing",
        ),
        Panel(
            "Rankings by text", "percentunit", [(_share("rankings_total", 'method="text"'), "text")], "TooManyFallbacks"
        ),
        Panel("Rankings by method", "reqps", [(_rate("rankings_total", "", "method"), "{{method}}")]),
        Panel(
            "Set, and held back",
            "short",
            [(_each("ai_enabled"), "set {{instance}}"), (_each("ai_breaker_open"), "held back {{instance}}")],
        ),
    ],
    "Cache and clients": [
        Panel("Looks by result", "reqps", [(_rate("cache_requests_total", "", "result"), "{{result}}")]),
        Panel("Entries", "short", [(_each("cache_entries"), "{{instance}}")]),
        Panel("Clients blocked", "short", [(_each("clients_blocked"), "{{instance}}")]),
        Panel("429 of all", "percentunit", [(_share(REQUESTS, 'status="429"'), "429")], "ManyRateLimited"),
    ],
    "Jobs and warm-up": [
        Panel(
            "Runs by job and outcome",
            "ops",
            [(_rate("scheduler_job_runs_total", "", "exported_job, outcome"), "{{exported_job}} {{outcome}}")],
        ),
        Panel(
            "p95 of a run",
            "s",
            [(_quantile("scheduler_job_duration_seconds_bucket", 0.95, "", "exported_job"), "{{exported_job}}")],
        ),
        Panel("Warm-ups by outcome", "ops", [(_rate("warmup_runs_total", "", "outcome"), "{{outcome}}")]),
        Panel("Age of the last good warm-up, in intervals", "short", [(_warmth(), "{{instance}}")], "WarmupStale"),
    ],
    "System": [
        Panel("CPU", "percentunit", [(_each("system_cpu_ratio"), "{{instance}}")], "HighCpu"),
        Panel("Memory", "percentunit", [(_each("system_memory_ratio"), "{{instance}}")], "HighMemory"),
        Panel("Memory of the process", "bytes", [(_each("process_resident_memory_bytes"), "{{instance}}")]),
        Panel("Open files", "short", [(_each("process_open_fds"), "{{instance}}")]),
        Panel("Signals in the catalogue", "short", [(_each("catalogue_signals"), "{{instance}}")]),
        Panel("Log lines dropped", "ops", [(_rate("log_lines_dropped_total", "", "instance"), "{{instance}}")]),
        Panel("CPU of the process", "short", [(_rate("process_cpu_seconds_total", "", "instance"), "{{instance}}")]),
        Panel("Versions", "short", [(f"count by (version) (build_info{{{HERE}}})", "{{version}}")], kind="stat"),
    ],
    "Alerts": [
        Panel(
            "In the service",
            "short",
            [(f"max by (alert, instance) (alerts_firing{{{HERE}}})", "{{alert}} {{instance}}")],
            kind="state-timeline",
        ),
        Panel(
            "In Prometheus",
            "short",
            [('count by (alertname, instance) (ALERTS{alertstate="firing"})', "{{alertname}} {{instance}}")],
            kind="state-timeline",
        ),
    ],
    "Shared store": [
        Panel("Store up", "short", [(_each("store_up"), "{{instance}}")]),
        Panel("Faults of the store", "ops", [(_rate("store_failures_total", "", "fault"), "{{fault}}")]),
    ],
    "Balancer": [
        Panel("Servers up", "short", [('sum by (server) (haproxy_server_status{state="UP"})', "{{server}}")]),
        Panel(
            "Asked again, and of another one",
            "reqps",
            [
                ("sum(rate(haproxy_server_retry_warnings_total[5m]))", "again"),
                ("sum(rate(haproxy_server_redispatch_warnings_total[5m]))", "of another one"),
            ],
        ),
    ],
}
