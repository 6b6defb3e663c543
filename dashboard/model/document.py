"""The stats document of a service, read with distrust: JSON values -> ``Snapshot``. Pure.

Every field is taken only if it has its type; all else is None or left out. Lists, texts and the number of figures have
bounds, so that no answer, however strange, costs more than a bounded memory and time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from dashboard.model.snapshot import (
    LARGEST,
    Alert,
    BlockRow,
    ClientRow,
    EndpointRow,
    ErrorRow,
    FailedActivation,
    JobRow,
    KeyRow,
    Metrics,
    Service,
    Snapshot,
    ToolRow,
    Transition,
)
from dashboard.model.words import plain

ROWS_AT_MOST = 200
TEXT_AT_MOST = 500
FIGURES_AT_MOST = 500
DEPTH_AT_MOST = 4

Figure = float | str | bool | None
Record = Mapping[str, Any]
R = TypeVar("R")


def stats_document(value: object) -> Record:
    """Return the JSON value if it is the stats document of a signals agent; else ValueError."""
    if not isinstance(value, dict) or not isinstance(value.get("service"), dict) or "requests" not in value:
        raise ValueError("the answer is JSON, but not the stats of a signals agent")
    return value


def fleet_document(value: object) -> tuple[Record, tuple[Record, ...], Record]:
    """Return the stats of who answered, those of all instances, and their totals; else ValueError."""
    instances = value.get("instances") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(instances, list) or not instances:
        raise ValueError("the answer is JSON, but not the stats of a fleet")
    found = tuple(stats_document(one) for one in instances[:ROWS_AT_MOST])
    return found[0], found, _record(value, "totals")


def tells_of_others(document: Record) -> bool:
    """Return whether the service stands behind a Redis that works, and so can tell of other instances."""
    clients = _record(document, "clients")
    return clients.get("store") == "redis" and clients.get("store_ok") is True


def figures_of(record: Record) -> dict[str, Figure]:
    """Return what a document says as dotted names and single values, within the bounds."""
    return dict(_figures(record))


def snapshot_of(document: Record, metrics: Metrics, *, at: float, wall: float, seconds: float) -> Snapshot:
    """Return what the stats document and the samples of the same moment say."""
    clients = _record(document, "clients")
    return Snapshot(
        at=at,
        wall=wall,
        seconds=seconds,
        service=_service(_record(document, "service")),
        metrics=metrics,
        figures=dict(_figures(document)),
        alerts=_rows(document, "alerts", _alert),
        transitions=_rows(document, "transitions", _transition),
        endpoints=_rows(_record(document, "requests"), "by_endpoint", _endpoint),
        clients=_rows(clients, "top", _client),
        keys=_rows(clients, "keys", _key),
        tools=_rows(_record(document, "mcp"), "tools", _tool),
        blocked=_rows(clients, "blocked", _block),
        failed_activations=_rows(_record(document, "activations"), "failures", _failed_activation),
        jobs=_rows(document, "jobs", _job),
        errors=_rows(document, "recent_errors", _error),
    )


def decimal(value: object) -> float | None:
    """Return a JSON number as a finite float; None for everything else, true and false too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) < LARGEST else None


def whole(value: object, default: int = 0) -> int:
    """Return a JSON number as an int."""
    found = decimal(value)
    return default if found is None else int(found)


def text(value: object) -> str | None:
    """Return a JSON string fit to be shown, cut to its bound; None for everything else."""
    return plain(value, TEXT_AT_MOST) if isinstance(value, str) else None


def _record(document: Record, key: str) -> Record:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _rows(document: Record, key: str, read: Callable[[Record], R | None]) -> tuple[R, ...]:
    found = document.get(key)
    if not isinstance(found, list):
        return ()
    rows = (read(row) for row in found[:ROWS_AT_MOST] if isinstance(row, dict))
    return tuple(row for row in rows if row is not None)


