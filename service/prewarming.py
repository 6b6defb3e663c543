"""Warm-up put together: what is asked most, what the AI may cost for it, and the walk that a warm-up takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.messages import Query
from service.observation import Observation
from service.settings import Settings
from service.state import State
from service.warming.budget import Budget
from service.warming.popular import Popular
from service.warming.warmer import Walk, Warmer
from service.warming.warmup import Warmup

if TYPE_CHECKING:
    from service.company import Company
    from service.fleet.popular import SharedPopular

_POPULAR = "popular"
_BUDGET = "ai_warm_calls"
_SLACK_SECONDS = 10.0  # besides a tenth of the interval: what jitter and the run itself may take


@dataclass(frozen=True, slots=True)
class Prewarming:
    """The parts that others look at."""

    popular: Popular
    warmup: Warmup
    state: State
    shared: SharedPopular | None

    def note(self, query: Query) -> None:
        """Count a question of a client, here and for the fleet."""
        self.popular.note(query)
        if self.shared is not None:
            self.shared.note(query)

    def remember(self) -> None:
        """Write down what is asked most, so that a restart does not forget it."""
        self.state.keep_note(_POPULAR, self.popular.saved())

    def warm_soon(self, start: Callable[[], object]) -> None:
        """Have everything warmed by a run that begins from now on: ``start`` begins one where none is under way."""
        if not self.warmup.again():
            start()


def prewarming(
    settings: Settings, watching: Observation, state: State, walk: Walk, company: Company | None = None
) -> Prewarming:
    """Make the warm-up over a walk; what was popular before the restart, or is with other instances, counts."""
    popular = Popular(watching.now)
    before = state.note(_POPULAR)
    if before is not None:
        popular.restore(before.text, watching.wall() - before.at)

    def spent_before() -> str | None:
        spent = state.note(_BUDGET)
        return spent.text if spent else None

    def spent(text: str) -> None:
        state.keep_note(_BUDGET, text)

    together = (company.warm_calls,) if company else ()
    budget = Budget(settings.ai_warm_calls_per_day, watching.wall, spent_before, spent, *together)
    warmer = Warmer(walk, budget, settings.warm_interval_seconds * 1.1 + _SLACK_SECONDS)
    shared = company.fleet.popular(popular.most) if company else None
    most = shared.most if shared else popular.most
    turn = company.warmup_turn if company else None
    warmup = Warmup(settings.warm_queries, most, warmer, watching.wall, watching.tally.warmup, turn)
    return Prewarming(popular, warmup, state, shared)
