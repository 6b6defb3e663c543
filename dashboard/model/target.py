"""All that is known of one target: fed one answer a poll, asked by the screens. Pure: times are passed in.

Answers are kept by instance. A new instance that started after the old one fell silent has replaced it (a restart) and
goes on with its trends behind a gap; one that answers in turns with another stands behind the same balancer, and the
screens stay with the one shown until it is silent for a while. A failure changes no figure and no alert.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from dashboard.config import Target
from dashboard.model.alerts import UNREACHABLE, AlertView, server_time, unreachable, view_of, worst_first
from dashboard.model.book import Book
from dashboard.model.connection import Connection, Contact, connection_of
from dashboard.model.history import Band
from dashboard.model.marks import Marks
from dashboard.model.members import Member, Members
from dashboard.model.rates import Counted
from dashboard.model.retry import delay_seconds
from dashboard.model.signs import KEYS, Scales, Sight, sign
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.model.vitals import Vital

HISTORY_BYTES = 6_000_000
INSTANCES_AT_MOST = 8
SILENT_SECONDS = 10.0
BEHIND_SECONDS = 60.0


class TargetModel:
    """The model of one target. ``latest`` is the newest answer of the instance shown; ``failure`` is None when well."""

    def __init__(
        self,
        target: Target,
        *,
        history_bytes: int = HISTORY_BYTES,
        marks: Marks | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        self.target = target
        self.name, self.url, self.interval = target.name, target.url, target.interval_seconds
        self.latest: Snapshot | None = None
        self.failure: Failure | None = None
        self.marks = marks or Marks()
        self._history_bytes = history_bytes
        self._zone = zone
        self._books: dict[str, Book] = {}
        self._shown: str | None = None
        self._newest: Snapshot | None = None
        self._down: Failure | None = None  # the first failure of the present row
        self._failures = 0
        self._scales = Scales()
        self._members = Members()

    def take(self, answer: Snapshot | Failure) -> None:
        """Add what a poll brought."""
        if isinstance(answer, Failure):
            self.failure = answer
            self._failures += 1
            self._down = self._down or answer
            for book in self._books.values():
                book.miss(answer.wall)
            return
        self.failure = self._down = None
        self._failures = 0
        book = self._book_of(answer)
        book.take(answer)
        self._newest = answer
        self._members.take(answer.fleet)
        self.latest = self._books[self._shown or ""].latest
        self.marks.forget_past(answer.alerts)

    def connection(self, now: float) -> Connection:
        """Return how the connection is at ``now``."""
        down_since = None if self._down is None else self._down.at
        contact = Contact(
            self.url, self.interval, self._newest, self.failure, down_since, self.next_try, self.instances(now)
        )
        return connection_of(contact, now, self._zone)

    @property
    def next_try(self) -> float | None:
        """The monotonic second of the next try after a failure; None when well."""
        if self.failure is None:
            return None
        return self.failure.at + delay_seconds(self._failures, self.failure.at, self.interval)

    def instances(self, now: float) -> tuple[str, ...]:
        """Return the instances that answered in the last minute, the one shown first: more than one is a balancer."""
        seen = [
            name
            for name, book in self._books.items()
            if book.latest is not None and now - book.latest.at <= BEHIND_SECONDS
        ]
        return tuple(sorted(seen, key=lambda name: (name != self._shown, name)))

    def members(self, now: float) -> tuple[Member, ...]:
        """Return the instances behind the address, as they tell of each other; nobody where they cannot."""
        return self._members.known(now)

    def alerts_of(self, snapshot: Snapshot, now: float, *, running: bool = True) -> tuple[AlertView, ...]:
        """Return the rules of an instance, worst first; its clock stands still unless it is ``running``."""
        server_now = server_time(snapshot) + (max(now - snapshot.at, 0.0) if running else 0.0)
        capacity = snapshot.figures.get("queue.capacity")
        of = capacity if isinstance(capacity, float) else None
        return worst_first(view_of(a, server_now, self.marks.of(a.name), now, of) for a in snapshot.alerts)

    def vitals(self, now: float, window_seconds: float = 900.0) -> tuple[Vital, ...]:
        """Return every vital sign, always in the order of ``KEYS``."""
        sight = self._sight(now, window_seconds)
        return tuple(sign(key, sight, self._scales) for key in KEYS)

    def vital(self, key: str, now: float, window_seconds: float) -> Vital:
        """Return one vital sign with its trend at the resolution kept; KeyError for a name that is none."""
        return sign(key, self._sight(now, window_seconds), self._scales)

    def newest_values(self) -> dict[str, float | None]:
        """Return the value of each vital sign in the newest answer, by key; empty before the first."""
        return {} if self._book is None else self._book.values

    def bands(self, key: str, now: float, window_seconds: float) -> list[Band]:
        """Return minimum, mean and maximum of each 10 s in the window."""
        book = self._book
        return [] if book is None else book.history.bands(key, self._wall(now) - window_seconds)

    def reaches_back_seconds(self, now: float) -> float:
        """Return how far back the trends reach."""
        oldest = None if self._book is None else self._book.history.oldest
        return 0.0 if oldest is None else max(self._wall(now) - oldest, 0.0)

    def alerts(self, now: float) -> tuple[AlertView, ...]:
        """Return every rule, worst first, and ``ServiceUnreachable`` when it is so."""
        views = list[AlertView]()
        connection = self.connection(now)
        if self.latest is not None:
            views += self.alerts_of(self.latest, now, running=connection.data_ok)
        if self.failure is not None and self._down is not None and not connection.data_ok:
            mark = self.marks.of(UNREACHABLE)
            views.append(unreachable(now - self._down.at, _iso(self._down.wall), self.failure.reason, mark, now))
        return worst_first(views)

    def acknowledge(self, name: str) -> None:
        """Note that the operator knows of the alert as it is now; it is loud again when its state changes."""
        began = {alert.name: alert.since for alert in (self.latest.alerts if self.latest else ())}
        since = _iso(self._down.wall) if name == UNREACHABLE and self._down else began.get(name)
        self.marks.acknowledge(name, since)

    def snooze(self, name: str, seconds: float, now: float) -> None:
        """Keep the alert quiet for that long; 0 wakes it."""
        self.marks.snooze(name, now + seconds)

    def counted(self, kind: str, now: float, window_seconds: float) -> Counted:
        """Return what was counted by label in the window before the newest answer, such as ``requests`` by status.

        ``kind`` is a name of ``rates.FAMILIES``; nothing is known before the second answer and after a long silence.
        """
        growth = None if self._book is None else self._book.growth(window_seconds)
        if growth is None or now - growth.newer.at > window_seconds:
            return Counted({}, 0.0)
        return Counted(growth.by_label(kind), growth.seconds)

    def percentile(self, q: float, kind: str, now: float, window_seconds: float) -> float | None:
        """Return a quantile of a histogram of ``rates.FAMILIES`` in the window before the newest answer, in seconds."""
        growth = None if self._book is None else self._book.growth(window_seconds)
        if growth is None or now - growth.newer.at > window_seconds:
            return None
        return growth.quantile(q, kind)

    def latency_buckets(
        self, now: float, window_seconds: float, cache: str | None = None
    ) -> tuple[tuple[float, int], ...]:
        """Return (upper bound in seconds, requests) of each bucket in the window; ``cache``: hit, stale, miss, none."""
        growth = None if self._book is None else self._book.growth(window_seconds, same_run=False)
        if growth is None or now - growth.newer.at > window_seconds:
            return ()
        names = [f"latency:{cache}"] if cache else [f"latency:{kind}" for kind in ("hit", "stale", "miss", "none")]
        return _apart(growth.buckets(names))

    def _sight(self, now: float, window_seconds: float) -> Sight:
        views = {view.alert.name: view for view in self.alerts(now)}
        since = self._wall(now) - window_seconds
        return Sight(self._book, views, self.connection(now).data_ok, since, window_seconds)

    @property
    def _book(self) -> Book | None:
        return None if self._shown is None else self._books.get(self._shown)

    def _wall(self, now: float) -> float:
        anchor = self.failure or self._newest
        return now if anchor is None else anchor.wall + (now - anchor.at)

    def _book_of(self, answer: Snapshot) -> Book:
        """Return the book of the answering instance, and decide which instance is shown."""
        name, shown = answer.service.instance, self._book
        if name == self._shown and shown is not None:
            return shown
        silent = 0.0 if shown is None or shown.latest is None else answer.at - shown.latest.at
        uptime = answer.service.uptime_seconds
        if shown is not None and name not in self._books and uptime is not None and uptime < silent + self.interval:
            shown.restart()
            self._books = {key: book for key, book in self._books.items() if book is not shown} | {name: shown}
            self._shown = name
            return shown
        book = self._books.setdefault(name, Book(self.interval, self._history_bytes))
        if shown is None or silent > max(SILENT_SECONDS, 5 * self.interval):
            self._shown = name
        while len(self._books) > INSTANCES_AT_MOST:
            others = (key for key in self._books if key not in (name, self._shown))
            del self._books[next(others)]
        for kept in self._books.values():
            kept.limit(self._history_bytes // len(self._books))
        return book


def _iso(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds")


def _apart(buckets: list[tuple[float, float]]) -> tuple[tuple[float, int], ...]:
    """Return how many fell in each bucket, from counts so far."""
    found, below = [], 0.0
    for bound, so_far in buckets:
        found.append((bound, max(round(so_far - below), 0)))
        below = max(below, so_far)
    return tuple(found)
