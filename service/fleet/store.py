"""Redis as the rest sees it: up or down, never an exception, never a wait longer than one socket time-out.

While it is up, callers borrow open connections. After a fault it is *down*: everybody gets the local answer at once and
no request touches a socket, until the keeper, one thread, has found that it takes writes again. Callers never connect
(name servers, TLS and sentinels know no deadline): the keeper does, and they wait for it no longer than for an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, LifoQueue
from typing import Any, TypeVar

from redis import Redis
from redis.connection import Connection, ConnectionPool
from redis.exceptions import NoScriptError, RedisError, ResponseError

from service.fleet.faults import FAULTS, Fault, fault_of, is_garbage
from service.fleet.lines import Connect
from service.fleet.script import Call, Script, pack

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0
STEADY_SECONDS = 10.0  # whoever stays up for so long is probed quickly again after the next fault
IDLE_SECONDS = 1.0  # a connection that lay for longer is looked at before it is used
LAST_SECONDS = 1.0
_PROBE = pack((b"SET", b"sa1:probe", b"1", b"PX", b"10000"))
FAILURES = (RedisError, OSError, ValueError)  # the last for what is not Redis' protocol at all

T = TypeVar("T")
Changed = Callable[[bool, Fault | None], None]


class Store:
    """``connect`` makes a connection whose socket waits ``wait_seconds``; ``now`` is monotonic seconds;
    ``changed(ok, fault)`` is told of each change."""

    def __init__(self, connect: Connect, now: Callable[[], float], changed: Changed, wait_seconds: float) -> None:
        self.ok = False
        self.garbage = 0
        self._connect = connect
        self._now = now
        self._changed = changed
        self._wait_seconds = wait_seconds
        self._since = now()
        self._failures: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self._spell = 0  # how often it came up
        self._pause = FIRST_PAUSE_SECONDS
        self._free: LifoQueue[tuple[Connection, float]] = LifoQueue()
        self._lock = threading.Lock()
        self._wanted = threading.Semaphore(0)
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._client = Redis(connection_pool=_Borrowing(self))
        self._keeper = threading.Thread(target=self._keep, name="redis-keeper", daemon=True)

    def open(self, patience_seconds: float = 1.0) -> None:
        """Begin to keep connections; return as soon as it is known whether there is a Redis, or patience ends."""
        self._keeper.start()
        self._tried.wait(patience_seconds)

    def close(self) -> None:
        """Close what is open; everybody gets the local answer from now on."""
        self._closing.set()
        self.ok = False
        self._wanted.release()
        if self._keeper.is_alive():
            self._keeper.join(LAST_SECONDS)
        self._hang_up()

    @property
    def failures(self) -> Mapping[str, int]:
        """How often a caller or the keeper met a fault, by its word."""
        with self._lock:
            return dict(self._failures)

    @property
    def seconds(self) -> float:
        """For how many seconds it has been as it is."""
        return self._now() - self._since

    def pass_over(self, count: int = 1) -> None:
        """Count data under our keys that makes no sense to us."""
        if count:
            with self._lock:
                self.garbage += count

    def run(self, script: Script, keys: Sequence[bytes], arguments: Sequence[bytes]) -> Any:
        """Run a script in one round trip; return its reply, or None if there is none to be had."""
        return self.make(script.call(keys, arguments)) if self.ok else None

    def make(self, call: Call, later: bytes = b"") -> Any:
        """Make a call that was prepared, with the arguments that it lacks, packed; return as ``run`` does."""
        if not self.ok:
            return None
        spell = self._spell
        connection = None
        try:
            connection = self.borrow()
            try:
                return _ask(connection, call.by_digest(later))
            except NoScriptError:
                return _ask(connection, call.in_full(later))
        except FAILURES as error:
            self._note(error, spell)
            return None
        finally:
            if connection is not None:
                self.give_back(connection)

    def call(self, work: Callable[[Redis], T], otherwise: T) -> T:
        """Return what ``work`` makes of a client, or ``otherwise``. For what need not be quick: each command costs
        some 100 us, and each may take the whole time-out."""
        if not self.ok:
            return otherwise
        spell = self._spell
        try:
            return work(self._client)
        except (RedisError, OSError) as error:
            self._note(error, spell)
            return otherwise

    def borrow(self) -> Connection:
        """Return an open connection, to be given back. Raises ``TimeoutError`` where none comes in time."""
        try:
            connection, used = self._free.get(block=False)
            while self._now() - used > IDLE_SECONDS and not _lives(connection):
                connection.disconnect()
                connection, used = self._free.get(block=False)
        except Empty:
            self._wanted.release()
            try:
                connection, _ = self._free.get(timeout=self._wait_seconds)
            except Empty:
                raise TimeoutError("no connection to Redis came in time") from None
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take a connection back; one that broke is forgotten."""
        if connection.is_connected:
            self._free.put((connection, self._now()))
            if not self.ok:
                self._hang_up()

    def _note(self, error: Exception, spell: int) -> None:
        """Count an error that a caller met, and go down for a fault of the present spell."""
        if is_garbage(error):
            self.pass_over()
            return
        fault = fault_of(error)
        with self._lock:
            self._failures[fault] += 1
            fell = self.ok and spell == self._spell
            if fell:
                self._pause = FIRST_PAUSE_SECONDS if self.seconds > STEADY_SECONDS else self._longer()
                self.ok, self._since = False, self._now()
        if fell:
            self._hang_up()
            self._wanted.release()
            self._changed(False, fault)

    def _keep(self) -> None:
        fault = self._probe()
        if fault is not None:
            self._changed(False, fault)
        self._tried.set()
        while not self._closing.is_set():
            if not self.ok:
                self._closing.wait(self._pause)
                if self._probe() is not None:
                    self._pause = self._longer()
                continue
            self._wanted.acquire()
            if self.ok and self._free.empty():
                self._extend()

    def _probe(self) -> Fault | None:
        """Come up if Redis takes a write; return the fault that it has, if any."""
        try:
            connection = self._connect()
            if _ask(connection, _PROBE) != b"OK":
                connection.disconnect()
                raise ResponseError("what answers is no Redis")
        except Exception as error:  # the keeper must outlive whatever the client stumbles over
            fault = fault_of(error)
            with self._lock:
                self._failures[fault] += 1
            return fault
        self._free.put((connection, self._now()))
        with self._lock:
            self._spell += 1
            self.ok, self._since = not self._closing.is_set(), self._now()
        self._changed(True, None)
        return None

    def _extend(self) -> None:
        spell = self._spell
        try:
            self._free.put((self._connect(), self._now()))
        except Exception as error:
            self._note(error, spell)

    def _longer(self) -> float:
        return min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def _hang_up(self) -> None:
        while True:
            try:
                connection, _ = self._free.get_nowait()
            except Empty:
                return
            connection.disconnect()


class _Borrowing(ConnectionPool):
    """A pool for the client's own commands that makes no connection: it borrows the store's."""

    def __init__(self, store: Store) -> None:
        super().__init__(protocol=2)
        self._store = store

    def get_connection(self, command_name: str | None = None, *keys: Any, **options: Any) -> Connection:
        return self._store.borrow()

    def release(self, connection: Any) -> None:
        self._store.give_back(connection)


def _ask(connection: Connection, packed: bytes) -> Any:
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
