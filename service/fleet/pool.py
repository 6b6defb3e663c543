"""Connections to Redis that are open and wait to be borrowed, the one used last on top.

Whoever finds none rings for the keeper, who makes one, and waits as long as for an answer; meanwhile one that another
thread gives back does as well. So there are no more of them than there were callers at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, LifoQueue
from typing import Any

from redis import Redis
from redis.connection import Connection, ConnectionPool
from redis.exceptions import RedisError, ResponseError

IDLE_SECONDS = 1.0  # a connection that lay for longer is looked at before it is used
FAILURES = (RedisError, OSError, ValueError)  # the last for what is not Redis' protocol at all


class Pool:
    """``now`` is monotonic seconds; ``wanted`` counts who rang."""

    def __init__(self, now: Callable[[], float], wait_seconds: float) -> None:
        self.keeps = False
        self.wanted = threading.Semaphore(0)
        self._now = now
        self._wait_seconds = wait_seconds
        self._free: LifoQueue[tuple[Connection, float]] = LifoQueue()

    def __len__(self) -> int:
        return self._free.qsize()

    def borrow(self) -> Connection:
        """Return an open connection, to be given back. Raises ``TimeoutError`` where none comes in time."""
        try:
            connection, used = self._free.get(block=False)
            while self._now() - used > IDLE_SECONDS and not _lives(connection):
                connection.disconnect()
                connection, used = self._free.get(block=False)
        except Empty:
            self.wanted.release()
            try:
                connection, _ = self._free.get(timeout=self._wait_seconds)
            except Empty:
                raise TimeoutError("no connection to Redis came in time") from None
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take a connection; one that broke is forgotten, and all are closed unless they are to be kept."""
        if connection.is_connected:
            self._free.put((connection, self._now()))
            if not self.keeps:
                self.hang_up()

    def hang_up(self) -> None:
        """Close all that wait."""
        while True:
            try:
                connection, _ = self._free.get_nowait()
            except Empty:
                return
            connection.disconnect()

    def client(self) -> Redis:
        """Return the client's own interface over these connections."""
        return Redis(connection_pool=_Borrowing(self))


class _Borrowing(ConnectionPool):
    """A pool as the client wants one, which makes no connection: it borrows."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(protocol=2)
        self._pool = pool

    def get_connection(self, command_name: str | None = None, *keys: Any, **options: Any) -> Connection:
        return self._pool.borrow()

    def release(self, connection: Any) -> None:
        self._pool.give_back(connection)


def ask(connection: Connection, packed: bytes) -> Any:
    """Send a packed command and return its reply. Raises one of ``FAILURES``; a broken connection is closed then."""
    try:
        connection.send_packed_command((packed,), check_health=False)
        return connection.read_response(disable_decoding=True)
    except ResponseError:
        raise  # a whole answer: the connection is as good as before
    except BaseException:
        connection.disconnect()
        raise


def _lives(connection: Connection) -> bool:
    """Return whether an idle connection is still open: nothing was asked, so there is nothing to be read."""
    try:
        return not connection.can_read(0)
    except FAILURES:
        return False
