"""What Bottle answers: monitoring, debug, the catalogue's upload, and the index.

Each handler is ``(request, argument) -> Response``. Answers of operators are never stored by anybody.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from service.catalogue.importing import ImportReport
from service.errors import Conflict, Elsewhere, InvalidInput, NotFound
from service.messages import Request, Response
from service.monitoring.figures import Figures
from service.monitoring.health import Check, Status
from service.monitoring.sources import QueueState, SystemState
from service.routes import Route
from service.stages.admission import Resting
from service.stages.identify import canonical
from service.warming.warmup import Warmup

U = TypeVar("U")

BAD_ROWS_SHOWN = 20
WAIT_SECONDS = 30.0
WAITERS = 4
_NO_STORE = ("Cache-Control", "no-store")


def as_json(document: Any, status: int = 200) -> Response:
    """Return a JSON answer that nobody stores."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, [("Content-Type", "application/json"), _NO_STORE])


def parameters(request: Request, *allowed: str) -> dict[str, str]:
    """Return the query's parameters; anything unknown or repeated is refused by name."""
    try:
        pairs = parse_qsl(request.query_string, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise InvalidInput("The query string is not valid.", field="query string") from None
    found = dict(pairs)
    for name in found:
        if name not in allowed:
            raise InvalidInput(f"Unknown parameter '{name[:40]}'.", field=name[:40])
    if len(found) < len(pairs):
        raise InvalidInput("A parameter is given more than once.", field="query string")
    return found


def flag(values: Mapping[str, str], name: str) -> bool:
    """Return a parameter that is true or false; absent is false."""
    text = values.get(name, "false")
    if text not in ("true", "false"):
        raise InvalidInput(f"'{name}' must be true or false.", field=name)
    return text == "true"


def alive(request: Request, argument: str) -> Response:
    """Answer ``/health``: the process lives."""
    return Response(200, b'{"status":"ok"}', [("Content-Type", "application/json"), _NO_STORE])


def index(routes: Sequence[Route], version: str) -> Callable[[Request, str], Response]:
    """Return the handler of ``/``: what there is."""
    listed = [
        {"method": route.method, "path": route.endpoint, "summary": route.summary, "operator": route.operator}
        for route in routes
    ]
    document = {
        "name": "signals-agent",
        "version": version,
        "try": "/api/signals?spec=cars&max_results=10",
        "documentation": "/openapi.json",
        "endpoints": listed,
    }
    return lambda request, argument: as_json(document)


def health_report(
    checkup: Callable[[], tuple[Status, Mapping[str, Check]]],
    system: Callable[[], SystemState],
    queue: Callable[[], QueueState],
    uptime: Callable[[], float],
    version: str,
) -> Callable[[Request, str], Response]:
    """Return the handler of ``/api/monitoring/health``; 503 when the service is unhealthy."""

    def handler(request: Request, argument: str) -> Response:
        status, checks = checkup()
        machine, room = system(), queue()
        document = {
            "status": status,
            "checks": {name: check.document() for name, check in checks.items()},
            "uptime_seconds": round(uptime(), 3),
            "version": version,
            "system": {"cpu_percent": machine.cpu_percent, "memory_percent": machine.memory_percent},
            "queue": {"depth": room.depth, "capacity": room.capacity, "slots": room.slots, "busy": room.busy},
        }
        return as_json(document, 503 if status == "unhealthy" else 200)

    return handler


def metrics(render: Callable[[str], tuple[bytes, str]]) -> Callable[[Request, str], Response]:
    """Return the handler of ``/api/monitoring/metrics``."""

    def handler(request: Request, argument: str) -> Response:
        body, content_type = render(request.header("Accept"))
        return Response(200, body, [("Content-Type", content_type), _NO_STORE])

    return handler


def constant(make: Callable[[], Any]) -> Callable[[Request, str], Response]:
    """Return a handler that always answers with the same JSON document, made when it is first asked for."""
    body = cache(lambda: as_json(make()).body)
    return lambda request, argument: Response(200, body(), [("Content-Type", "application/json")])


def document(build: Callable[[], Any]) -> Callable[[Request, str], Response]:
    """Return a handler that answers with a JSON document made anew each time."""
    return lambda request, argument: as_json(build())


def stats(own: Callable[[], Figures], fleet: Callable[[Figures], Any]) -> Callable[[Request, str], Response]:
    """Return the handler of ``/api/monitoring/stats``: this instance, or with ``scope=fleet`` all of them."""

    def handler(request: Request, argument: str) -> Response:
        scope = parameters(request, "scope").get("scope", "instance")
        if scope not in ("instance", "fleet"):
            raise InvalidInput("'scope' must be instance or fleet.", field="scope")
        figures = own()
        return as_json(fleet(figures) if scope == "fleet" else figures.stats)

    return handler


def warm(
    warmup: Warmup, start: Callable[[], bool], resting: Resting = nullcontext
) -> Callable[[Request, str], Response]:
    """Return the handler of ``/api/monitoring/warmup``; ``start()`` has a warm-up begin elsewhere, or joins one.

    Whoever waits for its end does so inside ``resting()``.
    """
    waiters = threading.BoundedSemaphore(WAITERS)

    def handler(request: Request, argument: str) -> Response:
        wait = flag(parameters(request, "wait"), "wait")
        # First, or a run that ends in between would be waited for in vain.
        before = warmup.state().last_run_at
        joined = warmup.progress().running
        specs = warmup.planned()
        if not joined and not start():
            raise Conflict("A warm-up cannot be started at this moment; try again soon.", retry_after=10)
        done = wait and _wait(warmup, before)
        progress = warmup.progress()
        report: dict[str, Any] = {"status": "done" if done else "warming", "joined": joined}
        report["specs"] = list(progress.specs or specs)
        if done:
            report |= {"warmed": progress.warmed, "failed": progress.failed}
        return as_json(report, 200 if done else 202)

    def _wait(warmup: Warmup, before: float | None) -> bool:
        if not waiters.acquire(blocking=False):
            return False
        try:
            with resting():
                return warmup.wait_for_run_after(before, WAIT_SECONDS)
        finally:
            waiters.release()

    return handler


def lift_block(lift: Callable[[str], bool]) -> Callable[[Request, str], Response]:
    """Return the handler of ``DELETE /api/monitoring/blocks/{client}``."""

    def handler(request: Request, argument: str) -> Response:
        client = canonical(argument) or argument
        if not lift(client):
            raise NotFound("No block runs for this client.")
        return as_json({"lifted": client})

    return handler


def publish(
    uploaded: Callable[[Request], U],
    import_upload: Callable[[U, bool, bool], ImportReport],
    elsewhere: Callable[[], str | None] = lambda: None,
) -> Callable[[Request, str], Response]:
    """Return the handler of ``POST /api/catalogue``: a file in, whole or not at all; one at a time.

    ``elsewhere()`` says how else it is to be done where it is not done here.
    """
    busy = threading.Lock()

    def handler(request: Request, argument: str) -> Response:
        values = parameters(request, "replace", "skip_bad")
        replace, skip_bad = flag(values, "replace"), flag(values, "skip_bad")
        hint = elsewhere()
        if hint is not None:
            raise Elsewhere(hint)
        if not busy.acquire(blocking=False):
            raise Conflict("Another import is under way.", retry_after=5)
        try:
            report = import_upload(uploaded(request), replace, skip_bad)
        finally:
            busy.release()
        rows = [{"line": row.line, "reason": row.reason} for row in report.bad[:BAD_ROWS_SHOWN]]
        if not report.written:
            refusal = InvalidInput(f"{report.bad_count} bad rows; nothing was imported.", field="body")
            refusal.members = {"bad_rows": report.bad_count, "errors": rows}
            raise refusal
        counts = ("inserted", "updated", "removed", "unchanged")
        return as_json(
            {name: getattr(report, name) for name in counts}
            | {"bad_rows": report.bad_count, "errors": rows, "version": report.version}
        )

    return handler
