"""What signs are made from, and the short side figures of each ("p50 0.9 s", "slots 2/2"). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.model.alerts import AlertView
from dashboard.model.book import AI_LATENCY, AI_SECONDS, RATIO_SECONDS, Book, gauge, percent
from dashboard.model.vitals import Point
from dashboard.model.words import measure, number


@dataclass(frozen=True, slots=True)
class Sight:
    """What signs are made from: the instance's book, the alerts by name, whether data is of now, and the window."""

    book: Book | None
    alerts: Mapping[str, AlertView]
    data_ok: bool
    since: float
    window_seconds: float

    def figure(self, name: str) -> float | None:
        """Return a number of the stats document."""
        found = None if self.book is None or self.book.latest is None else self.book.latest.figures.get(name)
        return None if isinstance(found, str | bool) else found

    def flag(self, name: str) -> bool | None:
        """Return a truth value of the stats document."""
        found = None if self.book is None or self.book.latest is None else self.book.latest.figures.get(name)
        return found if isinstance(found, bool) else None

    def word(self, name: str) -> str:
        """Return a text of the stats document, empty if there is none."""
        found = None if self.book is None or self.book.latest is None else self.book.latest.figures.get(name)
        return found if isinstance(found, str) else ""

    def gauge(self, name: str) -> float | None:
        """Return a gauge of the newest scrape."""
        return None if self.book is None or self.book.latest is None else gauge(self.book.latest.metrics, name)


Notes = Callable[[Sight, tuple[Point, ...]], list[str]]


def peak_note(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    known = [point.value for point in trend if point.value is not None]
    return [f"peak {number(max(known), '/s')[0]}"] if known else []


def error_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    growth = None if sight.book is None else sight.book.growth(RATIO_SECONDS)
    return [] if growth is None else [f"{number(growth.count('errors'), 'requests')[0]} in 1m"]


def quantile_notes(names: tuple[str, ...], seconds: float, *quantiles: float) -> Notes:
    def notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
        growth = None if sight.book is None else sight.book.growth(seconds)
        found = [(q, None if growth is None else growth.quantile(q, *names)) for q in quantiles]
        return [f"p{q * 100:g} {measure(value, 's')}" for q, value in found if value is not None]

    return notes


def queue_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    capacity = sight.gauge("signals_queue_capacity")
    return ([] if capacity is None else [f"of {capacity:.0f}"]) + _slots(sight)


def work_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    return _slots(sight)


def _slots(sight: Sight) -> list[str]:
    busy, slots = sight.figure("queue.busy"), sight.figure("queue.slots")
    return [] if busy is None or slots is None else [f"slots {busy:.0f}/{slots:.0f}"]


def refused_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    growth = None if sight.book is None else sight.book.growth(RATIO_SECONDS)
    share, blocked = percent(growth, "requests:429", "requests"), sight.gauge("clients_blocked")
    notes = [] if share is None else [f"{measure(share, '%')} of all"]
    return notes + ([] if blocked is None else [f"{blocked:.0f} blocked"])


def ai_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    if sight.flag("ai.enabled") is False:
        return ["off", "local ranking"]
    growth = None if sight.book is None else sight.book.growth(AI_SECONDS)
    fallback = percent(growth, "rankings:text", "rankings")
    notes = [] if fallback is None else [f"fallback {measure(fallback, '%')}"]
    held_back = {"open": ["breaker open"], "loading": ["loading"]}.get(sight.word("ai.state"), [])
    return held_back + notes + quantile_notes(AI_LATENCY, AI_SECONDS, 0.95)(sight, trend)


def cache_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    entries = sight.gauge("cache_entries")
    return [] if entries is None else [f"{number(entries, 'entries')[0]} entries"]


def cpu_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    threads = sight.figure("system.threads")
    return [] if threads is None else [f"{threads:.0f} threads"]


def memory_notes(sight: Sight, trend: tuple[Point, ...]) -> list[str]:
    own = sight.gauge("process_resident_memory_bytes")
    return [] if own is None else [f"process {measure(own, 'B')}"]
