"""How each job went: what the runner writes down after every run, and what monitoring reads.

Thread-safe. It holds the jobs of the timetable and nothing else, so it is bounded. Times come with the call: epoch
seconds for people, monotonic seconds for silences.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from threading import Lock


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job; times ending in ``_at`` are epoch seconds, None if unknown. A run that was skipped is no run."""

    id: str
    next_run_at: float | None = None
    last_run_at: float | None = None
    last_outcome: str | None = None
    last_duration_seconds: float | None = None
    runs: int = 0
    failures: int = 0


@dataclass(slots=True)
class _Row:
    record: JobRecord
    ended: float
    running: bool = field(default=False)


class Ledger:
    """The records of some jobs; a job that never ran is silent since ``now`` (monotonic seconds)."""

    def __init__(self, ids: Iterable[str], now: float) -> None:
        self._lock = Lock()
        self._rows = {job: _Row(JobRecord(job), now) for job in ids}

    def begin(self, job: str, at: float) -> None:
        """Note that a run began ``at`` (epoch seconds)."""
        with self._lock:
            row = self._rows[job]
            row.running = True
            row.record = replace(row.record, last_run_at=at)

    def end(self, job: str, outcome: str, seconds: float, now: float) -> None:
        """Note that the run ended ``now`` (monotonic) with ``ok`` or ``error`` after ``seconds``."""
        with self._lock:
            row = self._rows[job]
            row.running, row.ended = False, now
            row.record = replace(
                row.record,
                last_outcome=outcome,
                last_duration_seconds=seconds,
                runs=row.record.runs + 1,
                failures=row.record.failures + (outcome != "ok"),
            )

    def running(self, job: str) -> bool:
        """Return whether a run is under way."""
        with self._lock:
            return self._rows[job].running

    def silent_for(self, job: str, now: float) -> float:
        """Return the seconds since the job last ended, well or not; KeyError if there is no such job."""
        with self._lock:
            return max(now - self._rows[job].ended, 0.0)

    def records(self) -> list[JobRecord]:
        """Return a record a job, in the order of the timetable."""
        with self._lock:
            return [row.record for row in self._rows.values()]
