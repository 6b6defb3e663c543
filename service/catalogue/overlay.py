"""What is private to one viewer, as a small catalogue in memory that rankers can search like any other.

It stands among a sample of the public signals, so that words weigh there about what they weigh in the whole: five
private signals by themselves would make every word of theirs a common one.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from service.catalogue.public_rows import FTS_PUT, PUT, searched
from service.catalogue.records import COLUMNS, Record, digest, to_record
from service.catalogue.schema import MIGRATIONS
from service.messages import Signal

BACKGROUND = 400
"""Public signals in the sample, about: every so manieth by id, so that equal catalogues have equal ones."""

_COUNT = "SELECT count(*) FROM signals"
_SAMPLE = f"""SELECT row, {", ".join(COLUMNS)} FROM signals WHERE row IN
    (SELECT row FROM (SELECT row, row_number() OVER (ORDER BY id) AS place FROM signals) WHERE place % ? = 0)"""


class Overlay:
    """``own`` are the private signals by row number, which is negative; ``version`` names what is in it.

    One thread at a time may search it: inside ``with overlay.turn()``.
    """

    def __init__(self, public: sqlite3.Connection, version: str, own: Mapping[int, Signal]) -> None:
        self.version = version
        self.own = dict(own)
        self.ids = frozenset(signal.id for signal in own.values())
        self._turn = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        for statement in MIGRATIONS[0]:
            self._connection.execute(statement)
        rows = [(row, to_record(signal)) for row, signal in self.own.items()]
        self._fill([*rows, *_sample(public)])

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the catalogue to oneself."""
        with self._turn:
            yield

    def connection(self) -> sqlite3.Connection:
        return self._connection

    def signals(self, rows: Sequence[int]) -> list[Signal]:
        """Return the private signals with these row numbers, in this order."""
        return [self.own[row] for row in rows]

    def _fill(self, rows: Sequence[tuple[int, Record]]) -> None:
        run = self._connection.executemany
        self._connection.execute("BEGIN")
        run(PUT, ((row, *record, digest(record)) for row, record in rows))
        run(FTS_PUT, (searched(row, record) for row, record in rows))
        self._connection.execute("COMMIT")


def _sample(public: sqlite3.Connection) -> list[tuple[int, Record]]:
    (count,) = public.execute(_COUNT).fetchone()
    step = max(1, count // BACKGROUND)
    return [(row, tuple(record)) for row, *record in public.execute(_SAMPLE, (step,))]
