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

_OWN = "ifnull((SELECT sights.{0} FROM sights WHERE sights.principal = ? AND sights.row = signals.row), signals.{0})"
OWN_CPM, OWN_CURRENCY = _OWN.format("cpm"), _OWN.format("currency")
"""What a signal costs the principal that is bound."""


@dataclass(slots=True)
class Filters:
    """``condition`` is true for what passes or lacks; ``lacking`` counts in bits what a row lacks, as ``names`` say.

    Their values are to be bound in this order, those of ``lacking`` where that stands in a statement.
    """

    condition: str = "1"
    values: list[object] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lacking: str = "0"
    lacking_values: list[object] = field(default_factory=list)

    @classmethod
    def of(cls, brief: Brief) -> Filters:
        """Return the filters of a brief; ``prepare`` the connection before they are used."""
        filters = cls()
        filters._listed("signals.kind", [kind.lower() for kind in brief.kinds])
        filters._listed("signals.signal_type", [*brief.signal_types])
        filters._listed("casefold(signals.data_provider)", [name.casefold() for name in brief.data_providers])
        if brief.max_cpm is not None:
            filters._priced(brief.max_cpm, brief.principal)
        if brief.min_coverage_percentage is not None:
            absent, least = "signals.coverage IS NULL", [brief.min_coverage_percentage]
            filters._unless_lacking("min_coverage_percentage", absent, "signals.coverage >= ?", least)
        filters._contained("countries", [code.strip().upper() for code in brief.countries])
        column = "places(signals.platforms, signals.deployments)" if brief.agents else "signals.platforms"
        filters._contained("platforms", [*(name.strip().lower() for name in brief.platforms), *brief.agents], column)
        if brief.priced and brief.max_cpm is None:
            own = [brief.principal] if brief.principal else []
            filters._unless_lacking("priced", f"{OWN_CPM if own else 'signals.cpm'} IS NULL", "1", [], own)
        if brief.priced and brief.min_coverage_percentage is None:
            filters._unless_lacking("covered", "signals.coverage IS NULL", "1", [])
        return filters

    def _priced(self, most: float, principal: str) -> None:
        """Compare with what a principal pays, or with what everybody does where there is none."""
        own = [principal] if principal else []
        cpm, currency = (OWN_CPM, OWN_CURRENCY) if own else ("signals.cpm", "signals.currency")
        at_most = f"{currency} = 'USD' AND {cpm} <= ?"
        self._unless_lacking("max_cpm", f"{cpm} IS NULL", at_most, [*own, *own, most], own)

    def _listed(self, column: str, wanted: list[str]) -> None:
        if wanted:
            self.condition += f" AND {column} IN ({', '.join('?' * len(wanted))})"
            self.values += map(_bindable, wanted)

    def _contained(self, name: str, wanted: list[str], column: str = "") -> None:
        if wanted:
            column = column or f"signals.{name}"
            some = " OR ".join([f"instr({column}, ?)"] * len(wanted))
            self._unless_lacking(name, f"{column} = ''", some, [f";{_bindable(item)};" for item in wanted])

    def _unless_lacking(
        self, name: str, absent: str, condition: str, values: Sequence[object], to_be_absent: Sequence[object] = ()
    ) -> None:
        self.condition += f" AND ({absent} OR ({condition}))"
        self.values += [*to_be_absent, *values]
        self.lacking += f" + ({absent}) * {1 << len(self.names)}"
        self.lacking_values += to_be_absent
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
