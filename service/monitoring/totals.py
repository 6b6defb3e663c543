"""What has been counted since the start, as one frozen value: the only thing that leaves the tally.

``tally`` makes a ``Totals``, ``history`` subtracts one from another, ``metrics`` exports it as it is. The words under
which things are counted (fallback reasons, AI outcomes, cache results) are defined here once for all of them. Nothing
in a ``Totals`` is ever changed after it was made, so that samples may share the parts that did not move.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from service.errors import REJECTIONS
from service.messages import ACTIVATION_ADAPTERS, ACTIVATION_STATES, CacheState, RankingMethod

FallbackReason = Literal["timeout", "breaker_open", "overloaded", "bad_answer", "error", "not_ready", "quota"]
FALLBACK_REASONS: tuple[FallbackReason, ...] = (
    "timeout",
    "breaker_open",
    "overloaded",
    "bad_answer",
    "error",
    "not_ready",
    "quota",
)
AiOutcome = Literal["ok"] | FallbackReason
AI_OUTCOMES: tuple[AiOutcome, ...] = ("ok", *FALLBACK_REASONS)
NOT_THE_AIS: tuple[AiOutcome, ...] = ("overloaded", "not_ready")
"""Outcomes that say nothing of the AI: this service was too busy to ask it, or still importing. A breaker that holds
calls back does: without it an AI that is down would seem well as soon as nobody asks it any more."""
CacheResult = Literal["hit", "stale", "miss"]
CACHE_RESULTS: tuple[CacheResult, ...] = ("hit", "stale", "miss")
CACHE_STATES: tuple[CacheState, ...] = ("hit", "stale", "miss", "none")
RANKING_METHODS: tuple[RankingMethod, ...] = ("ai", "text")
WarmupOutcome = Literal["ok", "failed"]
WARMUP_OUTCOMES: tuple[WarmupOutcome, ...] = ("ok", "failed")


BOUNDS: tuple[float, ...] = (
    *(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75),
    *(1.0, 2.5, 5.0, 7.5, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0, 120.0),
)
"""Upper bounds (seconds, inclusive) of the duration buckets; one more bucket holds what is longer. Every duration
threshold of the alert table is a bound, so that no alert hangs on an interpolation."""


def asked(outcomes: Mapping[str, int]) -> int:
    """Return how many questions the AI is judged by."""
    return sum(count for outcome, count in outcomes.items() if outcome not in NOT_THE_AIS)


def no_counts() -> array[int]:
    """Return zeros, one a bucket."""
    return array("Q", bytes(8 * (len(BOUNDS) + 1)))


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by bucket (not cumulative; the last one is beyond the last bound) and the sum of the durations."""

    buckets: array[int] = field(default_factory=no_counts)
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many durations were observed."""
        return sum(self.buckets)


@dataclass(frozen=True, slots=True)
class Cell:
    """Answers of one (method, endpoint, cache): how many of each status, and how long they took."""

    statuses: tuple[tuple[int, int], ...]
    durations: Histogram


McpKey = tuple[str, str, str]
"""(method, tool, outcome): ``ok``, a code of AdCP, or a number of JSON-RPC; the tool is empty where none was called."""

AnswerKey = tuple[str, str, str]
"""(method, endpoint, cache)"""


@dataclass(frozen=True, slots=True)
class Totals:
    """Every counter since the start, plus two readings of now: ``in_flight`` and ``longest``.

    ``longest`` is the longest answer in seconds by cache state since the tally was last cut. ``jobs`` goes by (job,
    outcome), ``keys`` by the name of the holder, ``mcp`` by (method, tool, outcome), ``activations`` by (adapter,
    state). ``warmed_at`` is the epoch second of the last good warm-up, None before the first.
    """

    answers: Mapping[AnswerKey, Cell]
    rejected: Mapping[str, int]
    cache: Mapping[str, int]
    rankings: Mapping[str, int]
    fallbacks: Mapping[str, int]
    ai_outcomes: Mapping[str, int]
    warmups: Mapping[str, int]
    jobs: Mapping[tuple[str, str], int]
    waits: Histogram
    ai: Histogram
    job_durations: Mapping[str, Histogram]
    longest: Mapping[str, float]
    keys: Mapping[str, int] = field(default_factory=dict)
    mcp: Mapping[McpKey, int] = field(default_factory=dict)
    activations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    in_flight: int = 0
    warmed_at: float | None = None


@dataclass(frozen=True, slots=True)
class RecentError:
    """One answer that went wrong; ``timestamp`` is epoch seconds."""

    timestamp: float
    request_id: str
    endpoint: str
    status: int
    error: str


def zeros(words: Iterable[str]) -> dict[str, int]:
    """Return a count of 0 for each word: what never happened is exported as 0, not left out."""
    return dict.fromkeys(words, 0)


def nothing_yet() -> Totals:
    """Return the totals of a service that has just started."""
    none = Histogram()
    return Totals(
        answers={},
        rejected=zeros(REJECTIONS),
        cache=zeros(CACHE_RESULTS),
        rankings=zeros(RANKING_METHODS),
        fallbacks=zeros(FALLBACK_REASONS),
        ai_outcomes=zeros(AI_OUTCOMES),
        warmups=zeros(WARMUP_OUTCOMES),
        jobs={},
        waits=none,
        ai=none,
        job_durations={},
        longest={},
        activations=dict.fromkeys(product(ACTIVATION_ADAPTERS, ACTIVATION_STATES), 0),
    )
