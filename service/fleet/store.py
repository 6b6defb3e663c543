"""Redis as the rest sees it: up or down, never an exception, never a wait longer than one socket time-out.

While it is up, callers borrow open connections. After a fault it is *down*: everybody gets the local answer at once and
no request touches a socket, until the keeper, one thread, has found that it takes writes again. Callers never connect
(name servers, TLS and sentinels know no deadline): the keeper does, and they wait for it no longer than for an answer.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from redis import Redis
from redis.connection import Connection
from redis.exceptions import NoScriptError, RedisError, ResponseError

from service.fleet.faults import FAULTS, Fault, fault_of, is_garbage
from service.fleet.lines import Connect
from service.fleet.pool import FAILURES, Pool, ask
from service.fleet.script import Call, Script, pack

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0
STEADY_SECONDS = 10.0  # whoever stays up for so long is probed quickly again after the next fault
LAST_SECONDS = 1.0
_PROBE = pack((b"SET", b"sa1:probe", b"1", b"PX", b"10000"))

T = TypeVar("T")
Changed = Callable[[bool, Fault | None], None]
Take = Callable[[Connection, int], None]


class Store:
    """``connect`` makes a connection whose socket waits ``wait_seconds``; ``now`` is monotonic seconds;
    ``changed(ok, fault)`` is told of each change."""

    def __init__(self, connect: Connect, now: Callable[[], float], changed: Changed, wait_seconds: float) -> None:
        self.ok = False
        self.garbage = 0
        self._connect = connect
        self._now = now
        self._changed = changed
        self._since = now()
        self._failures: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self.spell = 0  # how often it came up
        self._orders: deque[Take] = deque()
        self._pause = FIRST_PAUSE_SECONDS
        self._pool = Pool(now, wait_seconds)
        self._client = self._pool.client()
        self._lock = threading.Lock()
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="redis-keeper", daemon=True)

    def open(self, patience_seconds: float = 1.0) -> None:
        """Begin to keep connections; return as soon as it is known whether there is a Redis, or patience ends."""
        self._keeper.start()
        self._tried.wait(patience_seconds)

    def close(self) -> None:
        """Close what is open; everybody gets the local answer from now on."""
        self._closing.set()
        self.ok = self._pool.keeps = False
        self._pool.wanted.release()
        if self._keeper.is_alive():
            self._keeper.join(LAST_SECONDS)
        self._pool.hang_up()

    @property
    def failures(self) -> Mapping[str, int]:
        """How often a caller or the keeper met a fault, by its word."""
        with self._lock:
            return dict(self._failures)

    @property
    def seconds(self) -> float:
        """For how many seconds it has been as it is."""
        return self._now() - self._since

    def order(self, take: Take) -> None:
        """Have the keeper make a connection for somebody's own: ``take`` gets it in the keeper's thread, and the spell
        that it belongs to. Nothing comes where the store goes down before."""
        self._orders.append(take)
        self._pool.wanted.release()

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
        spell = self.spell
        connection = None
        try:
            connection = self._pool.borrow()
            try:
                return ask(connection, call.by_digest(later))
            except NoScriptError:
                return ask(connection, call.in_full(later))
        except FAILURES as error:
            self.note(error, spell)
            return None
        finally:
            if connection is not None:
                self._pool.give_back(connection)

    def call(self, work: Callable[[Redis], T], otherwise: T) -> T:
        """Return what ``work`` makes of a client, or ``otherwise``. For what need not be quick: each command costs
        some 100 us, and each may take the whole time-out."""
        if not self.ok:
            return otherwise
        spell = self.spell
        try:
            return work(self._client)
        except (RedisError, OSError) as error:
            self.note(error, spell)
            return otherwise

    def note(self, error: Exception, spell: int) -> None:
        """Count an error that a caller met in a spell, and go down for a fault of the present one."""
        if is_garbage(error):
            self.pass_over()
            return
        fault = fault_of(error)
        with self._lock:
            self._failures[fault] += 1
            fell = self.ok and spell == self.spell
            if fell:
                self._pause = FIRST_PAUSE_SECONDS if self.seconds > STEADY_SECONDS else self._longer()
                self.ok = self._pool.keeps = False
                self._since = self._now()
        if fell:
            self._orders.clear()
            self._changed(False, fault)
            self._pool.hang_up()
            self._pool.wanted.release()

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
            self._pool.wanted.acquire()
            if self.ok and self._orders:
                self._make_for(self._orders.popleft())
            elif self.ok and not len(self._pool):
                self._make_for(lambda connection, spell: self._pool.give_back(connection))

    def _probe(self) -> Fault | None:
        """Come up if Redis takes a write; return the fault that it has, if any."""
        try:
            connection = self._connect()
            if ask(connection, _PROBE) != b"OK":
                connection.disconnect()
                raise ResponseError("what answers is no Redis")
        except Exception as error:  # the keeper must outlive whatever the client stumbles over
            fault = fault_of(error)
            with self._lock:
                self._failures[fault] += 1
            return fault
        with self._lock:
            self.spell += 1
            self.ok = self._pool.keeps = not self._closing.is_set()
            self._since = self._now()
        self._pool.give_back(connection)
        self._changed(True, None)
        return None

    def _make_for(self, take: Take) -> None:
        spell = self.spell
        try:
            take(self._connect(), spell)
        except Exception as error:
            self.note(error, spell)

    def _longer(self) -> float:
        return min(self._pause * 2, LONGEST_PAUSE_SECONDS)
