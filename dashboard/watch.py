"""Watching without a screen: one line for each change of an alert, for a log, a pager or a small terminal.

The same clients and models as the screens have. What already is wrong is told first, and a service that cannot be
reached is an alert like any other. Ends with ctrl+c.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dashboard.client import Client
from dashboard.config import Target
from dashboard.model.alerts import AlertView
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.target import TargetModel
from dashboard.model.vitals import GLYPHS, State
from dashboard.model.words import plain

CALM: tuple[State, ...] = ("ok", "no_data", "unknown", "neutral")
BELL = "\a"
TICK_SECONDS = 1.0

Take = Callable[[Snapshot | Failure], None]


@dataclass(frozen=True, slots=True)
class Change:
    """An alert of a target that is in another state than before; ``before`` is None for what was found at the start."""

    target: str
    alert: str
    before: State | None
    after: State
    severity: str
    value: float | None
    sentence: str


class Changes:
    """Tells what changed from one look at a target to the next. Pure: fed with views, no clock."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._states: dict[str, State] = {}

    def since_last(self, views: Sequence[AlertView]) -> list[Change]:
        """Return the changes, the worst first. At the first look what is calm is no news; nor is one calm to another.

        An alert that is no longer told of (the service is reachable again) counts as ok.
        """
        found = []
        now = {view.alert.name: view for view in views}
        for name in [name for name in self._states if name not in now]:
            before = self._states.pop(name)
            if before not in CALM:
                words = f"{plain(name, 60)} ok"
                found.append(Change(self._target, name, before, "ok", "warning", None, words))
        for name, view in now.items():
            known = self._states.get(name)
            self._states[name] = view.state
            if view.state == known or (view.state in CALM and (known is None or known in CALM)):
                continue
            found.append(
                Change(self._target, name, known, view.state, view.alert.severity, view.alert.value, view.sentence)
            )
        return found


def as_line(change: Change, wall: float) -> str:
    """Return ``2026-11-22T20:30:00Z web-1 ▲ QueueBacklog firing 0s: 92 of 100 waiting (fires at 80)``."""
    return f"{_stamp(wall)} {plain(change.target, 60)} {GLYPHS[change.after]} {change.sentence}"


def as_json(change: Change, wall: float) -> str:
    """Return the change as one line of JSON."""
    document: dict[str, Any] = {
        "at": _stamp(wall),
        "target": change.target,
        "alert": change.alert,
        "before": change.before,
        "after": change.after,
        "severity": change.severity,
        "value": change.value,
        "sentence": change.sentence,
    }
    return json.dumps(document, ensure_ascii=False)


class Watcher:
    """Watches targets and tells each change by ``tell(line)``; an alert that begins to fire rings, if ``bell``.

    ``keep`` is given every answer, for a recording.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        tell: Callable[[str], None],
        *,
        as_text: Callable[[Change, float], str] = as_line,
        bell: bool = False,
        keep: Callable[[Target, Snapshot | Failure], None] | None = None,
        client_factory: Callable[[Target], Client] = Client,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._tell, self._as_text, self._bell = tell, as_text, bell
        self._keep = keep
        self._clock, self._wall = clock, wall
        self._models = [TargetModel(target) for target in targets]
        self._clients = [client_factory(target) for target in targets]
        self._changes = [Changes(target.name) for target in targets]

    async def run(self) -> None:
        """Watch until cancelled."""
        loops = [client.run(partial(self._take, index), lambda: False) for index, client in enumerate(self._clients)]
        try:
            await asyncio.gather(self._tick(), *loops)
        finally:
            for client in self._clients:
                await client.close()

    def _take(self, index: int, answer: Snapshot | Failure) -> None:
        model = self._models[index]
        if self._keep is not None:
            self._keep(model.target, answer)
        model.take(answer)
        self._look(index)

    async def _tick(self) -> None:
        # A lost connection begins to fire while no answer comes.
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for index in range(len(self._models)):
                self._look(index)

    def _look(self, index: int) -> None:
        model = self._models[index]
        if model.latest is None and model.failure is None:
            return
        for change in self._changes[index].since_last(model.alerts(self._clock())):
            ring = BELL if self._bell and change.after == "firing" else ""
            self._tell(f"{ring}{self._as_text(change, self._wall())}")


def _stamp(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
