"""The stats of several instances, and of all together. Pure.

Totals add up: counts, rates and room are sums; ratios are made anew from the sums of their counts, percentiles from the
sums of the buckets, which are the same everywhere. ``max``, CPU and memory in percent are the worst of any instance.
Nothing is averaged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.monitoring.figures import Document, Figures, unpacked
from service.monitoring.quantiles import quantile, summed
from service.monitoring.stats import DIGITS, ratio
from service.monitoring.totals import NOT_THE_AIS

_CALM = ("ok", "no_data", "resolved")


def document(instances: Sequence[Figures]) -> Document:
    """Return the stats of all and their totals, the first one being whoever answers."""
    return {"instances": [one.stats for one in instances], "totals": totals(instances)}


def readable(figures: Mapping[str, bytes]) -> tuple[dict[str, Figures], int]:
    """Return the figures that make sense by instance, and how many make none."""
    found: dict[str, Figures] = {}
    for name, data in figures.items():
        try:
            one = unpacked(data)
            document([one])
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            continue
        found[name] = one
    return found, len(figures) - len(found)


def totals(instances: Sequence[Figures]) -> Document:
    """Return the totals, in the shape of the stats as far as they have a meaning together."""
    stats = [one.stats for one in instances]
    durations = {name: summed(one.durations[name] for one in instances) for name in instances[0].durations}
    counts = {name: sum(one.counts[name] for one in instances) for name in instances[0].counts}
    longest = {name: _worst(stats, "requests", name, "max") for name in ("duration_seconds", "cached_duration_seconds")}

    def quantiles(name: str, most: float | None = None) -> Document:
        parts = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        return {key: _rounded(quantile(durations[name], q, most)) for key, q in parts}

    requests = _added(stats, "requests", "total", "rate", "errors", "in_flight") | {
        "error_rate": _rounded(ratio(_sum(stats, "requests", "errors") or 0, counts["answers"])),
        "rejected": _counted(one["requests"]["rejected"] for one in stats),
        "duration_seconds": quantiles("all", longest["duration_seconds"]) | {"max": longest["duration_seconds"]},
        "cached_duration_seconds": quantiles("cached", longest["cached_duration_seconds"])
        | {"max": longest["cached_duration_seconds"]},
    }
    return {
        "instances": len(stats),
        "window_seconds": stats[0]["window_seconds"],
        "requests": requests,
        "queue": _added(stats, "queue", "depth", "capacity", "peak", "slots", "busy")
        | {"wait_seconds": quantiles("waits")},
        "ai": _ai(stats, counts) | {"duration_seconds": quantiles("ai")},
        "cache": _cache(stats),
        "system": {name: _worst(stats, "system", name) for name in ("cpu_percent", "memory_percent")}
        | _added(stats, "system", "memory_used_bytes", "process_rss_bytes", "threads", "open_files"),
        "catalogues": _catalogues(stats),
        "alerts": _alerts(stats),
    }


def _ai(stats: Sequence[Document], counts: Mapping[str, int]) -> Document:
    enabled = any(one["ai"]["enabled"] for one in stats)
    failures = _counted(one["ai"]["failures"] for one in stats)
    requests = sum(one["ai"]["requests"] for one in stats)
    judged = requests - sum(failures.get(reason, 0) for reason in NOT_THE_AIS)
    return {
        "enabled": enabled,
        "requests": requests,
        "success_rate": _rounded(ratio(requests - sum(failures.values()), judged)),
        "failures": failures,
        "fallback_rate": _rounded(ratio(counts["fallbacks"], counts["rankings"])) if enabled else None,
    }


def _cache(stats: Sequence[Document]) -> Document:
    added = _added(stats, "cache", "entries", "capacity", "hits", "misses", "stale")
    return added | {"hit_rate": _rounded(ratio(added["hits"], added["hits"] + added["misses"] + added["stale"]))}


def _catalogues(stats: Sequence[Document]) -> list[Document]:
    versions = Counter(_digest(one["catalogue"]["version"]) for one in stats)
    return [{"version": version, "instances": count} for version, count in versions.most_common()]


def _digest(version: str | None) -> str | None:
    """Return what equal catalogues have in common; the edition and the synonyms behind it are an instance's own."""
    return re.split("[-+]", version)[0] if version else None


def _alerts(stats: Sequence[Document]) -> list[Document]:
    """Return the alerts that are not calm somewhere, by name: in which state, at which instances."""
    loud: dict[tuple[str, str], list[str]] = {}
    for one in stats:
        for alert in one["alerts"]:
            if alert["state"] not in _CALM:
                loud.setdefault((alert["name"], alert["state"]), []).append(one["service"]["instance"])
    return [{"name": name, "state": state, "instances": who} for (name, state), who in sorted(loud.items())]


def _added(stats: Sequence[Document], part: str, *names: str) -> Document:
    return {name: _sum(stats, part, name) for name in names}


def _sum(stats: Sequence[Document], part: str, name: str) -> Any:
    """Return the sum of what is known; None if nothing is."""
    known = [one[part][name] for one in stats if one[part][name] is not None]
    total = sum(known) if known else None
    return _rounded(total) if isinstance(total, float) else total


def _worst(stats: Sequence[Document], *path: str) -> float | None:
    found: list[float] = []
    for one in stats:
        value: Any = one
        for name in path:
            value = value[name]
        if value is not None:
            found.append(value)
    return max(found, default=None)


def _counted(records: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for record in records:
        total.update(record)
    return dict(total)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
