"""AI ranking put together: the provider, the calls made of it, and the stage that waits for them.

Imported only where an AI is configured; what the provider itself needs is imported later still, beside the running
service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.ai.calls import Calls
from service.ai.kept_proposals import Proposals
from service.ai.provider import Provider
from service.ai.reports import Reports
from service.catalogue.shelf import Shelf
from service.finding import is_of
from service.messages import Ranking, Signal
from service.observation import Observation
from service.settings import Settings
from service.stages.admission import Resting
from service.stages.rerank import Bounds, Rerank
from service.state import State

if TYPE_CHECKING:
    from service.company import Company


@dataclass(frozen=True, slots=True)
class Reranking:
    """The stage, the calls behind it, and what the AI proposed."""

    calls: Calls
    stage: Rerank
    proposals: Proposals


def reranking(
    settings: Settings,
    key: Callable[[], str | None],
    watching: Observation,
    shelf: Shelf,
    state: State,
    ending: Callable[[], bool],
    later: Callable[[Callable[[], None]], bool],
    resting: Resting,
    company: Company | None,
) -> Reranking:
    """Make the AI's part of the work walk; nothing of its package is imported yet."""

    def best(ranking: Ranking, count: int) -> Sequence[Signal]:
        with shelf.borrow() as snapshot:
            if not is_of(snapshot, ranking):
                return []
            # The AI is asked about what is private to somebody in a question that is that one's alone.
            return snapshot.seen_by(ranking.brief.viewer).signals(ranking.rows[:count])

    provider = provider_of(settings, key)
    calls = Calls(
        provider,
        Reports(watching.tally.ai, lambda words: watching.journal.event("warning", "ai", detail=words)),
        watching.now,
        timeout_seconds=settings.ai_timeout_seconds,
        concurrency=settings.ai_concurrency,
        proposals=settings.ai_proposals,
    )
    ranked_by = f"{provider.name}/{provider.model}"
    proposals = Proposals(state if settings.ai_proposals else None)
    stage = Rerank(
        _bounds(settings),
        company.orders(settings, calls, ranked_by) if company else calls,
        ranked_by,
        best,
        proposals,
        lambda: shelf.current().version,
        later,
        ending,
        watching.now,
        resting,
    )
    return Reranking(calls, stage, proposals)


def provider_of(settings: Settings, key: Callable[[], str | None]) -> Provider:
    """Return the provider that the settings name."""
    if settings.ai_provider == "openai":
        from service.ai.openai import OpenAi

        return OpenAi(str(settings.ai_base_url), str(settings.ai_model), key)
    from service.ai.gemini import Gemini

    return Gemini(settings.ai_model or settings.gemini_model, key, settings.gemini_api_endpoint)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        wait_seconds=settings.ai_wait_seconds,
        call_seconds=settings.ai_timeout_seconds,
        ttl_seconds=settings.ai_cache_ttl_seconds,
        stale_seconds=settings.cache_stale_seconds,
        entries=settings.cache_entries,
        bytes=settings.cache_bytes // 4,
        followers=settings.queue_size // 2,
    )
