"""What happened lately: samples of the totals of the last 15 minutes, and the change since one of them.

A job adds a sample every 5 s; of those older than the windows of five minutes, one in 30 s is kept, since a window of
15 minutes may begin a few seconds early or late. Stats and alert rules ask for a ``Delta`` over a window. Everything is
a function of its arguments. The samples are one immutable tuple that is replaced, so that readers need no lock. It
begins with a sample of nothing at the start of the service, so that a young service knows its rates too, over the span
it has really lived.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from service.monitoring.quantiles import grown, quantile, subtract, summed
from service.monitoring.totals import AnswerKey, Cell, Histogram, McpKey, Totals, nothing_yet

SAMPLE_SECONDS = 5.0
DENSE_SECONDS = 305.0
SPARSE_SECONDS = 30.0
KEEP_SECONDS = 900.0
DENSE_KEPT = int(DENSE_SECONDS / SAMPLE_SECONDS) + 1
SAMPLES_KEPT = DENSE_KEPT + int((KEEP_SECONDS - DENSE_SECONDS) / SPARSE_SECONDS) + 1

CACHED = ("hit", "stale")
"""Cache states of answers that came out of the cache."""

K = TypeVar("K")
EndpointKey = tuple[str, str]
_NOTHING = Cell((), Histogram())


class Sample(NamedTuple):
    """The totals at a moment (monotonic seconds)."""

    at: float
    totals: Totals


@dataclass(frozen=True)
class EndpointDelta:
    """What one (endpoint, method) answered in a span."""

    endpoint: str
    method: str
    requests: int
    errors: int
    durations: Histogram


@dataclass(frozen=True)
class Delta:
    """The change between two totals, ``span`` seconds apart. A counter that shrank counts from zero.

    ``longest`` is the longest answer of the span in seconds, by cache state; a state without answers may be absent.
    """

    older: Totals
    newer: Totals
    span: float
    longest: Mapping[str, float]

    @cached_property
    def answers(self) -> dict[AnswerKey, Cell]:
        """The cells that moved: statuses and durations of the span by (method, endpoint, cache)."""
        moved = {}
        for key, cell in self.newer.answers.items():
            before = self.older.answers.get(key, _NOTHING)
            if cell is not before:
                statuses = _grown(dict(before.statuses), dict(cell.statuses))
                seen = tuple((status, count) for status, count in statuses.items() if count)
                moved[key] = Cell(seen, subtract(cell.durations, before.durations))
        return moved

    @cached_property
    def statuses(self) -> dict[int, int]:
        """Answers of the span by status."""
        counts: dict[int, int] = {}
        for cell in self.answers.values():
            for status, count in cell.statuses:
                counts[status] = counts.get(status, 0) + count
        return counts

    @property
    def requests(self) -> int:
        """Answers of the span, whatever their status and endpoint."""
        return sum(self.statuses.values())

    @property
    def errors(self) -> int:
        """5xx answers of the span."""
        return server_errors(self.statuses)

    def rate(self, count: int) -> float | None:
        """Return ``count`` a second; None if no time has passed."""
        return count / self.span if self.span > 0 else None

    def durations(self, caches: Collection[str] | None = None) -> Histogram:
        """Return how long answers took; of all of them, or of those with one of these cache states."""
        return summed(
            cell.durations for (_, _, cache), cell in self.answers.items() if caches is None or cache in caches
        )

    def quantile(self, q: float, caches: Collection[str] | None = None) -> float | None:
        """Return the ``q`` quantile (0-1) of the answers' durations in seconds; None without answers."""
        return quantile(self.durations(caches), q, self.maximum(caches))

    def maximum(self, caches: Collection[str] | None = None) -> float | None:
        """Return the longest answer in seconds; None without answers."""
        seen = {cache for _, _, cache in self.answers if caches is None or cache in caches}
        return max((self.longest.get(cache, 0.0) for cache in seen), default=None)

    @property
    def waits(self) -> Histogram:
        """Waits for a slot in the span."""
        return subtract(self.newer.waits, self.older.waits)

    @property
    def ai(self) -> Histogram:
        """Durations of the AI calls of the span."""
        return subtract(self.newer.ai, self.older.ai)

    @property
    def ai_outcomes(self) -> dict[str, int]:
        """AI calls of the span by outcome."""
        return _grown(self.older.ai_outcomes, self.newer.ai_outcomes)

    @property
    def rejected(self) -> dict[str, int]:
        """Refusals of the span by reason."""
        return _grown(self.older.rejected, self.newer.rejected)

    @property
    def cache(self) -> dict[str, int]:
        """Looks into the cache in the span by result."""
        return _grown(self.older.cache, self.newer.cache)

    @property
    def rankings(self) -> dict[str, int]:
        """Rankings of the span by method."""
        return _grown(self.older.rankings, self.newer.rankings)

    @property
    def mcp(self) -> dict[McpKey, int]:
        """Messages of agents in the span by method, tool and outcome."""
        return _grown(self.older.mcp, self.newer.mcp)

    @property
    def fallbacks(self) -> dict[str, int]:
        """Text rankings of the span that should have been the AI's, by reason."""
        return _grown(self.older.fallbacks, self.newer.fallbacks)

    def endpoints(self) -> list[EndpointDelta]:
        """Return what each (endpoint, method) answered, busiest first."""
        cells: dict[EndpointKey, list[Cell]] = {}
        for (method, endpoint, _), cell in self.answers.items():
            cells.setdefault((endpoint, method), []).append(cell)
        rows = [_endpoint(key, parts) for key, parts in cells.items()]
        return sorted(rows, key=lambda row: (-row.requests, row.endpoint, row.method))


