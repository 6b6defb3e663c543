"""Runs the timetable: APScheduler in the background, a thread for each kind of job, an account of how each run went.

The composition root builds one ``Runner``, starts it after the service is ready and stops it in the drain. A job that
raises is counted, told in one line and run again next time; nothing a job does can end the scheduler. Runs of one job
never overlap, runs that came too late are one run, and what is submitted besides waits in a bounded queue.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scheduler.ledger import JobRecord, Ledger
from scheduler.timetable import EXECUTORS, Job
from scheduler.worker import Worker

WAITING_AT_MOST = 100

OnOutcome = Callable[[str, str, float | None], None]
OnError = Callable[[str, str], None]


class Runner:
    """Runs ``jobs``.

    ``on_outcome`` gets the job's id, ``ok``, ``error``, ``missed`` or ``skipped``, and the seconds it took (None if it
    never ran); ``on_error`` the id and the exception in one line. Both are called on the scheduler's threads.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        on_outcome: OnOutcome,
        on_error: OnError,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = {job.id: job for job in jobs}
        if len(self._jobs) < len(jobs):
            raise ValueError("two jobs have the same id")
        self._on_outcome = on_outcome
        self._on_error = on_error
        self._clock = clock
        self._wall = wall
        self._ledger = Ledger(self._jobs, clock())
        self._workers: dict[str, Worker] = {}
        self._scheduler: Any = None

    def start(self) -> None:
        """Start the threads and the timetable; a runner is started once."""
        # Here, not above: it takes longer to import than all the rest of a service.
        from scheduler import background

        wanted = {"work", *(job.executor for job in self._jobs.values())}
        names = [name for name in EXECUTORS if name in wanted]
        self._workers = {name: Worker(f"scheduler-{name}", WAITING_AT_MOST) for name in names}
        self._scheduler = background.start(self._workers, self._jobs.values(), self._run, self._missed, self._skipped)

    def stop(self, timeout: float) -> bool:
        """Start no more runs; return whether those under way ended within ``timeout`` seconds."""
        deadline = self._clock() + timeout
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is None:
            return True
        scheduler.shutdown(wait=False)
        ended = [worker.join(max(deadline - self._clock(), 0.0)) for worker in self._workers.values()]
        return all(ended)

    def states(self) -> list[JobRecord]:
        """Return a record a job, in the order of the timetable."""
        return [replace(record, next_run_at=self._next_run(record.id)) for record in self._ledger.records()]

    def silent_for(self, job_id: str) -> float:
        """Return the seconds since the job last ended, or since the start; KeyError if there is no such job."""
        return self._ledger.silent_for(job_id, self._clock())

    def submit(self, what: Callable[[], object], name: str = "submitted") -> bool:
        """Have ``what`` called once on the work thread; False if 100 calls wait already or the runner is stopped.

        It is counted and contained as a job is, under ``name``, which must come from a small set.
        """
        return self._scheduler is not None and self._workers["work"].offer(self._contain, name, what)

    def run_now(self, job_id: str) -> bool:
        """Have a job run now, once: one that is running is not doubled. False if unknown or the runner is stopped."""
        scheduler = self._scheduler
        if scheduler is None or job_id not in self._jobs:
            return False
        if self._ledger.running(job_id):
            return True
        try:
            scheduler.modify_job(job_id, next_run_time=datetime.now(UTC))
        except KeyError:  # no such job any more: stopped in this very moment
            return False
        return True

    def _run(self, job: Job) -> None:
        self._ledger.begin(job.id, self._wall())
        outcome, seconds = self._contain(job.id, job.what)
        self._ledger.end(job.id, outcome, seconds, self._clock())

    def _contain(self, name: str, what: Callable[[], object]) -> tuple[str, float]:
        began, outcome = self._clock(), "ok"
        try:
            what()
        except Exception as error:  # whatever a job does, the next run and the other jobs go on
            outcome = "error"
            self._on_error(name, shorten(error))
        seconds = self._clock() - began
        self._on_outcome(name, outcome, seconds)
        return outcome, seconds

    def _next_run(self, job_id: str) -> float | None:
        scheduler = self._scheduler
        job = scheduler.get_job(job_id) if scheduler is not None else None
        return job.next_run_time.timestamp() if job is not None and job.next_run_time else None

    def _missed(self, event: Any) -> None:
        self._on_outcome(event.job_id, "missed", None)

    def _skipped(self, event: Any) -> None:
        self._on_outcome(event.job_id, "skipped", None)


def shorten(error: BaseException, frames: int = 3) -> str:
    """Return an exception in one line: its type, its text and the innermost ``frames`` places, innermost first."""
    trace = traceback.extract_tb(error.__traceback__)[-frames:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(trace)]
    return f"{type(error).__name__}: {error}"[:500] + (f" ({' < '.join(places)})" if places else "")
