"""One after the other, in the order in which they came: for what computes in Python.

Python computes in one thread at a time. Threads that compute at once do not only take longer together than one after
the other (a search makes many short steps in numpy, each of which gives the interpreter's lock away: half as many a
second were measured): each of them is one more that the thread of the loop has to get in between. A plain lock is taken
again by who gave it back, before the one who waited wakes up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from types import TracebackType


class Turns:
    """``with turns:`` waits for one's turn; inside of it one has it already."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._holder: int | None = None
        self._depth = 0
        self._waiting: deque[tuple[int, Lock]] = deque()

    def __enter__(self) -> None:
        me = get_ident()
        with self._guard:
            if self._holder in (None, me):
                self._holder = me
                self._depth += 1
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append((me, mine))
        mine.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._depth -= 1
            if not self._depth:
                self._hand_on()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let others have this thread's turn, if it has one, while somebody else computes for it."""
        with self._guard:
            depth = self._depth if self._holder == get_ident() else 0
            if depth:
                self._hand_on()
        try:
            yield
        finally:
            if depth:
                self.__enter__()
                self._depth = depth

    def _hand_on(self) -> None:
        self._holder, self._depth = None, 0
        if self._waiting:
            self._holder, lock = self._waiting.popleft()
            self._depth = 1
            lock.release()