class History:
    """Samples of the last 15 minutes. One thread adds; any thread may ask."""

    def __init__(self, started: float) -> None:
        """Begin at ``started`` (monotonic seconds), when nothing had been counted."""
        self._samples: tuple[Sample, ...] = (Sample(started, nothing_yet()),)

    def add(self, at: float, totals: Totals) -> None:
        """Keep a sample (``Tally.cut``) taken ``at`` monotonic seconds, and let go what is too old or too close."""
        self._samples = _thinned((*self._samples, Sample(at, totals)))[-SAMPLES_KEPT:]

    def delta(self, totals: Totals, now: float, seconds: float) -> Delta:
        """Return the change since the sample nearest to ``seconds`` ago.

        Its ``span`` is the real one: shorter while the service is younger, longer after a gap in the samples.
        """
        samples = self._samples
        ages = [abs(now - seconds - sample.at) for sample in samples]
        index = ages.index(min(ages))
        longest: Mapping[str, float] = totals.longest
        for sample in samples[index + 1 :]:
            longest = _longer(longest, sample.totals.longest)
        return Delta(samples[index].totals, totals, max(now - samples[index].at, 0.0), longest)


def server_errors(statuses: Mapping[int, int]) -> int:
    """Return how many of the answers are 5xx."""
    return sum(count for status, count in statuses.items() if status >= 500)


def _thinned(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Return the samples without the youngest of those that are not dense any more, if it stands close to the one
    before it. The longest answers before it are then those of its follower."""
    place = len(samples) - DENSE_KEPT - 1
    if place < 1 or samples[place].at - samples[place - 1].at > SPARSE_SECONDS - SAMPLE_SECONDS / 2:
        return samples
    gone, follower = samples[place : place + 2]
    totals = replace(follower.totals, longest=_longer(gone.totals.longest, follower.totals.longest))
    return (*samples[:place], Sample(follower.at, totals), *samples[place + 2 :])


def _longer(one: Mapping[str, float], other: Mapping[str, float]) -> Mapping[str, float]:
    return {cache: max(one.get(cache, 0.0), other.get(cache, 0.0)) for cache in {**one, **other}}


def _grown(before: Mapping[K, int], after: Mapping[K, int]) -> dict[K, int]:
    return {key: grown(before.get(key, 0), count) for key, count in after.items()}


def _endpoint(key: EndpointKey, cells: list[Cell]) -> EndpointDelta:
    statuses = [pair for cell in cells for pair in cell.statuses]
    return EndpointDelta(
        endpoint=key[0],
        method=key[1],
        requests=sum(count for _, count in statuses),
        errors=sum(count for status, count in statuses if status >= 500),
        durations=summed(cell.durations for cell in cells),
    )
