"""The activations in the state file. Every method runs in a transaction: what it returns was so, what it wrote is kept.

All raise ``Unwritten`` where the file cannot be used: an activation that cannot be written down is not accepted, and a
list that cannot be read is not shown as empty.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from service.activation.activation import Activation, Change, Errand
from service.activation.canonical import canonical
from service.activation.machine import Standing
from service.activation.orders import Account, Destination
from service.durable import DurableFile

HISTORY = 50
_COLUMNS = (
    "id, principal, account, signal, destination, state, action, delivery, course, adapter, sandbox, pricing_option, "
    "activation_key, reason, requested_at, changed_at, deployed_at, estimated_minutes, sent, attempts, due, patience"
)
_SELECT = f"SELECT {_COLUMNS} FROM activations"
_NAMES = _COLUMNS.split(", ")
_INSERT = f"INSERT INTO activations ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
_SET = ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name not in ("id", "principal"))


class Store:
    """Reads and writes activations. ``transaction`` makes several calls one. ``changed`` is told of each change of
    state, once it is written."""

    def __init__(self, file: DurableFile, changed: Callable[[Activation], object]) -> None:
        self._file = file
        self._changed = changed

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._file.transaction()

    def afterwards(self, call: Callable[[], object]) -> None:
        """Have something called once the transaction is committed."""
        self._file.afterwards(call)

    def of(self, principal: str, account: Account | None, signal: str, destination: Destination) -> Activation | None:
        """Return the activation of these four together."""
        where = "principal = ? AND account = ? AND signal = ? AND destination = ?"
        return self._one(where, (principal, account_key(account), signal, _text(destination.document())))

    def by_id(self, activation_id: str) -> Activation | None:
        return self._one("id = ?", (activation_id,))

    def keep(self, activation: Activation, before: Activation | None) -> None:
        """Write an activation as it is now; a change of its state since ``before`` becomes a step of its history."""
        with self._file.transaction() as database:
            database.execute(f"{_INSERT} ON CONFLICT (id) DO UPDATE SET {_SET}", _values(activation))
            if before is None or before.state != activation.state or before.reason != activation.reason:
                change = (activation.id, activation.changed_at, activation.state, activation.reason)
                database.execute("INSERT INTO activation_changes VALUES (?, ?, ?, ?)", change)
                _forget_old_steps(database, activation.id)
            if before is None or before.state != activation.state:
                self._file.afterwards(lambda: self._changed(activation))

    def history(self, activation_id: str) -> list[Change]:
        """Return the last steps of an activation, oldest first."""
        with self._file.transaction() as database:
            rows = database.execute(
                "SELECT at, state, reason FROM activation_changes WHERE activation = ? ORDER BY rowid", (activation_id,)
            ).fetchall()
        return [Change(*row) for row in rows]

    def page(
        self, principal: str, filters: Mapping[str, str], before: int | None, count: int
    ) -> list[tuple[int, Activation]]:
        """Return a principal's activations with their numbers, newest and below ``before``; ``filters`` by column."""
        wheres, values = ["principal = ?"], [principal, *filters.values()]
        wheres += [f"{column} = ?" for column in filters]
        if before is not None:
            wheres.append("number < ?")
        numbers = () if before is None else (before,)
        statement = (
            f"SELECT number, {_COLUMNS} FROM activations WHERE {' AND '.join(wheres)} ORDER BY number DESC LIMIT ?"
        )
        with self._file.transaction() as database:
            rows = database.execute(statement, (*values, *numbers, count)).fetchall()
        return [(row[0], _activation(row[1:])) for row in rows]

    def live(self, principal: str, account: Account | None) -> list[Activation]:
        """Return what a principal has live for an account."""
        where = "principal = ? AND account = ? AND state = 'live'"
        with self._file.transaction() as database:
            rows = database.execute(f"{_SELECT} WHERE {where}", (principal, account_key(account))).fetchall()
        return [_activation(row) for row in rows]

    def due(self, now: float, count: int) -> list[Activation]:
        """Return what is to be sent or asked after, longest due first."""
        with self._file.transaction() as database:
            rows = database.execute(f"{_SELECT} WHERE due <= ? ORDER BY due LIMIT ?", (now, count)).fetchall()
        return [_activation(row) for row in rows]

    def take_up(self, now: float) -> int:
        """Make due what was not delivered yet, whoever began it; return how much that is."""
        with self._file.transaction() as database:
            statement = "UPDATE activations SET due = ? WHERE due > ? AND NOT sent"
            return database.execute(statement, (now, now)).rowcount

    def count(self, principal: str) -> int:
        """Return how many activations a principal has."""
        with self._file.transaction() as database:
            rows = database.execute("SELECT count(*) FROM activations WHERE principal = ?", (principal,))
            return int(rows.fetchone()[0])

    def counts(self) -> tuple[dict[str, int], int]:
        """Return how many activations there are by state, and how many orders are under way."""
        with self._file.transaction() as database:
            rows = database.execute("SELECT state, count(*) FROM activations GROUP BY 1").fetchall()
            due = database.execute("SELECT count(*) FROM activations WHERE due IS NOT NULL").fetchone()[0]
        return dict(rows), due

    def failures(self, count: int) -> list[Activation]:
        """Return those that failed, latest first."""
        with self._file.transaction() as database:
            statement = f"{_SELECT} WHERE state = 'failed' ORDER BY changed_at DESC LIMIT ?"
            return [_activation(row) for row in database.execute(statement, (count,)).fetchall()]

    def forget_ended_before(self, at: float) -> int:
        """Forget what failed or was deactivated before a time and has nothing under way; return how many went."""
        with self._file.transaction() as database:
            ended = "state IN ('failed', 'deactivated') AND due IS NULL AND changed_at < ?"
            gone = database.execute(f"DELETE FROM activations WHERE {ended} RETURNING id", (at,)).fetchall()
            database.executemany("DELETE FROM activation_changes WHERE activation = ?", gone)
        return len(gone)

    def _one(self, where: str, values: Sequence[object]) -> Activation | None:
        with self._file.transaction() as database:
            row = database.execute(f"{_SELECT} WHERE {where}", values).fetchone()
        return None if row is None else _activation(row)


