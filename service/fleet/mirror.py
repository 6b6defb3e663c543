"""Keeps this instance's own book of blocks in step with the one in Redis, every two seconds.

So operators see every block on every instance, and all are enforced while Redis is down. What this instance blocked by
itself meanwhile is brought to Redis, and everything it knows when Redis has lost its memory, which a marker tells.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from service.blocks import Blocks
from service.fleet.clients import BLOCKS, SharedClients
from service.fleet.naming import name, text
from service.fleet.scripts import load
from service.fleet.store import Store
from service.state import BlockRow

BRING = load("common", "conduct", "bring")
MARKER = name("marker")
PULLED = 1000
BROUGHT = 1000
_DAY_MS = 86_400_000


class Mirror:
    """``clients`` knows what was lifted while Redis was down."""

    def __init__(self, store: Store, clients: SharedClients, blocks: Blocks) -> None:
        self._store = store
        self._clients = clients
        self._blocks = blocks
        self._memory: bytes | None = None
        self._own: dict[str, BlockRow] = {}

    def note(self, row: BlockRow) -> None:
        """Bring a block of this instance to Redis the next time."""
        if len(self._own) < BROUGHT:
            self._own[row.client] = row

    def __call__(self) -> None:
        """Bring what is new here and take what is new there; the job of the timetable."""
        memory = self._store.call(_memory, None)
        if memory is None:
            return
        self._clients.lift_the_rest()
        rows = self._blocks.current()[:BROUGHT] if memory != self._memory else list(self._own.values())
        if not self._bring(rows):
            return
        self._memory = memory
        found = self._store.call(_running, None)
        if found is not None:
            rows, garbage = _read(*found)
            self._store.pass_over(garbage)
            self._blocks.follow(rows, complete=len(found[0]) < PULLED)

    def _bring(self, rows: Sequence[BlockRow]) -> bool:
        for row in rows:
            arguments = (text(row.client), b"%.3f" % row.until, b"%d" % row.times, row.reason.encode())
            if self._store.run(BRING, (name("block", row.client), BLOCKS), arguments) is None:
                return False
            self._own.pop(row.client, None)
        return True


def _memory(client: Redis) -> bytes | None:
    """Return what Redis remembers itself by: another text after it has forgotten everything."""
    client.set(MARKER, secrets.token_hex(8), nx=True, px=_DAY_MS)
    client.pexpire(MARKER, _DAY_MS)
    try:
        found = client.get(MARKER)
    except ResponseError:
        client.delete(MARKER)
        raise
    return found if isinstance(found, bytes) else None


def _running(client: Redis) -> tuple[list[tuple[bytes, float]], list[Any]]:
    """Return (client, end in Unix milliseconds) of the blocks that end last, and the lines that tell of them."""
    found: Any = client.zrevrange(BLOCKS, 0, PULLED - 1, withscores=True)
    if not found:
        return [], []
    lines: Any = client.mget([b"%b%b" % (name("block", ""), who) for who, _ in found])
    return [(bytes(who), float(ends)) for who, ends in found], list(lines)


def _read(found: Sequence[tuple[bytes, float]], lines: Sequence[Any]) -> tuple[list[BlockRow], int]:
    """Return the rows that the lines mean, and how many mean nothing."""
    rows: list[BlockRow] = []
    for (client, ends), line in zip(found, lines, strict=True):
        try:
            _, times, reason = (line or b"0 1 unknown").decode().split(" ", 2)
            rows.append(BlockRow(client.decode(), ends / 1000, max(1, int(times)), reason))
        except (AttributeError, ValueError):
            continue
    return rows, len(found) - len(rows)
