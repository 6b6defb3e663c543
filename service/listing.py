"""Signals without a ranking: all that pass the filters, or those that are asked for by reference, in the order of ids.

A page begins behind an id, not at a number, so that a walk through the pages goes on soundly when the catalogue changes
on the way: what stays is listed once, what came or went meanwhile may be missed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast

from service.bounded import BoundedStore
from service.catalogue.records import moved
from service.catalogue.schema import EMPTY_VERSION
from service.messages import Brief, Ref, Signal
from service.ranking.filters import Filters, prepare
from service.ranking.passing import PASSES, lack
from service.ranking.viewing import View

_SUMMARIES = 256
_ROWS_AT_ONCE = 10_000
_NATIVE = "(signal_type <> 'marketplace' OR provider_domain = '')"  # as in adcp.references
_NATIVE = "(signal_type = 'owned' OR provider_domain = '')"  # as adcp.references has it
_HTTPS = "https://"


class Library(Protocol):
    """One unchanging version of the catalogue."""

    @property
    def version(self) -> str: ...

    def connection(self) -> sqlite3.Connection: ...


class Summary(NamedTuple):
    """How many signals a listing holds, how many were left out for want of data, by filter name, and the name of its
    content, equal on every machine."""

    total: int
    left_out: dict[str, int]
    version: str


class Listed(NamedTuple):
    """Rows of one page with the id of the last, whether there are more, and what is true of all pages."""

    rows: list[int]
    last_id: str
    more: bool
    summary: Summary


def fingerprint(version: str, brief: Brief) -> str:
    """Return 16 hex digits that stand for a listing of one version of the catalogue."""
    text = repr(("listing", version, brief))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Listing:
    """Lists; remembers what is true of all pages. ``own_address`` is what native signals without a domain of
    their own go by."""

    def __init__(self, own_address: str) -> None:
        self._own_address = own_address
        self._summaries: BoundedStore[str, Summary] = BoundedStore(_SUMMARIES, _SUMMARIES)

    def page(self, library: Library, brief: Brief, after: str, most: int) -> Listed:
        """Return the rows behind the id ``after``, ``most`` at most."""
        connection = library.connection()
        prepare(connection)
        filters, (named, names) = Filters.of(brief), self._named(brief.refs)
        within = f"({named}) AND {filters.condition}"
        query = f"SELECT id, row FROM signals WHERE id > ? AND {within} AND ({filters.lacking}) = 0 ORDER BY id LIMIT ?"
        values = (after, *names, *filters.values, *filters.lacking_values, most + 1)
        found: list[tuple[str, int]] = connection.execute(query, values).fetchall()
        own = [(one.id, row) for row, one, lacking in self._own(library, brief) if lacking == PASSES and one.id > after]
        found = sorted([*found, *own])
        shown = found[:most]
        summary = self.summary(library, brief)
        return Listed([row for _, row in shown], shown[-1][0] if shown else "", len(found) > most, summary)

    def summary(self, library: Library, brief: Brief) -> Summary:
        """Return what is true of all pages; the first time it reads all of them."""
        key = fingerprint(library.version, brief)
        known = self._summaries.get(key)
        if known is None:
            known = self._read(library, brief)
            self._summaries.put(key, known, 1)
        return known

    def _read(self, library: Library, brief: Brief) -> Summary:
        connection = library.connection()
        prepare(connection)
        filters, (named, names) = Filters.of(brief), self._named(brief.refs)
        lacking, version = Counter[int](), EMPTY_VERSION
        query = f"SELECT {filters.lacking}, digest FROM signals WHERE ({named}) AND {filters.condition}"
        rows = connection.execute(query, (*filters.lacking_values, *names, *filters.values))
        for some in iter(lambda: rows.fetchmany(_ROWS_AT_ONCE), []):
            lacking.update(lacks for lacks, _ in some)
            version = moved(version, (digest for lacks, digest in some if not lacks), ())
        left_out = Counter({name: lacking[1 << place] for place, name in enumerate(filters.names)})
        own = [lacks for _, _, lacks in self._own(library, brief)]
        left_out.update(lacks for lacks in own if lacks)
        if brief.viewer:
            version += f"-{hashlib.blake2b(brief.viewer.encode(), digest_size=8).hexdigest()}"
        return Summary(
            lacking[0] + own.count(PASSES), {name: count for name, count in left_out.items() if count}, version
        )

    def _own(self, library: Library, brief: Brief) -> list[tuple[int, Signal, str | None]]:
        """Return what is private to the viewer of a brief and referred to, with what each lacks to pass the filters."""
        private = cast(View, library).overlay() if brief.viewer else None
        if private is None:
            return []
        signals = [(row, one) for row, one in private.own.items() if not brief.refs or self._is_named(one, brief.refs)]
        return [(row, one, lack(one, brief)) for row, one in signals]

    def _is_named(self, signal: Signal, refs: Sequence[Ref]) -> bool:
        native = signal.signal_type == "owned" or not signal.provider_domain
        return any(
            ref.id == signal.id and ref.source == native and signal.provider_domain in self._domains(ref)
            for ref in refs
        )

    def _named(self, refs: Sequence[Ref]) -> tuple[str, list[object]]:
        """Return the condition of being one of these signals, with its values."""
        parts: list[str] = []
        values: list[object] = []
        for ref in refs:
            domains = self._domains(ref)
            kind = _NATIVE if ref.source else f"NOT {_NATIVE}"
            parts.append(f"(id = ? AND {kind} AND provider_domain IN ({', '.join('?' * len(domains))}))")
            values += [ref.id, *domains]
        return " OR ".join(parts) or "1", values

    def _domains(self, ref: Ref) -> list[str]:
        if not ref.source:
            return [ref.place]
        own = [""] if ref.place == self._own_address else []
        return [*own, ref.place.removeprefix(_HTTPS)] if ref.place.startswith(_HTTPS) else own
