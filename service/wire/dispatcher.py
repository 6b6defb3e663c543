"""The worker threads: Waitress' dispatcher, which replaces a thread that dies and makes do with those it can get.

Waitress catches whatever a request raises, but what ends a thread outside of one (a lack of memory, an exception from
elsewhere) would be one worker less for ever. Its idle threads also keep the last request that each has served, with
body and answer; here they keep nothing. Nothing goes by the wall clock, which may be set.

Of hundreds of threads only a few are awake at a time: more that compute at once do not compute faster, they fight for
the interpreter with each other and with the loop, and ``/health`` waits for all of them. A thread that waits for a slot
or for somebody else's answer is ``resting``, and makes place for another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from waitress.task import ThreadedTaskDispatcher


class LastCome(threading.Condition):
    """Wakes whoever began to wait last: of many idle threads few work, and memory that is rarely used stays unused.

    By turns, each of two hundred threads would come to hold what the largest request ever took: stack and free memory.
    """

    _waiters: deque[Any]

    def notify(self, n: int = 1) -> None:
        """Wake ``n`` of those that wait."""
        self._waiters.rotate(1)
        super().notify(n)


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Works off a queue of tasks with as many threads as ``set_thread_count`` was told, ``most_awake`` of them at a
    time."""

    def __init__(self, most_awake: int = 10_000) -> None:
        super().__init__()
        self.queue_cv = LastCome(self.lock)
        self._wanted = 0
        self._most_awake = most_awake
        self._awake = 0
        self._relief = 0
        self._mine = threading.local()

    def add_task(self, task: Any) -> None:
        """Queue a task for the next free thread; without Waitress' log line for every one that has to wait."""
        with self.lock:
            self.queue.append(task)
            self._wake()

    @property
    def queued(self) -> int:
        """How many tasks no thread has begun."""
        return len(self.queue)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Have another thread work while the block waits; does nothing in threads that are none of these."""
        if not getattr(self._mine, "awake", False):
            yield
            return
        with self.lock:
            self._awake -= 1
            self._wake()
        try:
            yield
        finally:
            with self.lock:
                self._awake += 1

    def relieve(self) -> None:
        """Have one more thread work until the queue is empty: all that are awake take long, or wait untold."""
        with self.lock:
            self._relief += 1
            self.queue_cv.notify()

    def set_thread_count(self, count: int) -> None:
        """Have ``count`` threads work. Where the system allows fewer, those must do; RuntimeError if it allows none."""
        self._wanted = count
        super().set_thread_count(count)
        if count and not self.threads:
            raise RuntimeError("no worker thread can be started")
        if len(self.threads) < count:
            self.logger.error("Only %d of %d worker threads could be started", len(self.threads), count)

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        """Start one thread; called with the lock held and the thread in the books."""
        try:
            super().start_new_thread(target, thread_no)
        except RuntimeError:
            self.threads.discard(thread_no)

    def handler_thread(self, thread_no: int) -> None:
        """Work off the queue until told to end."""
        try:
            # Each turn is a call, whose variables end with it: an idle thread keeps no request.
            while self._work(thread_no):
                pass
        except BaseException:
            self.logger.exception("A worker thread died; another takes its place")
            with self.lock:
                self.threads.discard(thread_no)
                self._leave()
            # The new one looks into the queue first: what the dead one was woken for is not forgotten.
            self.set_thread_count(self._wanted)

    def _work(self, thread_no: int) -> bool:
        """Wait for one task and do it; False when this thread is to end."""
        with self.lock:
            self._leave()
            while not self._may_work() and not self.stop_count:
                self.queue_cv.wait()
            if self.stop_count:
                self.stop_count -= 1
                self.threads.discard(thread_no)
                self.thread_exit_cv.notify()
                return False
            task = self.queue.popleft()
            self._mine.awake = True
            self._awake += 1
        try:
            task.service()
        except BaseException:
            self.logger.exception("Exception when servicing %r", task)
        return True

    def _leave(self) -> None:
        if getattr(self._mine, "awake", False):
            self._mine.awake = False
            self._awake -= 1

    def _wake(self) -> None:
        # A thread that may not work would wake for nothing; whoever ends a task looks into the queue itself.
        if self._may_work():
            self.queue_cv.notify()

    def _may_work(self) -> bool:
        if not self.queue:
            self._relief = 0
            return False
        return self._awake < self._most_awake + self._relief

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End the threads as they become free, at most ``timeout`` seconds; cancel what has not begun by then."""
        self.set_thread_count(0)
        ends = time.monotonic() + timeout
        with self.lock:
            while self.threads and time.monotonic() < ends:
                self.thread_exit_cv.wait(0.1)
            if self.threads:
                self.logger.warning("%d worker threads are still busy", len(self.threads))
            while cancel_pending and self.queue:
                self.queue.popleft().cancel()
        return cancel_pending
