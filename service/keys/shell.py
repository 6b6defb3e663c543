"""What the keys' commands do, over two streams: the part of the command line that a test can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from service.keys import token
from service.keys.book import Key, KeyBook
from service.reading import Rate

_SECONDS = {"d": 86_400, "h": 3600, "m": 60}
_LONGEST_SECONDS = 100 * 366 * 86_400
_TITLES = ("ID", "NAME", "STATE", "CREATED", "EXPIRES", "LIMIT")


def expiry(text: str, now: float) -> float:
    """Return the Unix time that ``90d``, ``12h``, ``30m`` or an ISO date means; raises ``ValueError``."""
    wanted = ValueError("a time to come, such as 90d, 12h or 2027-01-31")
    found = re.fullmatch(r"([0-9]{1,9})([dhm])", text.strip().lower())
    if found:
        at = now + int(found[1]) * _SECONDS[found[2]]
    else:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise wanted from None
        at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not now < at <= now + _LONGEST_SECONDS:
        raise wanted
    return at


class Shell:
    """The commands over a book of keys; each returns its exit code. ``clock`` is Unix seconds."""

    def __init__(self, book: KeyBook, clock: Callable[[], float], stdout: TextIO, stderr: TextIO) -> None:
        self._book = book
        self._clock = clock
        self._stdout = stdout
        self._stderr = stderr

    def create(self, name: str, expires_at: float | None, rate: Rate | None, *, as_json: bool) -> int:
        """Make a key and print it: the only time that anybody sees it."""
        made = self._book.create(name, expires_at, rate)
        if made is None:
            return 2
        key, text = made
        if as_json:
            self._tell(json.dumps(self._document(key) | {"key": text}))
            return 0
        self._tell(text)
        until = f" until {_day(expires_at)}" if expires_at else ""
        self._say(f"{name}'s new key, id {key.id}{until}. It is not kept and cannot be shown again.")
        return 0

    def list(self, *, as_json: bool) -> int:
        """Print all keys: as a table, or as a JSON array."""
        documents = [self._document(key) for key in self._book.all()]
        if as_json:
            self._tell(json.dumps(documents))
            return 0
        rows = [_TITLES, *(_cells(document) for document in documents)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self._tell("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if not documents:
            self._say("no keys yet: python -m service.keys create NAME")
        return 0

    def revoke(self, key_id: str, *, as_json: bool) -> int:
        """Revoke a key; one that was revoked before stays so."""
        # Whoever pastes the whole key means its id.
        key = self._book.revoke(token.id_of(key_id) or key_id)
        if key is None:
            self._say("error: there is no key with this id (list shows them)")
            return 1
        if as_json:
            self._tell(json.dumps(self._document(key)))
        else:
            self._tell(f"{key.principal.name}'s key {key.id} is revoked")
        return 0

    def _document(self, key: Key) -> dict[str, Any]:
        return {
            "id": key.id,
            "name": key.principal.name,
            "state": key.state(self._clock()),
            "created_at": _iso(key.created_at),
            "expires_at": _iso(key.expires_at),
            "revoked_at": _iso(key.revoked_at),
            "rate_limit": f"{key.rate.requests}/{key.rate.seconds}" if key.rate else None,
        }

    def _tell(self, result: str) -> None:
        self._stdout.write(result + "\n")

    def _say(self, remark: str) -> None:
        self._stderr.write(remark + "\n")


def _cells(document: Mapping[str, Any]) -> tuple[str, ...]:
    created, expires = document["created_at"][:10], document["expires_at"]
    shown = (document["id"], document["name"], document["state"], created)
    return (*shown, expires[:16].replace("T", " ") if expires else "never", document["rate_limit"] or "default")


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
