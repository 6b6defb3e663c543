"""What the scheduler runs: one row a job.

``sampling``, ``catalogue`` and ``work`` are the threads of ``runner``. A job that samples or decides about alerts
belongs on ``sampling`` and never touches the network or AI there: a slow warm-up on ``work`` must not stop the alerts,
nor keep a new catalogue waiting, and the copying of a large catalogue must stop neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Executor = Literal["sampling", "catalogue", "work"]
EXECUTORS: tuple[Executor, ...] = ("sampling", "catalogue", "work")


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
