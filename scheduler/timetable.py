"""What the scheduler runs: one row a job.

``sampling``, ``catalogue``, ``work``, ``remote``, ``fetching`` and ``fleet`` are the threads of ``runner``. A job that
samples or decides about alerts belongs on ``sampling`` and never touches the network or AI there. What may wait for
another machine (a warm-up, a ping) belongs on ``remote``: it must hold up neither the alerts, nor the copying of a
large catalogue, nor ``work``, where stale answers are renewed. What is fetched in minutes, or told to other instances
in seconds, waits for no warm-up: on ``fetching`` and on ``fleet``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Executor = Literal["sampling", "catalogue", "work", "remote", "fetching", "fleet"]
EXECUTORS: tuple[Executor, ...] = ("sampling", "catalogue", "work", "remote", "fetching", "fleet")


@dataclass(frozen=True, slots=True)
class Job:
    """Run ``what`` every ``seconds`` on ``executor``, for the first time ``first_after`` seconds from the start.

    ``jitter`` shifts each run by up to that many seconds either way, so that instances do not act in step.
    """

    id: str
    seconds: float
    executor: Executor
    what: Callable[[], object]
    first_after: float = 0.0
    jitter: int | None = None

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"job {self.id}: the period must be positive, not {self.seconds}")
        if self.executor not in EXECUTORS:
            raise ValueError(f"job {self.id}: no executor {self.executor!r}; there are {', '.join(EXECUTORS)}")
