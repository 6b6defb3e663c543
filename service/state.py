"""What must last across restarts, in one small file: blocks, what is asked most, proposals, keys, counts.

Every method is safe from any thread and, but for ``transaction``, never raises for the file's sake: what cannot be read
is absent, what cannot be written is said by ``status``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from service.activation.tables import SCHEMA as ACTIVATION_SCHEMA
from service.durable import DurableFile
from service.keys.book import SCHEMA as KEYS_SCHEMA
from service.keys.book import KeyBook
from service.messages import Proposal

PROPOSALS_KEPT = 10_000
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS blocks (client TEXT PRIMARY KEY, until REAL NOT NULL, times INTEGER NOT NULL,
                                   reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, text TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS proposals (id TEXT PRIMARY KEY, spec TEXT NOT NULL, name TEXT NOT NULL,
                                      description TEXT NOT NULL, rationale TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS proposals_of_spec ON proposals (spec, at);
{ACTIVATION_SCHEMA}
{KEYS_SCHEMA}
PRAGMA user_version = {_VERSION};
"""


class BlockRow(NamedTuple):
    """A client blocked until ``until`` (Unix seconds), for the ``times``-th time."""

    client: str
    until: float
    times: int
    reason: str


class Note(NamedTuple):
    """A short text, and when it was written (Unix seconds)."""

    text: str
    at: float


class State(DurableFile):
    """The file by what it holds. ``clock`` is Unix seconds; ``say`` is told of the file's troubles."""

    def __init__(self, path: Path, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        super().__init__(path, _SCHEMA, _VERSION, clock, say)

    @property
    def keys(self) -> KeyBook:
        """The book of API keys."""
        return KeyBook(self.run, self._clock)

    def blocks(self) -> list[BlockRow]:
        """Return the blocks that were kept, newest end last."""
        return [BlockRow(*row) for row in self.run("SELECT client, until, times, reason FROM blocks ORDER BY until")]

    def keep_blocks(self, rows: Iterable[BlockRow]) -> None:
        for row in rows:
            self.run("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", row)

    def lift_block(self, client: str) -> None:
        self.run("DELETE FROM blocks WHERE client = ?", (client,))

    def forget_blocks_before(self, until: float) -> None:
        """Forget blocks that ended before a Unix time."""
        self.run("DELETE FROM blocks WHERE until < ?", (until,))

    def secret(self, name: str) -> bytes:
        """Return a random key of 32 bytes that stays the same across restarts (while the file lives)."""
        fresh = secrets.token_bytes(32)
        self.run("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, fresh))
        rows = self.run("SELECT value FROM secrets WHERE name = ?", (name,))
        return bytes(rows[0][0]) if rows else fresh

    def keep_secret(self, name: str, value: bytes) -> None:
        """Have another key in the place of one."""
        self.run("INSERT OR REPLACE INTO secrets VALUES (?, ?)", (name, value))

    def note(self, name: str) -> Note | None:
        """Return what was noted last under a name."""
        rows = self.run("SELECT text, at FROM notes WHERE name = ?", (name,))
        return Note(*rows[0]) if rows else None

    def keep_note(self, name: str, text: str) -> None:
        self.run("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (name, text, self._clock()))

    def proposals(self, spec: str, count: int) -> tuple[Proposal, ...]:
        """Return the newest proposals that were kept for a spec."""
        rows = self.run(
            "SELECT id, name, description, rationale FROM proposals WHERE spec = ? ORDER BY at DESC, rowid LIMIT ?",
            (spec, count),
        )
        return tuple(Proposal(*row) for row in rows)

    def keep_proposals(self, spec: str, proposals: Iterable[Proposal]) -> None:
        """Keep proposals for a spec; the same one again becomes the newest."""
        at = self._clock()
        for one in proposals:
            row = (one.id, spec, one.name, one.description, one.rationale, at)
            self.run("INSERT OR REPLACE INTO proposals VALUES (?, ?, ?, ?, ?, ?)", row)

    def forget_old_proposals(self, kept: int = PROPOSALS_KEPT) -> int:
        """Forget all but the newest; return how many went."""
        old = "SELECT rowid FROM proposals ORDER BY at DESC LIMIT -1 OFFSET ?"
        return len(self.run(f"DELETE FROM proposals WHERE rowid IN ({old}) RETURNING id", (kept,)))
