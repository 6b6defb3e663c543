"""The catalogue as one principal sees it: what is public at the principal's prices, and what is private to it.

A viewer is named ``<principal>@<version>``: the version is that of the principal's own sights alone, so that answers
kept for it stay good for as long as what it sees does, and say nothing of what others see.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from service.catalogue.overlay import Overlay
from service.catalogue.records import COLUMNS, from_record
from service.messages import Brief, Signal

_FIELDS = ", ".join(f"{{table}}.{column}" for column in COLUMNS)
_PRICED = f"""SELECT {{table}}.row, {_FIELDS}, sights.cpm, sights.currency
    FROM {{table}} LEFT JOIN sights ON sights.principal = ? AND sights.row = {{table}}.row"""
_PUBLIC = _PRICED.format(table="signals")
_PRIVATE = _PRICED.format(table="private_signals").replace("LEFT JOIN", "JOIN")
_PICKED = "WHERE {table}.row IN (SELECT value FROM json_each(?))"
_IDS = """SELECT row, id FROM signals WHERE row IN (SELECT value FROM json_each(?1))
    UNION ALL SELECT row, id FROM private_signals WHERE row IN (SELECT value FROM json_each(?1))"""
_OWN_PRICES = "SELECT row, cpm, currency FROM sights WHERE principal = ? AND row > 0 AND cpm IS NOT NULL ORDER BY row"


def viewer_key(principal: str, version: str) -> str:
    """Return the name of a viewer."""
    return f"{principal}@{version}"


class Prices(NamedTuple):
    """What public signals cost one principal: their row numbers, ascending, and beside them ``cpms`` in
    ``currencies``."""

    rows: array[int]
    cpms: array[float]
    currencies: list[str]


class Base(Protocol):
    """The snapshot beneath: ``snapshot.Snapshot``."""

    @property
    def version(self) -> str: ...
    @property
    def sample(self) -> bool: ...
    def connection(self) -> sqlite3.Connection: ...
    def sight(self, viewer: str) -> Sight: ...


class Sight:
    """What is read once for a viewer and kept with the snapshot."""

    def __init__(self, base: Base, viewer: str) -> None:
        principal = Brief("", viewer=viewer).principal
        connection = base.connection()
        found = connection.execute(_OWN_PRICES, (principal,)).fetchall()
        rows, cpms = array("q", (row for row, _, _ in found)), array("d", (cpm for _, cpm, _ in found))
        self.prices = Prices(rows, cpms, [currency for _, _, currency in found])
        private = connection.execute(_PRIVATE, (principal,)).fetchall()
        signals = {row: _priced(tuple(rest)) for row, *rest in private}
        self.overlay = Overlay(connection, f"{base.version}/{viewer}", signals) if signals else None


class View:
    """See ``ranker.Library`` and ``answers.Library``; it lasts as long as the snapshot is held."""

    def __init__(self, base: Base, viewer: str) -> None:
        self._base = base
        self._viewer = viewer
        self._principal = Brief("", viewer=viewer).principal

    @property
    def version(self) -> str:
        return self._base.version

    @property
    def sample(self) -> bool:
        return self._base.sample

    def connection(self) -> sqlite3.Connection:
        return self._base.connection()

    def prices(self) -> Prices:
        """Return what public signals cost this viewer, where that is not what they cost everybody."""
        return self._base.sight(self._viewer).prices

    def overlay(self) -> Overlay | None:
        """Return what is private to this viewer as a small catalogue of its own, if anything is."""
        return self._base.sight(self._viewer).overlay

    def signal(self, signal_id: str) -> Signal | None:
        """Return the signal with this id, or None."""
        for query, table in ((_PUBLIC, "signals"), (_PRIVATE, "private_signals")):
            where = f"{query} WHERE {table}.id = ?"
            found = self.connection().execute(where, (self._principal, signal_id)).fetchone()
            if found is not None:
                return _priced(found[1:])
        return None

    def signals(self, rows: Sequence[int]) -> list[Signal]:
        """Return the signals with these row numbers, in this order; raises ``KeyError`` for one that is not there."""
        found: dict[int, Signal] = {}
        for query, table in ((_PUBLIC, "signals"), (_PRIVATE, "private_signals")):
            picked = f"{query} {_PICKED.format(table=table)}"
            records = self.connection().execute(picked, (self._principal, json.dumps([*rows])))
            found |= {row: _priced(tuple(rest)) for row, *rest in records}
        return [found[row] for row in rows]

    def row_ids(self, rows: Sequence[int]) -> list[str]:
        """Return the ids of these row numbers, in this order; raises ``KeyError`` for one that is not there."""
        found: dict[int, str] = dict(self.connection().execute(_IDS, (json.dumps([*rows]),)).fetchall())
        return [found[row] for row in rows]


def _priced(values: Sequence[Any]) -> Signal:
    *record, cpm, currency = values
    signal = from_record(tuple(record))
    return signal if cpm is None else replace(signal, cpm=cpm, currency=str(currency))
