"""A ledger of blocks whose writes hold up nobody: a thread of its own makes them, in the order in which they came.

A block is in force at once, from memory. The request that brought it about may be answered in the thread of the
server's loop, which must never wait for a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from service.blocks import Ledger
from service.state import BlockRow


class DeferredLedger:
    """Stands before another ``Ledger``. After ``close`` nothing is written any more."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        # Its thread starts with the first write.
        self._writer = ThreadPoolExecutor(1, "ledger")

    def blocks(self) -> list[BlockRow]:
        """Return what was kept, read now."""
        return self._ledger.blocks()

    def keep_blocks(self, rows: Iterable[BlockRow]) -> None:
        self._later(self._ledger.keep_blocks, list(rows))

    def lift_block(self, client: str) -> None:
        self._later(self._ledger.lift_block, client)

    def forget_blocks_before(self, until: float) -> None:
        self._later(self._ledger.forget_blocks_before, until)

    def close(self) -> None:
        """Write what waits, and end."""
        self._writer.shutdown()

    def _later(self, write: Any, argument: object) -> None:
        # A request that outlived the service.
        with suppress(RuntimeError):
            self._writer.submit(write, argument)