def account_key(account: Account | None) -> str:
    """Return what tells accounts apart; empty for none."""
    return "" if account is None else _text(account.document())


def _forget_old_steps(database: sqlite3.Connection, activation_id: str) -> None:
    old = "SELECT rowid FROM activation_changes WHERE activation = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?"
    database.execute(f"DELETE FROM activation_changes WHERE rowid IN ({old})", (activation_id, HISTORY))


def _text(document: Mapping[str, Any]) -> str:
    return canonical(document).decode()


def _values(one: Activation) -> tuple[object, ...]:
    standing, key = one.standing, one.activation_key
    return (
        *(one.id, one.principal, account_key(one.account), one.signal, _text(one.destination.document())),
        *(standing.state, standing.action, standing.delivery, standing.course),
        *(one.adapter, one.sandbox, one.pricing_option_id, None if key is None else json.dumps(dict(key)), one.reason),
        *(one.requested_at, one.changed_at, one.deployed_at, one.estimated_minutes, *one.errand),
    )


def _activation(row: Sequence[Any]) -> Activation:
    identity, principal, account, signal, destination, *rest = row
    state, action, delivery, course, adapter, sandbox, pricing, key, reason, *times = rest
    requested, changed, deployed, minutes, sent, attempts, due, patience = times
    return Activation(
        id=identity,
        principal=principal,
        account=_account(account),
        signal=signal,
        destination=_destination(json.loads(destination)),
        standing=Standing(state, action, delivery, course),
        adapter=adapter,
        sandbox=bool(sandbox),
        pricing_option_id=pricing,
        activation_key=None if key is None else json.loads(key),
        reason=reason,
        requested_at=requested,
        changed_at=changed,
        deployed_at=deployed,
        estimated_minutes=minutes,
        errand=Errand(bool(sent), attempts, due, patience),
    )


def _account(text: str) -> Account | None:
    if not text:
        return None
    found = json.loads(text)
    brand = found.get("brand", {}).get("domain", "")
    return Account(found.get("account_id", ""), brand, found.get("operator", ""), found.get("sandbox", False))


def _destination(found: Mapping[str, str]) -> Destination:
    return Destination(
        "agent" if found["type"] == "agent" else "platform",
        *(found.get(name, "") for name in ("platform", "agent_url", "account")),
    )
