"""One look at each target for scripts and dumb terminals: readable lines or JSON, and an exit code.

Rates need two readings, so each target is asked twice, one interval apart. Nothing is drawn and nothing is coloured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from dashboard.client import Client
from dashboard.config import Target
from dashboard.model.alerts import AlertView, worst_first
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.target import TargetModel
from dashboard.model.vitals import GLYPHS, WORDS, Vital
from dashboard.model.words import clock_time, duration, number, plain

WELL, WARNING, FIRING, UNREACHABLE = 0, 1, 2, 3
WINDOW_SECONDS = 60.0

ClientFactory = Callable[[Target], Client]


async def look(target: Target, client_factory: ClientFactory = Client) -> tuple[TargetModel, float]:
    """Ask a target twice and return its model and the monotonic second of the last answer."""
    model, client = TargetModel(target), client_factory(target)
    try:
        answer = await client.poll()
        model.take(answer)
        if not isinstance(answer, Failure):
            await asyncio.sleep(target.interval_seconds)
            answer = await client.poll()
            model.take(answer)
        return model, answer.at
    finally:
        await client.close()


async def look_at_all(
    targets: Sequence[Target], client_factory: ClientFactory = Client
) -> list[tuple[TargetModel, float]]:
    """Look at every target at the same time."""
    return await asyncio.gather(*(look(target, client_factory) for target in targets))


def exit_code(model: TargetModel, now: float) -> int:
    """Return 0 well, 1 an alert warns or is pending, 2 an alert fires, 3 no usable answer."""
    if model.failure is not None or model.latest is None:
        return UNREACHABLE
    states = {view.state for view in model.alerts(now)}
    if states & {"firing", "clearing"}:
        return FIRING
    return WARNING if states & {"warning", "pending"} else WELL


def as_text(model: TargetModel, now: float) -> str:
    """Return a snapshot to read: who answered, the vital signs, and every alert that is not calm."""
    if model.latest is None:
        reason = "no answer" if model.failure is None else plain(model.failure.reason)
        return f"{GLYPHS['stale']} {model.url}: {reason}\n"
    lines = [_head(model, model.latest, now), ""]
    lines += [_sign_line(vital) for vital in model.vitals(now, WINDOW_SECONDS)]
    loud = [view for view in worst_first(model.alerts(now)) if view.state not in ("ok", "no_data")]
    calm = len(model.alerts(now)) - len(loud)
    lines += ["", *(f"{GLYPHS[view.state]} {view.sentence}" for view in loud)]
    lines.append(f"{GLYPHS['ok']} {calm} of {calm + len(loud)} alerts are calm")
    return "\n".join(lines) + "\n"


def as_document(model: TargetModel, now: float) -> dict[str, Any]:
    """Return the snapshot as JSON values; what is not known is null."""
    latest, failure = model.latest, model.failure
    return {
        "name": model.name,
        "url": model.url,
        "exit_code": exit_code(model, now),
        "connection": asdict(model.connection(now)),
        "failure": None if failure is None else {"kind": failure.kind, "reason": failure.reason},
        "service": None if latest is None else asdict(latest.service),
        "vitals": {vital.key: _vital(vital) for vital in model.vitals(now, WINDOW_SECONDS)},
        "alerts": [_alert(view) for view in model.alerts(now)],
    }


def report(looks: Sequence[tuple[TargetModel, float]], as_json: bool) -> tuple[str, int]:
    """Return what to print for all targets, and the worst exit code."""
    code = max(exit_code(model, now) for model, now in looks)
    if not as_json:
        return "\n".join(as_text(model, now) for model, now in looks), code
    documents = [as_document(model, now) for model, now in looks]
    return json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False, indent=2) + "\n", code


def _head(model: TargetModel, latest: Snapshot, now: float) -> str:
    service = latest.service
    who = " · ".join(
        plain(part, 60) for part in (f"{service.name} {service.version}", service.instance) if part.strip()
    )
    # A second poll that failed is news here, however young the first answer is.
    words = model.connection(now).words if model.failure is None else f"no answer now: {plain(model.failure.reason)}"
    return f"{who} · up {duration(service.uptime_seconds)} · {model.url} · {words} · {clock_time(latest.wall)}"


def _sign_line(vital: Vital) -> str:
    text, unit = number(vital.value, vital.unit)
    notes = ", ".join(vital.notes)
    return f"{GLYPHS[vital.state]} {vital.name:<12}{text:>7} {unit:<9}{WORDS[vital.state]:<12}{notes}".rstrip()


def _vital(vital: Vital) -> dict[str, Any]:
    return {
        "name": vital.name,
        "value": vital.value,
        "unit": vital.unit,
        "state": vital.state,
        "state_seconds": vital.state_seconds,
        "warns": vital.warns,
        "fires": vital.fires,
        "notes": vital.notes,
    }


def _alert(view: AlertView) -> dict[str, Any]:
    return asdict(view.alert) | {"state": view.state, "state_seconds": view.state_seconds, "sentence": view.sentence}
