"""The watch: runs the state machine of ``alerts`` for every rule and remembers the last 100 changes.

The sampling job calls ``evaluate`` every 5 s with what ``vitals`` measured; log, metrics and webhook listen; the stats
document shows ``document`` and ``transitions``. Thread-safe. A change between ok and no_data is no news (traffic came
or went) and is not told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from service.monitoring.alerts import NOTHING, AlertState, Measurement, State, step
from service.monitoring.rendering import timestamp
from service.monitoring.rules import RULES, Rule

TRANSITIONS_KEPT = 100
QUIET = ("ok", "no_data")


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state; ``at`` is epoch seconds."""

    name: str
    previous: State
    state: State
    value: float | None
    at: float

    @property
    def notable(self) -> bool:
        """Whether someone must be told: an episode begins or ends."""
        return self.state == "resolved" or (self.state == "firing" and self.previous != "clearing")

    def document(self) -> dict[str, Any]:
        """Return the record of the stats document."""
        return {
            "name": self.name,
            "from": self.previous,
            "to": self.state,
            "value": self.value,
            "at": timestamp(self.at),
        }


class Watch:
    """Holds the state of every alert.

    ``clock`` returns epoch seconds, for people; the states go by the monotonic ``now`` of ``evaluate``. Listeners are
    called by the thread that evaluates, without a lock held; they must be quick and must not raise.
    """

    def __init__(
        self,
        rules: Sequence[Rule] = RULES,
        *,
        clock: Callable[[], float],
        listeners: Sequence[Callable[[Transition], None]] = (),
    ) -> None:
        self._lock = Lock()
        self._rules = tuple(rules)
        self._states: dict[str, AlertState] = {}
        self._transitions: deque[Transition] = deque(maxlen=TRANSITIONS_KEPT)
        self._clock = clock
        self._listeners = tuple(listeners)
        # What turns monotonic into epoch seconds; renewed at each evaluation, since the wall clock may be set.
        self._offset = 0.0

    def evaluate(self, measurements: Mapping[str, Measurement], now: float) -> list[Transition]:
        """Move every alert on at ``now`` (monotonic seconds), tell the listeners, and return the news."""
        changes = []
        with self._lock:
            epoch = self._clock()
            self._offset = epoch - now
            for rule in self._rules:
                before = self._states.get(rule.name, AlertState(since=now))
                after = step(rule, before, measurements.get(rule.name, NOTHING), now)
                self._states[rule.name] = after
                if after.state != before.state and not (after.state in QUIET and before.state in QUIET):
                    changes.append(Transition(rule.name, before.state, after.state, after.value, epoch))
            self._transitions.extend(changes)
        for change in changes:
            for listener in self._listeners:
                listener(change)
        return changes

    def replace_rules(self, rules: Sequence[Rule]) -> None:
        """Go by these rules from now on; states are kept by name."""
        with self._lock:
            self._rules = tuple(rules)
            self._states = {rule.name: self._states[rule.name] for rule in rules if rule.name in self._states}

    def rule(self, name: str) -> Rule | None:
        """Return the rule in force by that name."""
        return next((rule for rule in self._rules if rule.name == name), None)

    def firing(self) -> list[str]:
        """Return the names of the alerts in an episode (firing or clearing), in the order of the table."""
        with self._lock:
            return [rule.name for rule in self._rules if self._state(rule).fired_at is not None]

    def document(self) -> list[dict[str, Any]]:
        """Return the ``alerts`` of the stats document, one record a rule."""
        with self._lock:
            return [_record(rule, self._state(rule), self._offset) for rule in self._rules]

    def transitions(self) -> list[dict[str, Any]]:
        """Return the ``transitions`` of the stats document, oldest first."""
        with self._lock:
            return [change.document() for change in self._transitions]

    def _state(self, rule: Rule) -> AlertState:
        return self._states.get(rule.name, AlertState())


def _record(rule: Rule, state: AlertState, offset: float) -> dict[str, Any]:
    return {
        "name": rule.name,
        "state": state.state,
        "severity": rule.severity,
        "value": state.value,
        "unit": rule.unit,
        "comparison": rule.comparison,
        "warns": rule.warns,
        "fires": rule.fires,
        "clears": rule.clears,
        "for_seconds": rule.for_seconds,
        "needs": rule.needs,
        "since": timestamp(state.since + offset) if offset else None,
        "peak": state.peak,
        "resolved_at": None if state.resolved_at is None else timestamp(state.resolved_at + offset),
    }
