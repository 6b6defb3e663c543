"""What the operator said of alerts, on this machine only: acknowledged and snoozed. Pure.

An acknowledgement holds for the alert as it was: once its state changes, and so its ``since``, the alert is loud again.
A snooze holds for its time. ``told`` hears of each mark the operator makes, so that a file can keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from dashboard.model.snapshot import Alert

MARKS_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """Acknowledged as it was since ``since``; quiet until the monotonic second ``snoozed_until``."""

    acknowledged: bool = False
    since: str | None = None
    snoozed_until: float | None = None


class Marks:
    """A mark an alert, by the alert's name; ``known`` are those of earlier days."""

    def __init__(
        self, known: Mapping[str, Mark] | None = None, told: Callable[[str, Mark], None] = lambda name, mark: None
    ) -> None:
        self._marks = dict(known or {})
        self._told = told

    def of(self, name: str) -> Mark:
        """Return the mark of an alert, an empty one if there is none."""
        return self._marks.get(name, Mark())

    def acknowledge(self, name: str, since: str | None) -> None:
        """The operator knows of the alert as it is since ``since``."""
        self._put(name, replace(self.of(name), acknowledged=True, since=since))

    def snooze(self, name: str, until: float) -> None:
        """Keep the alert quiet until a monotonic second; one that is past wakes it."""
        self._put(name, replace(self.of(name), snoozed_until=until))

    def forget_past(self, alerts: Iterable[Alert]) -> None:
        """Drop acknowledgements of what is over: the alert's state is another one by now."""
        for alert in alerts:
            mark = self._marks.get(alert.name)
            if mark is not None and mark.acknowledged and mark.since != alert.since:
                self._marks[alert.name] = replace(mark, acknowledged=False)

    def _put(self, name: str, mark: Mark) -> None:
        self._marks.pop(name, None)
        self._marks[name] = mark
        while len(self._marks) > MARKS_AT_MOST:
            del self._marks[next(iter(self._marks))]
        self._told(name, mark)
