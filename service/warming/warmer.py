"""What it takes to keep a brief warm: the local order, the AI's where one ranks, and the first page, ready to be sent.

Only what expires before the next warm-up is made anew. The AI is asked within a budget, and not again in a run in which
it could not be reached: the local order is warm then, and that is what clients get.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from service.messages import Brief, Query, Ranked, Ranking
from service.warming.budget import Budget

Proceed = Callable[[Query], Ranked]
NEVER_MADE = ("not_ready", "breaker_open", "overloaded")
"""Fallback reasons of calls that cost nothing, since they were never made."""
PASSING = ("overloaded", "bad_answer")
"""Fallback reasons that say nothing about the next brief."""


class Stage(Protocol):
    """A work stage that keeps rankings: ``stages.cache.Cache``, ``stages.rerank.Rerank``."""

    def expires_within(self, brief: Brief, seconds: float) -> bool: ...
    def warm(self, query: Query, proceed: Proceed) -> Ranked: ...


@dataclass(frozen=True, slots=True)
class Walk:
    """The work walk as a warm-up takes it: where an AI ranks, its stage, then the cache, then what computes.

    ``ready()`` tells whether the AI can be asked at all. ``again`` is the walk behind it, cache and all; ``page`` makes
    the first page of a ranking and keeps it.
    """

    ai: Stage | None
    ready: Callable[[], bool]
    cache: Stage
    compute: Proceed
    again: Proceed
    page: Callable[[Ranking, Query], object]


class Warmer:
    """Warms one brief after the other. ``horizon_seconds`` reaches into the next warm-up."""

    def __init__(self, walk: Walk, budget: Budget, horizon_seconds: float) -> None:
        self._walk = walk
        self._budget = budget
        self._horizon_seconds = horizon_seconds
        self._ai_answers = True

    def begin(self) -> None:
        """A run begins: the AI is worth a try again."""
        self._ai_answers = True

    def warm(self, query: Query) -> None:
        """Warm a brief. Raises ``Refused`` if it could not be."""
        walk, soon = self._walk, self._horizon_seconds
        if walk.ai is None:
            if walk.cache.expires_within(query.brief, soon):
                walk.cache.warm(query, walk.compute)
        elif walk.ai.expires_within(query.brief, soon):
            if walk.cache.expires_within(query.brief, soon):
                walk.cache.warm(query, walk.compute)
            if self._ai_answers and walk.ready() and self._budget.left():
                self._ask(walk.ai, query)

    def _ask(self, ai: Stage, query: Query) -> None:
        ranked = ai.warm(query, self._walk.again)
        ranking = ranked.ranking
        if not ranking.rows:
            return  # nothing to order: nobody was asked
        if ranked.cache == "miss" and ranking.fallback_reason not in NEVER_MADE:
            self._budget.spend()
        if ranking.method == "ai":
            self._walk.page(ranking, query)
        else:
            self._ai_answers = ranking.fallback_reason in PASSING
