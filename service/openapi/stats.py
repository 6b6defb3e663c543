"""The stats document as a JSON Schema: every member of it, its unit, and whether it may be null.

Null means unknown: no traffic yet, or nothing that could be measured. Stands beside ``schemas``.
"""

from __future__ import annotations

from typing import Any, get_args

from service.errors import REJECTIONS
from service.messages import ACTIVATION_STATES
from service.monitoring.alerts import State
from service.monitoring.rules import Comparison, Severity
from service.monitoring.sources import AiPhase
from service.monitoring.totals import FALLBACK_REASONS
from service.openapi.requests import Schema, record

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
RATIO: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
AMOUNT: Schema = {"type": ["number", "null"], "minimum": 0}


def _all(**members: Schema) -> Schema:
    return record(tuple(members), members)


def _or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


def _word(words: Any) -> Schema:
    return {"type": "string", "enum": [*get_args(words)]}


def _rows(**members: Schema) -> Schema:
    return {"type": "array", "items": _all(**members)}


def _counts(*words: str) -> Schema:
    return _all(**dict.fromkeys(words, COUNT))


_QUANTILES = dict.fromkeys(("p50", "p95", "p99"), AMOUNT)
_DURATIONS = _all(**_QUANTILES, max=AMOUNT)

STATS = _all(
    service=_all(name=TEXT, version=TEXT, instance=TEXT, started_at=_or_null(TIME), uptime_seconds=NUMBER),
    window_seconds=COUNT,
    requests=_all(
        total=COUNT | {"description": "Since the start; all else is of the window."},
        rate=AMOUNT,
        errors=COUNT,
        error_rate=RATIO,
        in_flight=COUNT,
        rejected=_counts(*REJECTIONS),
        duration_seconds=_DURATIONS,
        cached_duration_seconds=_DURATIONS,
        by_endpoint=_rows(endpoint=TEXT, method=TEXT, rate=AMOUNT, errors=COUNT, p95=AMOUNT),
    ),
    mcp=_all(
        rate=AMOUNT,
        tools=_rows(
            tool=TEXT,
            rate=AMOUNT,
            refused=COUNT,
            outcomes={"type": "object", "additionalProperties": COUNT, "description": "`ok`, or a code of AdCP."},
        ),
    ),
    queue=_all(depth=COUNT, capacity=COUNT, peak=COUNT, slots=COUNT, busy=COUNT, wait_seconds=_all(**_QUANTILES)),
    ai=_all(
        enabled=FLAG,
        state=_word(AiPhase),
        model=_or_null(TEXT),
        requests=COUNT,
        success_rate=RATIO,
        failures=_counts(*FALLBACK_REASONS),
        fallback_rate=RATIO,
        duration_seconds=_all(**_QUANTILES),
    ),
    cache=_all(entries=COUNT, capacity=COUNT, hits=COUNT, misses=COUNT, stale=COUNT, hit_rate=RATIO),
    clients=_all(
        limit=COUNT,
        window_seconds=NUMBER,
        tracked=COUNT,
        top=_rows(client=TEXT, used=COUNT),
        blocked=_rows(client=TEXT, until=_or_null(TIME), reason=TEXT),
        keys=_rows(name=TEXT, used=COUNT, limit=COUNT, window_seconds=NUMBER),
        store={"type": "string", "enum": ["memory", "redis"]},
        store_ok=FLAG,
    ),
    system=_all(
        cpu_percent=AMOUNT,
        memory_percent=AMOUNT,
        memory_used_bytes=_or_null(COUNT),
        process_rss_bytes=_or_null(COUNT),
        threads=_or_null(COUNT),
        open_files=_or_null(COUNT),
        source={"type": ["string", "null"], "enum": ["cgroup", "host", None]},
    ),
    catalogue=_all(
        signals=_or_null(COUNT),
        private=_or_null(COUNT),
        version=_or_null(TEXT),
        loaded_at=_or_null(TIME),
        sample=_or_null(FLAG),
    ),
    jobs=_rows(
        id=TEXT,
        next_run_at=_or_null(TIME),
        last_run_at=_or_null(TIME),
        last_outcome=_or_null(TEXT),
        last_duration_seconds=AMOUNT,
        runs=COUNT,
        failures=COUNT,
    ),
    activations=_all(
        states=_counts(*ACTIVATION_STATES),
        under_way=COUNT | {"description": "Orders that no platform has answered yet."},
        failures=_rows(
            activation_id=TEXT, signal=TEXT, destination=TEXT, adapter=TEXT, reason=TEXT, failed_at=_or_null(TIME)
        ),
    )
    | {"type": ["object", "null"]},
    warmup=_all(running=FLAG, last_run_at=_or_null(TIME), warmed=_or_null(COUNT), failed=_or_null(COUNT)),
    alerts=_rows(
        name=TEXT,
        state=_word(State),
        severity=_word(Severity),
        value=_or_null(NUMBER),
        unit=TEXT,
        comparison=_word(Comparison),
        warns=NUMBER,
        fires=NUMBER,
        clears=NUMBER,
        for_seconds=NUMBER,
        needs=COUNT,
        since=_or_null(TIME),
        peak=_or_null(NUMBER),
        resolved_at=_or_null(TIME),
    ),
    transitions={
        "type": "array",
        "items": record(
            ("name", "from", "to", "value", "at"),
            {"name": TEXT, "from": _word(State), "to": _word(State), "value": _or_null(NUMBER), "at": TIME},
        ),
    },
    recent_errors=_rows(timestamp=_or_null(TIME), request_id=TEXT, endpoint=TEXT, status=COUNT, error=TEXT),
)
