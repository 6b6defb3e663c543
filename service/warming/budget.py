"""How many calls of the AI warm-ups may make a day: a count that begins anew at midnight UTC and outlives a restart."""

from __future__ import annotations

from collections.abc import Callable

DAY_SECONDS = 86_400


class Budget:
    """At most ``calls`` a day. ``wall_clock`` is Unix seconds; ``load`` and ``save`` keep a short text.

    ``together(day, more)`` adds to what all instances have spent on a day and returns it, None where nobody knows. One
    warm-up runs at a time, and only it spends.
    """

    def __init__(
        self,
        calls: int,
        wall_clock: Callable[[], float],
        load: Callable[[], str | None],
        save: Callable[[str], None],
        together: Callable[[int, int], int | None] = lambda day, more: None,
    ) -> None:
        self._together = together
        self._calls = calls
        self._wall_clock = wall_clock
        self._save = save
        self._day, self._spent = _read(load())

    def left(self) -> int:
        """Return how many calls may still be made today."""
        today = self._today()
        return max(self._calls - max(self._spent_on(today), self._together(today, 0) or 0), 0)

    def spend(self) -> None:
        """Note one call."""
        today = self._today()
        self._day, self._spent = today, max(self._spent_on(today) + 1, self._together(today, 1) or 0)
        self._save(f"{self._day} {self._spent}")

    def _today(self) -> int:
        return int(self._wall_clock() // DAY_SECONDS)

    def _spent_on(self, day: int) -> int:
        return self._spent if day == self._day else 0


def _read(text: str | None) -> tuple[int, int]:
    try:
        day, spent = map(int, (text or "").split())
    except ValueError:
        return 0, 0
    return day, max(spent, 0)
