"""Fetches from the full-text index what matches a plan, with a score for each group: the only SQL of a search.

The rarest groups retrieve, within a budget of postings, so that a million rows cost little more than a thousand; common
ones and fillers only score what those found. No text of a user is part of an SQL string.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from service.messages import Brief
from service.ranking.filters import Filters, prepare
from service.ranking.plan import Group, Plan, Variant

POSTINGS_BUDGET = 12_000
"""Groups retrieve, rarest first, until their rows add up to this; the rarest always does."""
POOL = 4_000
"""Rows kept of one expression, the best by the index' own score."""
SCAN = 50_000
"""Rows of one expression looked at, at most."""
COLUMN_WEIGHTS = (4.0, 1.5, 0.6, 0.3)
"""Of name, path, description and data_provider, in ``bm25()``."""
_SATURATION = 2.2  # bm25() approaches k1 + 1 times its idf
_WITHIN_NAME, _WITHIN_REST = 0.75, 0.4  # what a match is worth where only its place is known


class Details(NamedTuple):
    id: str
    name: str
    coverage: float | None
    cpm: float | None


@dataclass(slots=True)
class Found:
    """Rows by number: ``shares[row][group]`` says 0-1 how well a row matches a group; ``lacking`` what it lacks."""

    shares: dict[int, dict[int, float]] = field(default_factory=dict)
    lacking: dict[int, int] = field(default_factory=dict)
    filter_names: tuple[str, ...] = ()
    cut: bool = False

    def add(self, row: int, group: int, share: float) -> None:
        shares = self.shares.setdefault(row, {})
        if share > shares.get(group, 0.0):
            shares[group] = share


class Search:
    """One search over one connection, within the filters of one brief."""

    def __init__(self, connection: sqlite3.Connection, brief: Brief) -> None:
        self._connection = connection
        self._filters = Filters.of(brief)
        self._found = Found(filter_names=tuple(self._filters.names))
        if self._filters.condition != "1":
            prepare(connection)

    def run(self, plan: Plan) -> Found:
        """Return every row that matches a retrieving group, scored by all groups."""
        places = sorted(
            (place for place, group in enumerate(plan.groups) if group.variants),
            key=lambda place: (plan.groups[place].filler, plan.groups[place].frequency, place),
        )
        retrieving = _within_budget(plan.groups, places)
        for place in retrieving:
            for variant in plan.groups[place].variants:
                self._retrieve(place, variant)
        common = [place for place in places if place not in retrieving]
        if common and not plan.groups[common[0]].filler and plan.groups[retrieving[0]].frequency > POOL:
            # Too much for each alone, so what has both must be looked for.
            self._retrieve_both(plan.groups, retrieving[0], common[0])
        among = " OR ".join(plan.groups[place].match for place in retrieving)
        for place in common:
            self._score(place, plan.groups[place], among)
        return self._found

    def _retrieve(self, place: int, variant: Variant) -> None:
        for row, score, lacking in self._rows(variant.match):
            self._keep(row, lacking)
            self._found.add(row, place, variant.quality * min(1.0, -score / (variant.scale * _SATURATION)))

    def _retrieve_both(self, groups: tuple[Group, ...], rarest: int, other: int) -> None:
        for row, _, lacking in self._rows(f"({groups[rarest].match}) AND ({groups[other].match})"):
            self._keep(row, lacking)
            self._found.add(row, rarest, _WITHIN_REST)

    def _keep(self, row: int, lacking: int) -> None:
        if lacking:
            self._found.lacking[row] = lacking

    def _score(self, place: int, group: Group, among: str) -> None:
        for columns, share in (("", _WITHIN_REST), ("name : ", _WITHIN_NAME)):
            match = f"({among}) AND {columns}({group.match})"
            for (row,) in self._connection.execute(_MEMBERS, (match, SCAN)):
                if row in self._found.shares:
                    self._found.add(row, place, share * group.variants[0].quality)

    def _rows(self, match: str) -> Iterator[tuple[int, float, int]]:
        """Yield ``(row, score, what it lacks)`` of an expression, best (lowest) score first among what lacks nothing."""
        filters = self._filters
        plain = filters.condition == "1"
        query = _PLAIN if plain else _FILTERED.format(lacking=filters.lacking, condition=filters.condition)
        values = [] if plain else filters.values
        rows = self._connection.execute(query, (*COLUMN_WEIGHTS, match, *values, SCAN, POOL)).fetchall()
        self._found.cut |= len(rows) == POOL
        yield from rows

    def holding(self, match: str, most: int) -> list[int]:
        """Return the found rows that hold an expression; ``most`` rows of the index are looked at."""
        rows = self._connection.execute(_MEMBERS, (match, most))
        return [row for (row,) in rows if row in self._found.shares]

    def with_id(self, signal_id: str) -> int | None:
        """Return the row of an id, if it passes the filters."""
        condition = f"({self._filters.condition}) AND ({self._filters.lacking}) = 0"
        query = f"SELECT row FROM signals WHERE id = ? AND {condition}"
        found = self._connection.execute(query, (signal_id, *self._filters.values)).fetchone()
        return None if found is None else int(found[0])

    def details(self, rows: Sequence[int]) -> dict[int, Details]:
        """Return what orders rows of equal score, and their names."""
        fetched = self._connection.execute(_DETAILS, (json.dumps([*rows]),))
        return {row: Details(*rest) for row, *rest in fetched}


_DETAILS = """SELECT row, id, name, coverage, cpm FROM signals WHERE row IN (SELECT value FROM json_each(?))"""
_MEMBERS = "SELECT rowid FROM signals_fts WHERE signals_fts MATCH ? LIMIT ?"
_PLAIN = """SELECT * FROM (SELECT rowid, bm25(signals_fts, ?, ?, ?, ?) AS score, 0
    FROM signals_fts WHERE signals_fts MATCH ? LIMIT ?) ORDER BY score, 1 LIMIT ?"""
_FILTERED = """SELECT * FROM (SELECT signals_fts.rowid, bm25(signals_fts, ?, ?, ?, ?) AS score, {lacking} AS lacking
    FROM signals_fts CROSS JOIN signals ON signals.row = signals_fts.rowid
    WHERE signals_fts MATCH ? AND {condition} LIMIT ?) ORDER BY lacking, score, 1 LIMIT ?"""


def _within_budget(groups: tuple[Group, ...], places: list[int]) -> list[int]:
    """Return the places of the groups that retrieve: the rarest, and what the budget and the fillers leave."""
    taken = places[:1]
    spent = sum(groups[place].frequency for place in taken)
    for place in places[1:]:
        spent += groups[place].frequency
        if groups[place].filler or spent > POSTINGS_BUDGET:
            break
        taken.append(place)
    return taken
