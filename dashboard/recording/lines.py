"""One answer as one line of JSON, and back: whole at first, then only what changed. Pure.

A *key* line holds a whole snapshot, a *delta* line what differs from the one before of the same target and instance, a
*failure* line why a poll brought nothing. A key line comes at the start, every 60 answers, and whenever the set of
series changes; so a reader that begins in the middle, or behind a damaged line, is right again within 60 answers. Of
the metrics only those that the model reads are kept. No token is ever in a line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dashboard.model.book import METRICS
from dashboard.model.snapshot import (
    Alert,
    BlockRow,
    ClientRow,
    EndpointRow,
    ErrorRow,
    FailedActivation,
    Failure,
    JobRow,
    KeyRow,
    Labels,
    Metrics,
    Service,
    Snapshot,
    ToolRow,
    Transition,
)

FORMAT = 1
KEY_EVERY = 60
_LISTS: Mapping[str, type] = {
    "alerts": Alert,
    "transitions": Transition,
    "endpoints": EndpointRow,
    "clients": ClientRow,
    "keys": KeyRow,
    "tools": ToolRow,
    "blocked": BlockRow,
    "failed_activations": FailedActivation,
    "jobs": JobRow,
    "errors": ErrorRow,
}
Series = tuple[str, Labels]


@dataclass(slots=True)
class _State:
    """The last answer of an instance as it stands in the file: its parts, its series in order and their values."""

    parts: dict[str, Any]
    series: list[Series]
    values: list[float]
    since_key: int = 0


class Encoder:
    """Makes lines of answers; one for each file."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], _State] = {}

    def line(self, target: str, answer: Snapshot | Failure) -> str:
        """Return the line of an answer of the target with this name, without its end."""
        if isinstance(answer, Failure):
            told = {"kind": answer.kind, "reason": answer.reason}
            return _json({"target": target, "wall": answer.wall, "failure": told})
        instance = answer.service.instance
        samples = {
            (name, labels): value
            for name, series in answer.metrics.samples.items()
            if name in METRICS
            for labels, value in series.items()
        }
        parts = _parts(answer)
        line = {"target": target, "wall": answer.wall, "seconds": round(answer.seconds, 6), "instance": instance}
        state = self._states.get((target, instance))
        if state is None or state.since_key >= KEY_EVERY - 1 or state.series != list(samples):
            self._states[target, instance] = _State(parts, list(samples), list(samples.values()))
            named = [[name, labels, value] for (name, labels), value in samples.items()]
            return _json(line | {"key": parts | {"samples": named}})
        changed: dict[str, Any] = {name: part for name, part in parts.items() if part != state.parts[name]}
        if "figures" in changed:
            changed["figures"] = _differences(state.parts["figures"], parts["figures"])
        values = list(samples.values())
        moved = [[place, value] for place, value in enumerate(values) if value != state.values[place]]
        state.parts, state.values, state.since_key = parts, values, state.since_key + 1
        return _json(line | {"delta": changed | ({"samples": moved} if moved else {})})


class Decoder:
    """Reads lines back; ``read`` returns None for what cannot be known without a key line before."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], _State] = {}

    def read(self, line: Mapping[str, Any]) -> Snapshot | Failure | None:
        """Return the answer of a line. Raises ``ValueError``, ``KeyError``, ``TypeError`` for one that is damaged."""
        target, wall = str(line["target"]), float(line["wall"])
        if "failure" in line:
            told = line["failure"]
            return Failure(wall, wall, str(told["kind"]), str(told["reason"]))
        place = (target, str(line["instance"]))
        if "key" in line:
            parts = dict(line["key"])
            samples = parts.pop("samples")
            series = [
                (str(name), tuple((str(key), str(value)) for key, value in labels)) for name, labels, _ in samples
            ]
            self._states[place] = _State(parts, series, [float(value) for *_, value in samples])
        elif (state := self._states.get(place)) is not None:
            changed = dict(line["delta"])
            for index, value in changed.pop("samples", ()):
                state.values[index] = float(value)
            if "figures" in changed:
                changed["figures"] = _applied(state.parts["figures"], changed["figures"])
            state.parts = state.parts | changed
        else:
            return None
        return _snapshot(self._states[place], wall, float(line["seconds"]))


def _parts(answer: Snapshot) -> dict[str, Any]:
    lists = {name: [asdict(row) for row in getattr(answer, name)] for name in _LISTS}
    return {"service": asdict(answer.service), "figures": dict(answer.figures)} | lists


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changed under ``set`` and what is gone under ``gone``."""
    found: dict[str, Any] = {"set": {key: v for key, v in after.items() if key not in before or before[key] != v}}
    gone = [key for key in before if key not in after]
    return found | ({"gone": gone} if gone else {})


def _applied(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    gone = frozenset(change.get("gone", ()))
    kept = {key: value for key, value in before.items() if key not in gone}
    return kept | dict(change["set"])


def _snapshot(state: _State, wall: float, seconds: float) -> Snapshot:
    samples: dict[str, dict[Labels, float]] = {}
    for (name, labels), value in zip(state.series, state.values, strict=True):
        samples.setdefault(name, {})[labels] = value
    # Older recordings have no list of what is newer.
    rows: dict[str, Any] = {
        name: tuple(_row(kind, row) for row in state.parts.get(name, ())) for name, kind in _LISTS.items()
    }
    return Snapshot(
        at=wall,
        wall=wall,
        seconds=seconds,
        service=_row(Service, state.parts["service"]),
        metrics=Metrics(samples),
        figures=dict(state.parts["figures"]),
        **rows,
    )


def _row(kind: Any, told: Mapping[str, Any]) -> Any:
    return kind(**{field.name: told[field.name] for field in fields(kind) if field.name in told})


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
