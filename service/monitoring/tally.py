"""The counters of the hot path: everything that is counted is counted here, once, for about a microsecond.

Stages and jobs call a ``Tally``; metrics, stats and alerts are all derived from its ``totals``. One lock guards it. Its
memory is bounded: unknown methods and endpoints share the label ``other``, and so do jobs beyond the first 64 and
holders of keys beyond the first 200. It knows no clock: durations and times come with the call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock

from service.errors import REJECTIONS, Rejection
from service.messages import (
    ACTIVATION_ADAPTERS,
    ACTIVATION_STATES,
    ActivationAdapter,
    ActivationState,
    CacheState,
    RankingMethod,
)
from service.monitoring.cells import Answers, Durations
from service.monitoring.totals import (
    AI_OUTCOMES,
    CACHE_RESULTS,
    CACHE_STATES,
    FALLBACK_REASONS,
    RANKING_METHODS,
    WARMUP_OUTCOMES,
    AiOutcome,
    AnswerKey,
    CacheResult,
    McpKey,
    RecentError,
    Totals,
    WarmupOutcome,
    zeros,
)

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
OTHER = "other"
NO_ENDPOINT = "none"
ERRORS_KEPT = 50
JOBS_KEPT = 64
OUTCOMES_KEPT = 8
KEYS_KEPT = 200


class Tally:
    """Thread-safe counters since the start.

    ``endpoints`` are the patterns of the route table; ``none`` and ``other`` are added to them.
    """

    def __init__(self, endpoints: Iterable[str]) -> None:
        self._lock = Lock()
        self._endpoints = frozenset(endpoints) | {NO_ENDPOINT, OTHER}
        self._in_flight = 0
        self._answers: dict[AnswerKey, Answers] = {}
        self._longest: dict[str, float] = dict.fromkeys(CACHE_STATES, 0.0)
        self._rejected = zeros(REJECTIONS)
        self._cache = zeros(CACHE_RESULTS)
        self._rankings = zeros(RANKING_METHODS)
        self._fallbacks = zeros(FALLBACK_REASONS)
        self._ai_outcomes = zeros(AI_OUTCOMES)
        self._warmups = zeros(WARMUP_OUTCOMES)
        self._warmed_at: float | None = None
        self._waits = Durations()
        self._ai = Durations()
        self._jobs: dict[tuple[str, str], int] = {}
        self._keys: dict[str, int] = {}
        self._mcp: dict[McpKey, int] = {}
        self._activations: dict[tuple[str, str], int] = {
            (adapter, state): 0 for adapter in ACTIVATION_ADAPTERS for state in ACTIVATION_STATES
        }
        self._job_durations: dict[str, Durations] = {}
        self._errors: deque[RecentError] = deque(maxlen=ERRORS_KEPT)

    def begin(self) -> None:
        """Count a request in; each ``begin`` is followed by one ``finish``."""
        with self._lock:
            self._in_flight += 1

    def finish(self, method: str, endpoint: str, status: int, cache: CacheState, seconds: float) -> None:
        """Count a request out, with the pattern of its route, its status and how long it took."""
        with self._lock:
            self._in_flight -= 1
            self._count(method, endpoint, status, cache, seconds)

    def answered(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Count an answer that never began as a request: one made by the server itself."""
        with self._lock:
            self._count(method, endpoint, status, "none", seconds)

    def reject(self, reason: Rejection) -> None:
        """Count a refusal by its reason."""
        with self._lock:
            self._rejected[reason] += 1

    def wait(self, seconds: float) -> None:
        """Count one wait for a slot, also one that lasted no time."""
        with self._lock:
            self._waits.add(seconds)

    def cache(self, result: CacheResult) -> None:
        """Count one look into the cache."""
        with self._lock:
            self._cache[result] += 1

    def rank(self, method: RankingMethod, fallback_reason: str | None = None) -> None:
        """Count one ranking, and why it is not the AI's where it should have been; an unknown reason is ``error``."""
        with self._lock:
            self._rankings[method] += 1
            if fallback_reason is not None:
                self._fallbacks[fallback_reason if fallback_reason in self._fallbacks else "error"] += 1

    def ai(self, outcome: AiOutcome, seconds: float | None) -> None:
        """Count one question to the AI and how long the call took; None for one that was held back."""
        with self._lock:
            self._ai_outcomes[outcome] += 1
            if seconds is not None:
                self._ai.add(seconds)

    def warmup(self, outcome: WarmupOutcome, at: float) -> None:
        """Count one warm-up that ended ``at`` (epoch seconds)."""
        with self._lock:
            self._warmups[outcome] += 1
            if outcome == "ok":
                self._warmed_at = at

    def mcp(self, method: str, tool: str, outcome: str) -> None:
        """Count one message of an agent; all three are words of the service's own."""
        with self._lock:
            key = (method, tool, outcome)
            self._mcp[key] = self._mcp.get(key, 0) + 1

    def key(self, name: str) -> None:
        """Count one request with an API key, by the name of its holder."""
        with self._lock:
            known = name if name in self._keys or len(self._keys) < KEYS_KEPT else OTHER
            self._keys[known] = self._keys.get(known, 0) + 1

    def activation(self, adapter: ActivationAdapter, state: ActivationState) -> None:
        """Count one activation that came into a state."""
        with self._lock:
            self._activations[adapter, state] += 1

    def job(self, job_id: str, outcome: str, seconds: float | None) -> None:
        """Count one run of a job; ``seconds`` is None for a run that never took place (missed)."""
        with self._lock:
            job = job_id if job_id in self._job_durations or len(self._job_durations) < JOBS_KEPT else OTHER
            durations = self._job_durations.setdefault(job, Durations())
            if seconds is not None:
                durations.add(seconds)
            key = (job, outcome)
            if key not in self._jobs and len(self._jobs) >= JOBS_KEPT * OUTCOMES_KEPT:
                key = (OTHER, OTHER)
            self._jobs[key] = self._jobs.get(key, 0) + 1

    def error(self, error: RecentError) -> None:
        """Keep an error to be shown; the last 50 are kept."""
        with self._lock:
            self._errors.append(error)

    def recent_errors(self) -> list[RecentError]:
        """Return the errors kept, newest first."""
        with self._lock:
            return list(reversed(self._errors))

    def totals(self) -> Totals:
        """Return a frozen copy of every counter; what did not move since the last copy is shared with it."""
        with self._lock:
            return self._copy()

    def cut(self) -> Totals:
        """Return the totals and begin a new span of ``longest``: for the sampling job alone."""
        with self._lock:
            totals = self._copy()
            self._longest = dict.fromkeys(CACHE_STATES, 0.0)
            return totals

    def _count(self, method: str, endpoint: str, status: int, cache: str, seconds: float) -> None:
        cell = self._answers.get((method, endpoint, cache)) or self._cell(method, endpoint, cache)
        cell.statuses[status] = cell.statuses.get(status, 0) + 1
        cell.durations.add(seconds)
        if seconds > self._longest[cache]:
            self._longest[cache] = seconds

    def _cell(self, method: str, endpoint: str, cache: str) -> Answers:
        key = (
            method if method in METHODS else OTHER,
            endpoint if endpoint in self._endpoints else OTHER,
            cache,
        )
        return self._answers.setdefault(key, Answers())

    def _copy(self) -> Totals:
        return Totals(
            answers={key: cell.freeze() for key, cell in self._answers.items()},
            rejected=self._rejected.copy(),
            cache=self._cache.copy(),
            rankings=self._rankings.copy(),
            fallbacks=self._fallbacks.copy(),
            ai_outcomes=self._ai_outcomes.copy(),
            warmups=self._warmups.copy(),
            jobs=self._jobs.copy(),
            waits=self._waits.freeze(),
            ai=self._ai.freeze(),
            job_durations={job: durations.freeze() for job, durations in self._job_durations.items()},
            longest=self._longest.copy(),
            keys=self._keys.copy(),
            mcp=self._mcp.copy(),
            activations=self._activations.copy(),
            in_flight=self._in_flight,
            warmed_at=self._warmed_at,
        )
