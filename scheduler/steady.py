"""APScheduler's background scheduler, whose timetable moves with the wall clock when that is set.

APScheduler goes by the wall clock alone: set back by an hour, it would run nothing for an hour, and alerts, statistics
and the look for a new catalogue with it; set forward, it would count every run of that time as missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

JUMP_SECONDS = 2.0
"""What the clocks may drift apart from run to run without anybody having set one."""


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Notices at its next waking, so within the shortest of its intervals, that ``wall`` has moved against ``now``."""

    def __init__(
        self,
        *arguments: Any,
        wall: Callable[[], float] = time.time,
        now: Callable[[], float] = time.monotonic,
        **more: Any,
    ) -> None:
        self._wall = wall
        self._steady = now
        self._offset = wall() - now()
        super().__init__(*arguments, **more)

    def _process_jobs(self) -> Any:
        jumped = self._wall() - self._steady() - self._offset
        self._offset += jumped
        if abs(jumped) > JUMP_SECONDS:
            for job in self.get_jobs():
                if job.next_run_time is not None:
                    self.modify_job(job.id, next_run_time=job.next_run_time + timedelta(seconds=jumped))
        return super()._process_jobs()
