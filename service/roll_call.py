"""The job by which the instances of a company know of each other, put together from the parts of this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scheduler.runner import Runner
from service.engine import CURSOR_KEY, Engine
from service.monitoring import stats
from service.observation import Observation
from service.state import State
from service.timers import FETCH, WARMUP

if TYPE_CHECKING:
    from service.company import Company


def roll_call(
    company: Company | None,
    watching: Observation,
    sources: stats.Sources,
    parts: Engine,
    state: State,
    runner: Runner,
) -> Callable[[], None]:
    """Return the job that calls in, and has begin what was waited for: a fetch, or a warm-up. Alone there is none."""
    if company is None:
        return lambda: None

    def call_in() -> None:
        company.call_in(
            lambda: stats.figures(watching.now(), sources),
            parts.shelf.content,
            parts.pager,
            lambda key: state.keep_secret(CURSOR_KEY, key),
            lambda: runner.run_now(FETCH),
        )
        if parts.warming.warmup.waits:
            runner.run_now(WARMUP)

    return call_in