def _figures(document: Record) -> Iterator[tuple[str, Figure]]:
    """Yield dotted names and single values, breadth first, within the bounds."""
    level: list[tuple[str, Record]] = [("", document)]
    count = 0
    for _ in range(DEPTH_AT_MOST):
        deeper: list[tuple[str, Record]] = []
        for prefix, record in level:
            for key, value in record.items():
                name = f"{prefix}{key[:60]}"
                if isinstance(value, dict):
                    deeper.append((f"{name}.", value))
                elif not isinstance(value, list):
                    count += 1
                    yield name, _figure(value)
                if count >= FIGURES_AT_MOST or len(deeper) > FIGURES_AT_MOST:
                    return
        level = deeper


def _figure(value: object) -> Figure:
    return value if isinstance(value, bool) else text(value) if isinstance(value, str) else decimal(value)


def _service(record: Record) -> Service:
    return Service(
        name=text(record.get("name")) or "",
        version=text(record.get("version")) or "",
        instance=text(record.get("instance")) or "",
        started_at=text(record.get("started_at")),
        uptime_seconds=decimal(record.get("uptime_seconds")),
    )


def _alert(record: Record) -> Alert | None:
    name, state = text(record.get("name")), text(record.get("state"))
    if not name or state is None:
        return None
    return Alert(
        name=name,
        state=state,
        severity=text(record.get("severity")) or "warning",
        value=decimal(record.get("value")),
        unit=text(record.get("unit")) or "",
        comparison="<" if record.get("comparison") == "<" else ">",
        warns=decimal(record.get("warns")),
        fires=decimal(record.get("fires")),
        clears=decimal(record.get("clears")),
        for_seconds=decimal(record.get("for_seconds")) or 0.0,
        needs=whole(record.get("needs")),
        since=text(record.get("since")),
        peak=decimal(record.get("peak")),
        resolved_at=text(record.get("resolved_at")),
    )


def _transition(record: Record) -> Transition | None:
    name, before, after = (text(record.get(key)) for key in ("name", "from", "to"))
    if not name or before is None or after is None:
        return None
    return Transition(name, before, after, decimal(record.get("value")), text(record.get("at")) or "")


def _endpoint(record: Record) -> EndpointRow | None:
    endpoint = text(record.get("endpoint"))
    if endpoint is None:
        return None
    rate, errors, p95 = (decimal(record.get(key)) for key in ("rate", "errors", "p95"))
    return EndpointRow(endpoint, text(record.get("method")) or "", rate, errors, p95)


def _client(record: Record) -> ClientRow | None:
    client = text(record.get("client"))
    return None if client is None else ClientRow(client, whole(record.get("used")))


def _tool(record: Record) -> ToolRow | None:
    tool = text(record.get("tool"))
    rate, refused = (decimal(record.get(key)) for key in ("rate", "refused"))
    return None if tool is None else ToolRow(tool, rate, refused)


def _key(record: Record) -> KeyRow | None:
    name = text(record.get("name"))
    return None if name is None else KeyRow(name, whole(record.get("used")), decimal(record.get("limit")))


def _block(record: Record) -> BlockRow | None:
    client = text(record.get("client"))
    return None if client is None else BlockRow(client, text(record.get("until")), text(record.get("reason")) or "")


def _failed_activation(record: Record) -> FailedActivation | None:
    signal = text(record.get("signal"))
    if signal is None:
        return None
    destination, reason = (text(record.get(key)) or "" for key in ("destination", "reason"))
    return FailedActivation(signal, destination, reason, text(record.get("failed_at")))


def _job(record: Record) -> JobRow | None:
    name = text(record.get("id"))
    if name is None:
        return None
    return JobRow(
        id=name,
        next_run_at=text(record.get("next_run_at")),
        last_run_at=text(record.get("last_run_at")),
        last_outcome=text(record.get("last_outcome")),
        last_duration_seconds=decimal(record.get("last_duration_seconds")),
        runs=whole(record.get("runs")),
        failures=whole(record.get("failures")),
    )


def _error(record: Record) -> ErrorRow | None:
    stamp = text(record.get("timestamp"))
    if stamp is None:
        return None
    status = decimal(record.get("status"))
    request_id, endpoint, error = (text(record.get(key)) or "" for key in ("request_id", "endpoint", "error"))
    return ErrorRow(stamp, request_id, endpoint, None if status is None else int(status), error)
