"""The stats of a fleet as a JSON Schema: those of each instance, and what they add up to. Stands beside ``stats``."""

from __future__ import annotations

from typing import get_args

from service.errors import REJECTIONS
from service.monitoring.alerts import State
from service.monitoring.totals import FALLBACK_REASONS
from service.openapi.requests import Schema, record

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SUM: Schema = {"type": ["integer", "null"], "minimum": 0}
RATIO: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
AMOUNT: Schema = {"type": ["number", "null"], "minimum": 0}


def _all(**members: Schema) -> Schema:
    return record(tuple(members), members)


def _said(description: str, schema: Schema) -> Schema:
    return schema | {"description": description}


def _rows(**members: Schema) -> Schema:
    return {"type": "array", "items": _all(**members)}


_QUANTILES = dict.fromkeys(("p50", "p95", "p99"), AMOUNT)
_DURATIONS = _said("Percentiles of all answers together; the longest of any instance.", _all(**_QUANTILES, max=AMOUNT))

TOTALS = _all(
    instances=COUNT,
    window_seconds=COUNT,
    requests=_all(
        total=COUNT,
        rate=AMOUNT,
        errors=COUNT,
        in_flight=COUNT,
        error_rate=RATIO,
        rejected=_all(**dict.fromkeys(REJECTIONS, COUNT)),
        duration_seconds=_DURATIONS,
        cached_duration_seconds=_DURATIONS,
    ),
    queue=_all(depth=COUNT, capacity=COUNT, peak=COUNT, slots=COUNT, busy=COUNT, wait_seconds=_all(**_QUANTILES)),
    ai=_all(
        enabled={"type": "boolean"},
        requests=COUNT,
        success_rate=RATIO,
        failures=_all(**dict.fromkeys(FALLBACK_REASONS, COUNT)),
        fallback_rate=RATIO,
        duration_seconds=_all(**_QUANTILES),
    ),
    cache=_all(entries=COUNT, capacity=COUNT, hits=COUNT, misses=COUNT, stale=COUNT, hit_rate=RATIO),
    system=_said(
        "Percents of the instance that is worst; the rest is summed.",
        _all(
            cpu_percent=AMOUNT,
            memory_percent=AMOUNT,
            memory_used_bytes=SUM,
            process_rss_bytes=SUM,
            threads=SUM,
            open_files=SUM,
        ),
    ),
    catalogues=_rows(version={"type": ["string", "null"]}, instances=COUNT),
    alerts=_rows(
        name=TEXT,
        state={"type": "string", "enum": [*get_args(State)]},
        instances={"type": "array", "items": TEXT},
    ),
)

_SUMS = "Sums; ratios and percentiles are made anew from the summed counts and buckets, nothing is averaged."
FLEET_STATS = record(
    ("instances", "totals"),
    {"instances": {"type": "array", "items": {"$ref": "#/components/schemas/Stats"}}, "totals": _said(_SUMS, TOTALS)},
    description="Whoever answers first; of the others what they told within the last ten seconds.",
)
