"""Fetches from the full-text index what matches a plan, with a score for each group: the only SQL of a search.

The rarest groups retrieve, within a budget of postings, so that a million rows cost little more than a thousand; common
ones and fillers only score what those found. No text of a user is part of an SQL string.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from service.messages import Brief
from service.ranking.filters import OWN_CPM, Filters, prepare
from service.ranking.plan import Group, Plan, Variant

POSTINGS_BUDGET = 12_000
"""Groups retrieve, rarest first, until their rows add up to this; the rarest always does."""
POOL = 3_000
"""Rows kept of one expression, the best by the index' own score."""
SCAN = 50_000
"""Rows of one expression looked at, at most."""
COLUMN_WEIGHTS = (4.0, 1.5, 0.6, 0.3)
"""Of name, path, description and data_provider, in ``bm25()``."""
PRESENT = 0.6
"""Of a full match, what the mere presence of a word is worth; the rest is where and how densely it stands."""
_SATURATION = 2.2  # bm25() approaches k1 + 1 times its idf
_WITHIN_NAME, _WITHIN_REST = 0.9, 0.75  # what a match is worth where only its place is known


class Details(NamedTuple):
    id: str
    name: str
    coverage: float | None
    cpm: float | None


@dataclass(slots=True)
class Found:
    """Rows by number: ``shares[group][row]`` says 0-1 how well a row matches a group; ``lacking`` what it lacks.

    ``cut`` tells that there are more rows than were looked at.
    """

    shares: list[dict[int, float]]
    lacking: dict[int, int] = field(default_factory=dict)
    filter_names: tuple[str, ...] = ()
    cut: bool = False


class Search:
    """One search over one connection, within the filters of one brief."""

    def __init__(self, connection: sqlite3.Connection, brief: Brief) -> None:
        self._connection = connection
        self._filters = Filters.of(brief)
        self._principal = brief.principal
        self._rows: set[int] = set()
        if brief.data_providers or brief.agents:
            prepare(connection)

    def run(self, plan: Plan) -> Found:
        """Return every row that matches a retrieving group, scored by all groups."""
        found = Found([{} for _ in plan.groups], filter_names=tuple(self._filters.names))
        places = sorted(
            (place for place, group in enumerate(plan.groups) if group.variants),
            key=lambda place: (plan.groups[place].filler, plan.groups[place].frequency, place),
        )
        retrieving = _within_budget(plan.groups, places)
        if not retrieving:
            return found
        for place in retrieving:
            for variant in plan.groups[place].variants:
                self._retrieve(found, place, variant)
        common = [place for place in places if place not in retrieving]
        if common and not plan.groups[common[0]].filler and plan.groups[retrieving[0]].frequency > POOL:
            # Too much for each alone, so what has both must be looked for.
            both = f"({plan.groups[retrieving[0]].match}) AND ({plan.groups[common[0]].match})"
            self._retrieve(found, retrieving[0], Variant(both, _WITHIN_REST, 0, 0.0, ()))
        among = " OR ".join(plan.groups[place].match for place in retrieving)
        for place in common:
            found.shares[place] = self._members(plan.groups[place], among)
        return found

    def _retrieve(self, found: Found, place: int, variant: Variant) -> None:
        """Add the rows of a variant: those that lack nothing first, the best first."""
        # bm25() is negative, and its size approaches the index' weight of the word times the saturation.
        factor = -variant.quality * (1 - PRESENT) / (variant.scale * _SATURATION) if variant.scale else 0.0
        values = (*COLUMN_WEIGHTS, factor, variant.quality * PRESENT, variant.quality)
        if self._filters.condition == "1":
            rows = dict(self._connection.execute(_PLAIN, (*values, variant.match, SCAN, POOL)).fetchall())
        else:
            query = _FILTERED.format(lacking=self._filters.lacking, condition=self._filters.condition)
            bound = (*values, *self._filters.lacking_values, variant.match, *self._filters.values, SCAN, POOL)
            fetched = self._connection.execute(query, bound).fetchall()
            rows = {row: share for row, share, _ in fetched}
            found.lacking.update((row, lacking) for row, _, lacking in fetched if lacking)
        found.cut |= len(rows) == POOL
        self._rows.update(rows)
        found.shares[place] = _best(found.shares[place], rows)

    def _members(self, group: Group, among: str) -> dict[int, float]:
        """Return how well rows found match a group that is too common to retrieve by."""
        quality = group.variants[0].quality
        shares = dict.fromkeys(self.holding(f"({among}) AND ({group.match})", SCAN), _WITHIN_REST * quality)
        in_name = self.holding(f"({among}) AND name : ({group.match})", SCAN)
        return shares | dict.fromkeys(in_name, _WITHIN_NAME * quality)

    def holding(self, match: str, most: int) -> list[int]:
        """Return the found rows that hold an expression; ``most`` rows of the index are looked at."""
        rows = self._connection.execute(_MEMBERS, (match, most))
        return [row for (row,) in rows if row in self._rows]

    def with_id(self, signal_id: str) -> int | None:
        """Return the row of an id, if it passes the filters."""
        condition = f"({self._filters.condition}) AND ({self._filters.lacking}) = 0"
        query = f"SELECT row FROM signals WHERE id = ? AND {condition}"
        bound = (signal_id, *self._filters.values, *self._filters.lacking_values)
        found = self._connection.execute(query, bound).fetchone()
        return None if found is None else int(found[0])

    def details(self, rows: Sequence[int]) -> dict[int, Details]:
        """Return what orders rows of equal score, and their names."""
        wanted = json.dumps([*rows])
        if self._principal:
            fetched = self._connection.execute(_OWN_DETAILS, (self._principal, wanted))
        else:
            fetched = self._connection.execute(_DETAILS, (wanted,))
        return {row: Details(*rest) for row, *rest in fetched}


_DETAILS = """SELECT row, id, name, coverage, cpm FROM signals WHERE row IN (SELECT value FROM json_each(?))"""
_OWN_DETAILS = _DETAILS.replace("coverage, cpm", f"coverage, {OWN_CPM}")
_MEMBERS = "SELECT rowid FROM signals_fts WHERE signals_fts MATCH ? LIMIT ?"
_PLAIN = """SELECT * FROM (SELECT rowid, min(bm25(signals_fts, ?, ?, ?, ?) * ? + ?, ?) AS share
    FROM signals_fts WHERE signals_fts MATCH ? LIMIT ?) ORDER BY share DESC, 1 LIMIT ?"""
_FILTERED = """SELECT * FROM (SELECT signals_fts.rowid, min(bm25(signals_fts, ?, ?, ?, ?) * ? + ?, ?) AS share,
        {lacking} AS lacking
    FROM signals_fts CROSS JOIN signals ON signals.row = signals_fts.rowid
    WHERE signals_fts MATCH ? AND {condition} LIMIT ?) ORDER BY lacking, share DESC, 1 LIMIT ?"""


def _best(left: dict[int, float], right: dict[int, float]) -> dict[int, float]:
    """Return the bigger share of each row of two."""
    if not left:
        return right
    return left | {row: share for row, share in right.items() if share > left.get(row, 0.0)}


def _within_budget(groups: tuple[Group, ...], places: list[int]) -> list[int]:
    """Return the places of the groups that retrieve: the rarest, and what the budget and the fillers leave."""
    taken = [place for place in places[:1] if not groups[place].filler]
    spent = sum(groups[place].frequency for place in taken)
    for place in places[1:]:
        spent += groups[place].frequency
        if groups[place].filler or spent > POSTINGS_BUDGET:
            break
        taken.append(place)
    return taken
