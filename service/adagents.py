"""``/.well-known/adagents.json``: the provider's own signals, and who may sell them (AdCP, "adagents.json").

Only what is true and public: signals of type ``owned``, named and described as in the catalogue; this service as their
agent, where ``BASE_URL`` says what its address is. Sample data says so, and nobody is authorised to sell it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from service.catalogue.snapshot import Snapshot
from service.errors import NotFound
from service.messages import Request, Response
from service.signals import matches

LISTED = 10_000
"""Signals in the document, at most: the first by id."""
TAG = "owned"
_SAMPLE_NOTE = "This is sample data, invented to try the service out: nothing in it can be bought."
_CUT_NOTE = f"The provider has more signals than are listed here: these are the first {LISTED}."
_OWNED = "SELECT id, name, description, countries FROM signals WHERE signal_type = 'owned' ORDER BY id LIMIT ?"


class _Kept(NamedTuple):
    version: str
    body: bytes | None
    etag: str


class AdAgents:
    """The handler; what it made of a version of the catalogue is kept. ``agent_url`` is this service's, if it knows."""

    def __init__(self, borrow: Callable[[], AbstractContextManager[Snapshot]], agent_url: str | None) -> None:
        self._borrow = borrow
        self._agent_url = agent_url
        self._kept: _Kept | None = None
        self._making = threading.Lock()

    def __call__(self, request: Request, argument: str) -> Response:
        """Answer with the document, or ``NotFound`` where the provider has no signals of its own."""
        with self._making, self._borrow() as snapshot:
            kept = self._kept
            if kept is None or kept.version != snapshot.version:
                kept = self._kept = self._made(snapshot)
        if kept.body is None:
            raise NotFound("There are no signals of the provider's own here.")
        headers = [("ETag", kept.etag), ("Cache-Control", "public, max-age=300")]
        if matches(request.header("If-None-Match"), kept.etag):
            return Response(304, b"", headers)
        return Response(200, kept.body, [("Content-Type", "application/json"), *headers])

    def _made(self, snapshot: Snapshot) -> _Kept:
        told = document(snapshot.connection(), self._agent_url, sample=snapshot.sample)
        if told is None:
            return _Kept(snapshot.version, None, "")
        told["last_updated"] = snapshot.loaded_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        tag = hashlib.blake2b(body, digest_size=9).hexdigest()
        return _Kept(snapshot.version, body, f'W/"{tag}"')


def document(connection: sqlite3.Connection, agent_url: str | None, *, sample: bool) -> dict[str, Any] | None:
    """Return the document of a catalogue; None where it has no owned signals, for the document needs one."""
    rows = connection.execute(_OWNED, (LISTED + 1,)).fetchall()
    if not rows:
        return None
    notes = [note for note, holds in ((_SAMPLE_NOTE, sample), (_CUT_NOTE, len(rows) > LISTED)) if holds]
    told: dict[str, Any] = {"message": " ".join(notes)} if notes else {}
    if sample:
        told["sample"] = True
    told["signals"] = [_signal(*row) for row in rows[:LISTED]]
    told["signal_tags"] = {TAG: {"name": "Owned", "description": "Signals of the provider's own."}}
    agents = [] if sample or agent_url is None else [_agent(agent_url)]
    return told | {"authorized_agents": agents}


def _signal(signal_id: str, name: str, description: str, countries: str) -> dict[str, Any]:
    # In or out of a segment is all that a signal here ever says of anybody.
    told: dict[str, Any] = {"id": signal_id, "name": name[:255], "value_type": "binary", "tags": [TAG]}
    if description:
        told["description"] = description
    if countries:
        told["countries"] = countries.strip(";").split(";")
    return told


def _agent(url: str) -> dict[str, Any]:
    return {
        "url": url,
        "authorized_for": "All signals of the provider's own, through the provider's own agent.",
        "authorization_type": "signal_tags",
        "signal_tags": [TAG],
    }


def agent_url_of(base_url: str | None, endpoints: frozenset[str]) -> str | None:
    """Return the address of this service's agent: what AdCP clients speak to, where that is served; https alone."""
    if base_url is None or not base_url.lower().startswith("https://"):
        return None
    return base_url.rstrip("/") + ("/mcp" if "/mcp" in endpoints else "")
