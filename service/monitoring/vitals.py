"""From counters to what the alert rules look at: one measurement a rule, over the rule's own window.

Called by the sampling job before ``Watch.evaluate``. Pure: everything comes as an argument. What cannot be known
(nothing happened, AI is off, nobody sampled) has the value None, never 0.
"""

from __future__ import annotations

from service.monitoring.alerts import NOTHING, Measurement
from service.monitoring.history import Delta, History
from service.monitoring.quantiles import quantile
from service.monitoring.sources import Gauges
from service.monitoring.totals import Histogram, Totals, asked

UNCACHED = ("miss",)
HIT = ("hit",)


def measure(
    history: History,
    totals: Totals,
    gauges: Gauges,
    now: float,
    *,
    epoch: float,
    cpu_percent: float | None = None,
    warming_since: float | None = None,
) -> dict[str, Measurement]:
    """Return the measurement of every rule, by its name.

    ``now`` is monotonic, ``epoch`` the same moment in epoch seconds. ``cpu_percent`` is the mean of the last 60 s.
    ``warming_since`` is the epoch second from which a warm-up was to be expected, None if there is none.
    """
    minute, five_minutes, quarter = (history.delta(totals, now, seconds) for seconds in (60.0, 300.0, 900.0))
    system, queue, ai_on = gauges.system(), gauges.queue(), gauges.ai().enabled
    outcomes, rankings = quarter.ai_outcomes, quarter.rankings
    expected = totals.warmed_at if totals.warmed_at is not None else warming_since
    return {
        "HighErrorRate": _share(minute.errors, minute.requests),
        "SlowResponses": _slowest(five_minutes, UNCACHED),
        "SlowCachedResponses": _slowest(five_minutes, HIT),
        "HighMemory": _part(system.memory_percent),
        "HighCpu": _part(cpu_percent),
        "QueueBacklog": Measurement(float(max(queue.peak, queue.depth))),
        "AiFailing": _share(outcomes["ok"], asked(outcomes)),
        "AiSlow": _ninety_fifth(quarter.ai),
        "TooManyFallbacks": _share(sum(quarter.fallbacks.values()), sum(rankings.values())) if ai_on else NOTHING,
        "ManyRateLimited": _share(five_minutes.statuses.get(429, 0), five_minutes.requests),
        "WarmupStale": _intervals(expected, epoch, gauges.warm_interval_seconds),
    }


def _share(part: int, whole: int) -> Measurement:
    return Measurement(part / whole, whole) if whole else NOTHING


def _slowest(delta: Delta, caches: tuple[str, ...]) -> Measurement:
    return Measurement(delta.quantile(0.95, caches), delta.durations(caches).count)


def _ninety_fifth(durations: Histogram) -> Measurement:
    return Measurement(quantile(durations, 0.95), durations.count)


def _part(percent: float | None) -> Measurement:
    return NOTHING if percent is None else Measurement(percent / 100)


def _intervals(since: float | None, epoch: float, interval: float) -> Measurement:
    if since is None or interval <= 0:
        return NOTHING
    return Measurement(max(epoch - since, 0.0) / interval)
