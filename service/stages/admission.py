"""Second work stage: the gate. A request computes while it holds a slot; others wait in a bounded room, first come
first served, and the rest are refused at once.

The slot is handed straight to the longest waiter, so that newcomers cannot barge in. Nobody waits longer than
``wait_seconds``, one client holds at most a fifth of the room, and a client that hangs up frees its place. Work for
which no client waits (a warm-up, a renewal) gets a slot only when no client wants it, and takes no place of theirs.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import chain

from service.errors import ClientGone, Overloaded
from service.messages import Query, Ranked
from service.pipeline import Stage

FAIR_SHARE = 5
_GLANCE_SECONDS = 0.5  # how often a waiter looks whether its client is there: for a hundred of them 2 % of a core
_LONGEST_RETRY_AFTER = 30


Resting = Callable[[], AbstractContextManager[None]]


class _Waiter:
    __slots__ = ("admitted", "client", "turn")

    def __init__(self, client: str) -> None:
        self.client = client
        self.turn = threading.Lock()
        self.turn.acquire()
        self.admitted = False


class Gate:
    """``slots`` compute, ``room`` wait at most ``wait_seconds``. ``now`` is monotonic seconds.

    Whoever has no client's name works in the background: it stands beside the room, behind everybody in it. Only the
    few threads of the scheduler do so, each once. Whoever waits does so inside ``resting()``.
    """

    def __init__(
        self, slots: int, room: int, wait_seconds: float, now: Callable[[], float], resting: Resting = nullcontext
    ) -> None:
        self.slots = slots
        self.room = room
        self._wait_seconds = wait_seconds
        self._now = now
        self._resting = resting
        self._lock = threading.Lock()
        self._free = slots
        self._waiting: OrderedDict[int, _Waiter] = OrderedDict()
        self._background: OrderedDict[int, _Waiter] = OrderedDict()
        self._places: Counter[str] = Counter()
        self._peak = 0
        self._service_seconds = 0.01  # moving mean of how long a slot is held

    @contextmanager
    def slot(self, client: str, gone: Callable[[], bool]) -> Iterator[float]:
        """Hold a slot; yields the seconds waited for it. Raises ``Overloaded`` or ``ClientGone``."""
        arrived = self._now()
        waiter = self._enter(client)
        if waiter is not None:
            self._wait(waiter, arrived, gone)
        began = self._now()
        try:
            yield began - arrived
        finally:
            self._leave(self._now() - began)

    def look(self, client: str, coming: int) -> None:
        """Raise the ``Overloaded`` that a newcomer would meet behind ``coming`` others on their way; enter nothing."""
        with self._lock:
            if self._free <= coming:
                self._refuse_if_full(client, coming - self._free)

    @property
    def depth(self) -> int:
        return len(self._waiting)

    @property
    def busy(self) -> int:
        return self.slots - self._free

    @property
    def behind(self) -> int:
        """How many wait in the background, behind all clients."""
        return len(self._background)

    def take_peak(self) -> int:
        """Return the highest depth since the last call."""
        with self._lock:
            peak, self._peak = self._peak, len(self._waiting)
        return peak

    def peak(self) -> int:
        """Return the highest depth since the last ``take_peak``, which goes on."""
        return self._peak

    def _enter(self, client: str) -> _Waiter | None:
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            if not client:
                return self._stand(_Waiter(client), self._background)
            self._refuse_if_full(client, 0)
            waiter = self._stand(_Waiter(client), self._waiting)
            self._places[client] += 1
            self._peak = max(self._peak, len(self._waiting))
            return waiter

    def _refuse_if_full(self, client: str, coming: int) -> None:
        if len(self._waiting) + coming >= self.room:
            raise Overloaded("All places to wait are taken.", retry_after=self._retry_after())
        if self._places[client] >= max(1, self.room // FAIR_SHARE):
            raise Overloaded("This client holds its share of the places to wait.", retry_after=self._retry_after())

    def _wait(self, waiter: _Waiter, arrived: float, gone: Callable[[], bool]) -> None:
        with self._resting():
            self._stay(waiter, arrived + self._wait_seconds, gone)

    def _stay(self, waiter: _Waiter, deadline: float, gone: Callable[[], bool]) -> None:
        try:
            while not waiter.turn.acquire(timeout=max(0.0, min(_GLANCE_SECONDS, deadline - self._now()))):
                hung_up = gone()
                if (hung_up or self._now() >= deadline) and self._withdraw(waiter):
                    break
            else:
                return
        except BaseException:
            # ``gone`` failed: the place, or the slot that was handed over meanwhile, must not outlive this thread.
            if not self._withdraw(waiter):
                self._leave(0.0)
            raise
        if hung_up:
            raise ClientGone("The client hung up while it waited for a slot.")
        raise Overloaded(f"No slot was free within {self._wait_seconds:g} s.", retry_after=self._retry_after())

    def _withdraw(self, waiter: _Waiter) -> bool:
        """Take a waiter out of the room; False if it was handed a slot while its thread looked away."""
        with self._lock:
            if waiter.admitted:
                return False
            self._forget(waiter)
            return True

    def _leave(self, held_seconds: float) -> None:
        with self._lock:
            self._service_seconds += 0.1 * (held_seconds - self._service_seconds)
            waiter = next(chain(self._waiting.values(), self._background.values()), None)
            if waiter is None:
                self._free += 1
                return
            self._forget(waiter)
            waiter.admitted = True
            waiter.turn.release()

    @staticmethod
    def _stand(waiter: _Waiter, room: OrderedDict[int, _Waiter]) -> _Waiter:
        room[id(waiter)] = waiter
        return waiter

    def _forget(self, waiter: _Waiter) -> None:
        if not waiter.client:
            del self._background[id(waiter)]
            return
        del self._waiting[id(waiter)]
        self._places[waiter.client] -= 1
        if not self._places[waiter.client]:
            del self._places[waiter.client]

    def _retry_after(self) -> int:
        """Return the seconds until those who wait now will have been served, at least 1."""
        return min(_LONGEST_RETRY_AFTER, max(1, math.ceil(len(self._waiting) * self._service_seconds / self.slots)))


def admission(gate: Gate, note_wait: Callable[[float], None]) -> Stage[Query, Ranked]:
    """Return the stage over a gate; ``note_wait`` is told the seconds that each admitted request waited."""

    def stage(query: Query, proceed: Callable[[Query], Ranked]) -> Ranked:
        with gate.slot(query.client, query.gone) as waited:
            note_wait(waited)
            return replace(proceed(query), queue_wait=waited)

    return stage
