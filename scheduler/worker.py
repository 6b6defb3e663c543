"""One daemon thread that works off a queue: what APScheduler calls a pool.

The pools of the standard library are joined when the interpreter exits, so that one stuck job would keep the process
alive for ever. This one waits as long as it is told, and drops what had not begun. The timetable's own runs always find
room, since each job waits once at most; what anybody else offers finds it only while few calls wait.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

_Task = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Worker:
    """Runs calls one at a time, in order; offers are taken while fewer than ``capacity`` wait. Starts at once."""

    def __init__(self, name: str, capacity: int) -> None:
        self._capacity = capacity
        self._tasks: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, what: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Queue a call of the timetable and return its future; RuntimeError if the worker was stopped."""
        future: Future[Any] = Future()
        with self._changed:
            if self._stopped:
                raise RuntimeError("the worker was stopped")
            self._tasks.append((future, what, arguments))
            self._changed.notify()
        return future

    def offer(self, what: Callable[..., Any], /, *arguments: Any) -> bool:
        """Queue a call; False if too many wait or the worker was stopped."""
        with self._changed:
            if self._stopped or len(self._tasks) >= self._capacity:
                return False
            self._tasks.append((Future(), what, arguments))
            self._changed.notify()
            return True

    def shutdown(self, wait: bool = False) -> None:
        """Take no more and drop what waits; ``join`` waits for the call under way, this never does."""
        with self._changed:
            self._stopped = True
            self._tasks.clear()
            self._changed.notify()

    def join(self, timeout: float) -> bool:
        """Return whether the call under way has ended within ``timeout`` seconds of a shutdown."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            future, what, arguments = task
            try:
                future.set_result(what(*arguments))
            except Exception as error:  # the caller's, handed back through the future
                future.set_exception(error)

    def _next(self) -> _Task | None:
        with self._changed:
            while not self._tasks and not self._stopped:
                self._changed.wait()
            return self._tasks.popleft() if self._tasks else None
