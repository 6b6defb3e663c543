"""APScheduler behind one function: a background scheduler over the workers and the rows of the timetable.

Imported by ``runner`` when it starts, not before: APScheduler takes longer to import than the rest of a service.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.steady import SteadyScheduler
from scheduler.timetable import Job
from scheduler.worker import Worker

MISFIRE_GRACE_SECONDS = 60


class Executor(BasePoolExecutor):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler's view of a worker."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)


def start(
    workers: Mapping[str, Worker],
    jobs: Iterable[Job],
    run: Callable[[Job], None],
    missed: Callable[[Any], None],
    skipped: Callable[[Any], None],
) -> Any:
    """Return a started scheduler that calls ``run(job)`` on the job's worker; the others get APScheduler's events."""
    # APScheduler warns at every run that it skips, each second behind a slow job: they are counted instead.
    logger = logging.getLogger("apscheduler.quiet")
    logger.setLevel(logging.ERROR)
    scheduler = SteadyScheduler(
        timezone=UTC,
        logger=logger,
        executors={name: Executor(worker) for name, worker in workers.items()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
    )
    scheduler.add_listener(missed, EVENT_JOB_MISSED)
    scheduler.add_listener(skipped, EVENT_JOB_MAX_INSTANCES)
    now = datetime.now(UTC)
    for job in jobs:
        scheduler.add_job(
            run,
            IntervalTrigger(seconds=job.seconds, jitter=job.jitter, timezone=UTC),
            args=(job,),
            id=job.id,
            executor=job.executor,
            next_run_time=now + timedelta(seconds=job.first_after),
        )
    scheduler.start()
    return scheduler
