"""The filters of a brief as SQL over a row of ``signals``, all values bound.

A row passes, fails, or lacks what a filter asks for. What lacks something fails as well, but is told apart, so that an
answer can say how many rows were left out for want of data.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.messages import Brief
from service.places import places


@dataclass(slots=True)
class Filters:
    """``condition`` is true for what passes or lacks; ``lacking`` counts in bits what a row lacks, as ``names`` say."""

    condition: str = "1"
    values: list[object] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lacking: str = "0"

    @classmethod
    def of(cls, brief: Brief) -> Filters:
        """Return the filters of a brief; ``prepare`` the connection before they are used."""
        filters = cls()
        filters._listed("signals.kind", [kind.lower() for kind in brief.kinds])
        filters._listed("signals.signal_type", [*brief.signal_types])
        filters._listed("casefold(signals.data_provider)", [name.casefold() for name in brief.data_providers])
        if brief.max_cpm is not None:
            at_most = "signals.currency = 'USD' AND signals.cpm <= ?"
            filters._unless_lacking("max_cpm", "signals.cpm IS NULL", at_most, [brief.max_cpm])
        if brief.min_coverage_percentage is not None:
            absent, least = "signals.coverage IS NULL", [brief.min_coverage_percentage]
            filters._unless_lacking("min_coverage_percentage", absent, "signals.coverage >= ?", least)
        filters._contained("countries", [code.strip().upper() for code in brief.countries])
        column = "places(signals.platforms, signals.deployments)" if brief.agents else "signals.platforms"
        filters._contained("platforms", [*(name.strip().lower() for name in brief.platforms), *brief.agents], column)
        if brief.priced and brief.max_cpm is None:
            filters._unless_lacking("priced", "signals.cpm IS NULL", "1", [])
        if brief.priced and brief.min_coverage_percentage is None:
            filters._unless_lacking("covered", "signals.coverage IS NULL", "1", [])
        return filters

    def _listed(self, column: str, wanted: list[str]) -> None:
        if wanted:
            self.condition += f" AND {column} IN ({', '.join('?' * len(wanted))})"
            self.values += map(_bindable, wanted)

    def _contained(self, name: str, wanted: list[str], column: str = "") -> None:
        if wanted:
            column = column or f"signals.{name}"
            some = " OR ".join([f"instr({column}, ?)"] * len(wanted))
            self._unless_lacking(name, f"{column} = ''", some, [f";{_bindable(item)};" for item in wanted])

    def _unless_lacking(self, name: str, absent: str, condition: str, values: Sequence[object]) -> None:
        self.condition += f" AND ({absent} OR ({condition}))"
        self.values += values
        self.lacking += f" + ({absent}) * {1 << len(self.names)}"
        self.names.append(name)


def _bindable(text: str) -> str:
    """Return ``text`` as SQLite takes it: half a character, which JSON can spell, has no UTF-8."""
    return text.encode("utf-8", "replace").decode()


def prepare(connection: sqlite3.Connection) -> None:
    """Give the connection what filters need: SQLite's own ``lower`` knows only a-z, and addresses need to be read."""
    try:
        connection.execute("SELECT casefold('')").close()
    except sqlite3.OperationalError:
        # Only where it is missing: SQLite refuses to replace a function while anything is being read.
        connection.create_function("places", 2, places, deterministic=True)
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
