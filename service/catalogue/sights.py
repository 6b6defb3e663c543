"""The private half of an import: rows that only some may see, and prices of single principals.

Private rows stand in a table of their own, under negative row numbers, so that nothing public is counted, weighed or
numbered by them. A sight is what one principal sees and others do not: a private row, or a price. The version of a
viewer is the sum of the digests of its sights: it tells nothing of what others see.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from service.catalogue.public_rows import Put
from service.catalogue.records import COLUMNS, digest, moved, to_record
from service.catalogue.schema import EMPTY_VERSION, write_meta
from service.messages import Price, Signal

_MARKS = ", ".join("?" * (len(COLUMNS) + 2))
_PUT = f"INSERT OR REPLACE INTO private_signals(row, {', '.join(COLUMNS)}, digest) VALUES({_MARKS})"
_HELD = "SELECT id, row, digest FROM private_signals WHERE id IN (SELECT value FROM json_each(?))"
_PUBLIC = "SELECT id, row FROM signals WHERE id IN (SELECT value FROM json_each(?))"
_SIGHTS = "SELECT row, principal, cpm, currency FROM sights WHERE row IN (SELECT value FROM json_each(?))"
_ROWS_AT_ONCE = 10_000

_Sight = tuple[str, float | None, str | None]
"""A principal, and the price for it if it has one of its own."""


class Sights:
    """One import's private part over ``connection``; a catalogue without any costs next to nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        lowest, self.count = connection.execute(
            "SELECT coalesce(min(row), 0), count(*) FROM private_signals"
        ).fetchone()
        self._next_row = lowest - 1
        self._any = connection.execute("SELECT 1 FROM sights LIMIT 1").fetchone() is not None
        self._changed = False

    def apart(self, batch: Sequence[Signal]) -> tuple[list[Signal], list[Signal]]:
        """Return the public and the private signals of a batch, with what their file did not tell as it was."""
        if not self._any and not any(signal.visible_to or signal.prices for signal in batch):
            return list(batch), []
        before = self._before([signal.id for signal in batch])
        whole = [_filled(signal, before.get(signal.id, [])) for signal in batch]
        return [one for one in whole if not one.visible_to], [one for one in whole if one.visible_to]

    def put(self, signals: Sequence[Signal]) -> Put:
        """Write private signals, each of another id."""
        held = {identity: (row, old) for identity, row, old in self._run(_HELD, [one.id for one in signals])}
        rows: list[int] = []
        inserted: set[str] = set()
        updated: set[str] = set()
        for signal in signals:
            record = to_record(signal)
            row, old = held.get(signal.id, (0, b""))
            new = digest(record)
            if not row:
                row, self._next_row = self._next_row, self._next_row - 1
                inserted.add(signal.id)
            if new != old:
                self._connection.execute(_PUT, (row, *record, new))
            changed = self._see(row, new, signal)
            if old and (changed or new != old):
                updated.add(signal.id)
            rows.append(row)
        return Put(rows, inserted, updated)

    def price(self, signals: Sequence[Signal]) -> set[str]:
        """Write the prices of public signals, which are in the catalogue by now; return the ids where they changed."""
        priced = [signal for signal in signals if self._any or signal.prices]
        rows = dict(self._run(_PUBLIC, [signal.id for signal in priced])) if priced else {}
        return {signal.id for signal in priced if self._see(rows[signal.id], signal.id.encode(), signal)}

    def publish(self, identities: Iterable[str]) -> set[str]:
        """Forget that these were private, for they are public now; return the ids of those that were."""
        held = self._run(_HELD, [*identities]) if self._any else []
        self._forget([row for _, row, _ in held])
        return {identity for identity, _, _ in held}

    def remove_others(self) -> int:
        """Remove the private rows that are not in the table ``kept``; return how many."""
        query = "SELECT row FROM private_signals WHERE row NOT IN (SELECT row FROM kept)"
        rows = [row for (row,) in self._connection.execute(query)]
        self._forget(rows)
        return len(rows)

    def close(self) -> None:
        """Bring the versions of the viewers up to date."""
        if self._any:
            gone = "DELETE FROM sights WHERE row > 0 AND row NOT IN (SELECT row FROM signals)"
            self._changed |= self._connection.execute(gone).rowcount > 0
        if not self._changed:
            return
        digests: dict[str, list[bytes]] = defaultdict(list)
        for principal, seen in self._connection.execute("SELECT principal, digest FROM sights"):
            digests[principal].append(seen)
        versions = {name: moved(EMPTY_VERSION, seen, ()) for name, seen in digests.items()}
        told = dict(self._connection.execute("SELECT principal, version FROM viewers").fetchall())
        new = [(name, version) for name, version in versions.items() if told.get(name) != version]
        gone_too = [(name,) for name in told if name not in versions]
        self._connection.executemany("DELETE FROM viewers WHERE principal = ?", gone_too)
        self._connection.executemany(
            "INSERT OR REPLACE INTO viewers VALUES(?, ?, ?)", [(*one, secrets.token_hex(8)) for one in new]
        )
        write_meta(self._connection, sights=secrets.token_hex(8))

    def _run(self, query: str, values: Sequence[str] | Sequence[int]) -> list[Any]:
        return self._connection.execute(query, (json.dumps([*values]),)).fetchall() if values else []

    def _before(self, identities: list[str]) -> dict[str, list[tuple[int, _Sight]]]:
        """Return by id the row and the sights of what is in the catalogue already."""
        names = {row: identity for identity, row in self._run(_PUBLIC, identities)}
        names |= {row: identity for identity, row, _ in self._run(_HELD, identities)}
        found: dict[str, list[tuple[int, _Sight]]] = defaultdict(list)
        for row, *sight in self._run(_SIGHTS, [*names]):
            found[names[row]].append((row, tuple(sight)))
        return found

    def _see(self, row: int, content: bytes, signal: Signal) -> bool:
        """Make the sights of a row those of its signal; return whether they were others."""
        query = "SELECT principal, cpm, currency, digest FROM sights WHERE row = ?"
        held = {tuple(sight): seen for *sight, seen in self._connection.execute(query, (row,))}
        wanted = {sight: _digest(content, sight) for sight in _sights_of(signal)}
        if wanted == held:
            return False
        self._connection.execute("DELETE FROM sights WHERE row = ?", (row,))
        self._connection.executemany(
            "INSERT INTO sights(principal, row, cpm, currency, digest) VALUES(?, ?, ?, ?, ?)",
            [(principal, row, cpm, currency, seen) for (principal, cpm, currency), seen in wanted.items()],
        )
        self._any = self._changed = True
        return True

    def _forget(self, rows: Sequence[int]) -> None:
        self._changed |= bool(rows)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = [(row,) for row in rows[start : start + _ROWS_AT_ONCE]]
            self._connection.executemany("DELETE FROM private_signals WHERE row = ?", some)
            self._connection.executemany("DELETE FROM sights WHERE row = ?", some)


def _sights_of(signal: Signal) -> list[_Sight]:
    priced = {price.principal: price for price in signal.prices}
    names = signal.visible_to or priced
    return [(name, *priced[name][1:]) if name in priced else (name, None, None) for name in names]


def _digest(content: bytes, sight: _Sight) -> bytes:
    """Return what stands for what one principal sees; nothing in it is about anybody else."""
    return blake2b(content + b"\x1f" + repr(sight[1:]).encode(), digest_size=16).digest()


def _filled(signal: Signal, before: Sequence[tuple[int, _Sight]]) -> Signal:
    """Return the signal with what its file did not tell: who may see it, and the prices, as they were."""
    changes: dict[str, Any] = {}
    if not signal.visible_to and "visible_to" not in signal.told:
        changes["visible_to"] = tuple(sorted(name for row, (name, _, _) in before if row < 0))
    if not signal.prices and "prices" not in signal.told:
        kept = (Price(name, cpm, str(currency)) for _, (name, cpm, currency) in before if cpm is not None)
        changes["prices"] = tuple(sorted(kept))
    return replace(signal, **changes) if changes else signal
