"""The stats document: one reading of everything that an operator's dashboard shows. Pure.

It is built from the tally, the history and the gauges at a moment that is given. ``requests.total`` counts since the
start of the service; every other count, rate, ratio and quantile of requests, queue, ai and cache is over the last
``window_seconds``. Unknown is null, never 0; every number is finite; every time is ISO 8601 UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from service.monitoring.figures import Document, Figures
from service.monitoring.history import CACHED, Delta, EndpointDelta, History
from service.monitoring.quantiles import quantile
from service.monitoring.sources import ActivationsState, AiState, ClientsState, Gauges, JobState, ServiceState
from service.monitoring.tally import Tally
from service.monitoring.totals import FALLBACK_REASONS, Histogram, RecentError, Totals, asked

WINDOW_SECONDS = 60
ENDPOINTS_SHOWN = 50
CLIENTS_SHOWN = 100
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Sources:
    """What the document is built from."""

    service: ServiceState
    tally: Tally
    history: History
    gauges: Gauges


def build(now: float, sources: Sources) -> Document:
    """Return the document as JSON values at ``now`` (monotonic seconds)."""
    return figures(now, sources).stats


def figures(now: float, sources: Sources) -> Figures:
    """Return the document with what it takes to add it to those of other instances."""
    totals = sources.tally.totals()
    delta = sources.history.delta(totals, now, WINDOW_SECONDS)
    counts = {
        "answers": delta.requests,
        "rankings": sum(delta.rankings.values()),
        "fallbacks": sum(delta.fallbacks.values()),
    }
    durations = {"all": delta.durations(), "cached": delta.durations(CACHED), "waits": delta.waits, "ai": delta.ai}
    return Figures(_document(now, sources, totals, delta), counts, durations)


def _document(now: float, sources: Sources, totals: Totals, delta: Delta) -> Document:
    gauges = sources.gauges
    document = {
        "service": _service(sources.service, now),
        "window_seconds": WINDOW_SECONDS,
        "requests": _requests(totals, delta),
        "mcp": _mcp(delta),
        "queue": asdict(gauges.queue()) | {"wait_seconds": _quantiles(delta.waits)},
        "ai": _ai(gauges.ai(), delta),
        "cache": asdict(gauges.cache()) | _lookups(delta.cache),
        "clients": _clients(gauges.clients()),
        "system": asdict(gauges.system()),
        "catalogue": _with_times(asdict(gauges.catalogue())),
        "jobs": [_job(job) for job in gauges.jobs()],
        "activations": _activations(gauges.activations()),
        "warmup": _with_times(asdict(gauges.warmup())),
        "alerts": list(gauges.alerts()),
        "transitions": list(gauges.transitions()),
        "recent_errors": [_error(error) for error in sources.tally.recent_errors()],
    }
    return {key: _finite(value) for key, value in document.items()}


def iso(epoch: float | None) -> str | None:
    """Return epoch seconds as ISO 8601 UTC with milliseconds and Z; None for None and for what is no date."""
    if epoch is None:
        return None
    try:
        return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None


def ratio(part: float, whole: float) -> float | None:
    """Return ``part`` of ``whole`` as 0-1; None if there is no whole."""
    return part / whole if whole else None


def _service(service: ServiceState, now: float) -> Document:
    return {
        "name": service.name,
        "version": service.version,
        "instance": service.instance,
        "started_at": iso(service.started_at),
        "uptime_seconds": max(now - service.started, 0.0),
    }


def _requests(totals: Totals, delta: Delta) -> Document:
    longest = delta.maximum()
    return {
        "total": sum(count for cell in totals.answers.values() for _, count in cell.statuses),
        "rate": delta.rate(delta.requests),
        "errors": delta.errors,
        "error_rate": ratio(delta.errors, delta.requests),
        "in_flight": totals.in_flight,
        "rejected": delta.rejected,
        "duration_seconds": _durations(delta, None),
        "cached_duration_seconds": _durations(delta, CACHED),
        "by_endpoint": [_endpoint(row, delta, longest) for row in delta.endpoints()[:ENDPOINTS_SHOWN]],
    }


def _mcp(delta: Delta) -> Document:
    """Return what agents asked for: all messages, and by tool how many went well and why others did not."""
    tools: dict[str, Counter[str]] = {}
    for (_, tool, outcome), count in delta.mcp.items():
        if tool and count:
            tools.setdefault(tool, Counter())[outcome] += count
    rows = [
        {
            "tool": tool,
            "rate": delta.rate(outcomes.total()),
            "refused": outcomes.total() - outcomes["ok"],
            "outcomes": dict(outcomes),
        }
        for tool, outcomes in sorted(tools.items(), key=lambda item: (-item[1].total(), item[0]))
    ]
    return {"rate": delta.rate(sum(delta.mcp.values())), "tools": rows}


def _durations(delta: Delta, caches: tuple[str, ...] | None) -> Document:
    longest = delta.maximum(caches)
    return _quantiles(delta.durations(caches), longest) | {"max": longest}


def _quantiles(histogram: Histogram, longest: float | None = None) -> Document:
    return {name: quantile(histogram, q, longest) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


def _endpoint(row: EndpointDelta, delta: Delta, longest: float | None) -> Document:
    return {
        "endpoint": row.endpoint,
        "method": row.method,
        "rate": delta.rate(row.requests),
        "errors": row.errors,
        "p95": quantile(row.durations, 0.95, longest),
    }


def _ai(ai: AiState, delta: Delta) -> Document:
    outcomes, rankings = delta.ai_outcomes, sum(delta.rankings.values())
    return {
        "enabled": ai.enabled,
        "state": ai.state,
        "model": ai.model,
        "requests": sum(outcomes.values()),
        "success_rate": ratio(outcomes["ok"], asked(outcomes)),
        "failures": {reason: outcomes[reason] for reason in FALLBACK_REASONS},
        "fallback_rate": ratio(sum(delta.fallbacks.values()), rankings) if ai.enabled else None,
        "duration_seconds": _quantiles(delta.ai),
    }


def _lookups(results: Mapping[str, int]) -> Document:
    return {
        "hits": results["hit"],
        "misses": results["miss"],
        "stale": results["stale"],
        "hit_rate": ratio(results["hit"], sum(results.values())),
    }


def _clients(clients: ClientsState) -> Document:
    top = [{"client": client, "used": used} for client, used in clients.top[:CLIENTS_SHOWN]]
    blocked = [
        {"client": client, "until": iso(until), "reason": reason}
        for client, until, reason in clients.blocked[:CLIENTS_SHOWN]
    ]
    return {
        "limit": clients.limit,
        "window_seconds": clients.window_seconds,
        "tracked": clients.tracked,
        "top": top,
        "blocked": blocked,
        "keys": [asdict(key) for key in clients.keys[:CLIENTS_SHOWN]],
        "store": clients.store,
        "store_ok": clients.store_ok,
    }


def _activations(found: ActivationsState | None) -> Document | None:
    if found is None:
        return None
    return asdict(found) | {"failures": [_with_times(asdict(failure)) for failure in found.failures]}


def _job(job: JobState) -> Document:
    return _with_times(asdict(job))


def _error(error: RecentError) -> Document:
    return asdict(error) | {"timestamp": iso(error.timestamp)}


def _with_times(record: Document) -> Document:
    return {key: iso(value) if key.endswith("_at") else value for key, value in record.items()}


def _finite(value: Any) -> Any:
    """Return the value with every float rounded to microseconds, and None for what JSON cannot say."""
    if isinstance(value, float):
        return round(value, DIGITS) if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
