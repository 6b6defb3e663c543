"""Instances in this process that share one Redis: each has a book, a window and clocks of its own."""

from __future__ import annotations

import time

from service import redis_url
from service.blocks import Blocks
from service.fleet.clients import SharedClients
from service.fleet.lines import connector
from service.fleet.mirror import Mirror
from service.fleet.riding import Riding
from service.fleet.store import Store
from service.reading import Rate
from service.sliding_window import SlidingWindow
from service.state import BlockRow

ALICE, BOB = "192.0.2.1", "192.0.2.2"
UNHURRIED = 10.0  # so long may a busy machine take


class Ledger:
    """Keeps blocks as ``State`` does, in a dict."""

    def __init__(self):
        self.rows: dict[str, BlockRow] = {}

    def blocks(self):
        return list(self.rows.values())

    def keep_blocks(self, rows):
        self.rows.update({row.client: row for row in rows})

    def lift_block(self, client):
        self.rows.pop(client, None)

    def forget_blocks_before(self, until):
        self.rows = {client: row for client, row in self.rows.items() if row.until >= until}


class Instance:
    """What one service has of the fleet, without its walk."""

    def __init__(self, redis, rate=(100, 60), threshold=300, exempt=lambda client: False, enforce=True, ledger=None):
        self.store = Store(
            connector(redis_url.read(redis.url), UNHURRIED), time.monotonic, lambda ok, fault: None, UNHURRIED
        )
        self.ledger = ledger or Ledger()
        self.blocked: list[BlockRow] = []
        self.blocks = Blocks(threshold, self.ledger, time.time, enforce=enforce, exempt=exempt, on_block=self._on_block)
        self.window = SlidingWindow(*rate, time.monotonic)
        self.riding = Riding(time.monotonic)
        self.clients = SharedClients(
            self.store, self.window, self.blocks, self.riding, Rate(*rate), threshold, enforce=enforce, exempt=exempt
        )
        self.mirror = Mirror(self.store, self.clients, self.blocks)
        self.blocks.load()
        self.store.open(UNHURRIED)

    def _on_block(self, row):
        self.blocked.append(row)
        self.mirror.note(row)

    def ask(self, client=ALICE):
        """Walk as far as the limit; return the verdict, or None for a blocked client."""
        if self.clients.blocked_for(client) > 0:
            return None
        verdict = self.clients.hit(client)
        if not verdict.admitted:
            self.clients.told_to_wait(client, -(-verdict.reset_ms // 1000))
        return verdict

    def admits(self, client=ALICE):
        verdict = self.ask(client)
        return verdict is not None and verdict.admitted

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.store.close()
