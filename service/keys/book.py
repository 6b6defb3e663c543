"""The book of keys, in the file of what must last: principals by name, and the digests of their keys.

Any process may write it while the service runs. A principal outlives its keys: whoever gets a new key under an old name
is the same one. Nothing here tells a key: its digest alone is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from service.keys import token
from service.messages import Principal
from service.reading import Rate

SCHEMA = """
CREATE TABLE IF NOT EXISTS principals (id TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, principal TEXT NOT NULL REFERENCES principals,
                                 digest BLOB NOT NULL, created_at REAL NOT NULL, expires_at REAL, revoked_at REAL,
                                 requests INTEGER, seconds INTEGER) WITHOUT ROWID;
"""
_COLUMNS = "keys.id, principals.id, name, digest, created_at, expires_at, revoked_at, requests, seconds"
_FROM = "FROM keys JOIN principals ON principals.id = keys.principal"

Run = Callable[..., list[Any]]


class Key(NamedTuple):
    """A key as it is kept. Times are Unix seconds; ``rate`` is None where the setting's holds."""

    id: str
    principal: Principal
    digest: bytes
    created_at: float
    expires_at: float | None
    revoked_at: float | None
    rate: Rate | None

    def state(self, now: float) -> str:
        """Return ``active``, ``revoked`` or ``expired``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


class KeyBook:
    """Over ``run``, a ``StateFile``'s: what cannot be read is absent. ``clock`` is Unix seconds."""

    def __init__(self, run: Run, clock: Callable[[], float]) -> None:
        self._run = run
        self._clock = clock

    def create(self, name: str, expires_at: float | None = None, rate: Rate | None = None) -> tuple[Key, str] | None:
        """Make a key for the principal of this name; return it and its text, or None if it could not be written."""
        made = token.make()
        self._run("INSERT OR IGNORE INTO principals VALUES (?, ?)", (f"pr_{secrets.token_hex(6)}", name))
        limits = rate or (None, None)
        self._run(
            "INSERT INTO keys SELECT ?, id, ?, ?, ?, NULL, ?, ? FROM principals WHERE name = ?",
            (made.id, token.digest(made.text), self._clock(), expires_at, *limits, name),
        )
        key = self.find(made.id)
        return None if key is None else (key, made.text)

    def revoke(self, key_id: str) -> Key | None:
        """Revoke a key for good; return it as it is kept now, or None if there is none with this id."""
        self._run("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (self._clock(), key_id))
        return self.find(key_id)

    def find(self, key_id: str) -> Key | None:
        """Return the key with this id, or None."""
        rows = self._run(f"SELECT {_COLUMNS} {_FROM} WHERE keys.id = ?", (key_id,))
        return _key(rows[0]) if rows else None

    def any(self) -> bool:
        """Return whether a key was ever made."""
        return bool(self._run("SELECT 1 FROM keys LIMIT 1"))

    def all(self) -> list[Key]:
        """Return all keys, by name and age."""
        return [_key(row) for row in self._run(f"SELECT {_COLUMNS} {_FROM} ORDER BY name, created_at, keys.id")]


def _key(row: tuple[Any, ...]) -> Key:
    key_id, principal_id, name, digest, created_at, expires_at, revoked_at, requests, seconds = row
    rate = None if requests is None else Rate(requests, seconds)
    return Key(key_id, Principal(principal_id, name), bytes(digest), created_at, expires_at, revoked_at, rate)
