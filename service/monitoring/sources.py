"""What the monitoring asks of the rest of the service: small frozen states, and the callables that return them.

The composition root fills a ``Gauges``; the stats document, the metrics and the alert rules all read the same one, so
that they cannot disagree. Every callable must be quick and thread-safe. Unknown is None, never 0. Times ending in
``_at`` (and ``until``) are seconds since the Unix epoch; plain ``started`` is monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

AiPhase = Literal["off", "loading", "ready", "open"]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Who answers: ``started_at`` is epoch seconds for people, ``started`` monotonic seconds for the uptime."""

    name: str
    version: str
    instance: str
    started_at: float
    started: float


@dataclass(frozen=True, slots=True)
class QueueState:
    """The waiting room: ``peak`` is the highest ``depth`` since the last sample, ``busy`` of ``slots`` compute now."""

    depth: int
    capacity: int
    peak: int
    slots: int
    busy: int


@dataclass(frozen=True, slots=True)
class CacheState:
    """How many rankings and pages the cache holds, and how many it may hold."""

    entries: int
    capacity: int


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An API key by the name of its holder, and how much of its limit it used in the window."""

    name: str
    used: int
    limit: int
    window_seconds: float


@dataclass(frozen=True, slots=True)
class ClientsState:
    """The rate limit and who is near or over it.

    ``top`` is (client, requests used in the window), busiest first; ``blocked`` is (client, until, reason), ``until``
    in epoch seconds; ``keys`` are those used in their windows, the one nearest to its limit first. ``store`` is
    ``memory`` or ``redis``; ``store_ok`` is False while a shared store is down.
    """

    limit: int
    window_seconds: float
    tracked: int
    top: Sequence[tuple[str, int]] = ()
    blocked: Sequence[tuple[str, float, str]] = ()
    store: str = "memory"
    store_ok: bool = True
    keys: Sequence[KeyUse] = ()


@dataclass(frozen=True, slots=True)
class StoreState:
    """A store that instances share: whether it is up, faults met by their word, and values passed over as garbage."""

    ok: bool
    failures: Mapping[str, int]
    garbage: int


@dataclass(frozen=True, slots=True)
class SystemState:
    """The container (``source`` ``cgroup``) or the machine (``host``); percents are 0-100."""

    cpu_percent: float | None = None
    memory_percent: float | None = None
    memory_used_bytes: int | None = None
    process_rss_bytes: int | None = None
    threads: int | None = None
    open_files: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """The catalogue that is served now; all None while there is none. ``private`` signals are not among ``signals``."""

    signals: int | None = None
    version: str | None = None
    loaded_at: float | None = None
    sample: bool | None = None
    private: int | None = None


@dataclass(frozen=True, slots=True)
class JobState:
    """One row of the scheduler's timetable and how it went last; ``runs`` and ``failures`` count since the start."""

    id: str
    next_run_at: float | None = None
    last_run_at: float | None = None
    last_outcome: str | None = None
    last_duration_seconds: float | None = None
    runs: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class WarmupState:
    """The last warm-up: how many queries it warmed and how many failed; None before the first."""

    running: bool = False
    last_run_at: float | None = None
    warmed: int | None = None
    failed: int | None = None


@dataclass(frozen=True, slots=True)
class AiState:
    """Whether AI ranking is configured, its phase (``open`` is the breaker's word), its model, how long it loads."""

    enabled: bool = False
    state: AiPhase = "off"
    model: str | None = None
    loading_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FailedActivation:
    """An activation that failed, or whose deactivation did; ``at`` is epoch seconds."""

    activation_id: str
    signal: str
    destination: str
    adapter: str
    reason: str
    failed_at: float


@dataclass(frozen=True, slots=True)
class ActivationsState:
    """How many activations are in each state, how many orders are under way, and the last failures, latest first."""

    states: Mapping[str, int]
    under_way: int
    failures: Sequence[FailedActivation] = ()


def no_activations() -> ActivationsState | None:
    """Return None: for a service whose activations cannot be read."""
    return None


def no_records() -> Sequence[Mapping[str, Any]]:
    """Return no records: for a service that has no alert rules."""
    return ()


def no_fetches() -> Mapping[str, int]:
    """Return no counts: for a service whose catalogue is published nowhere."""
    return dict.fromkeys(("replaced", "unchanged", "failed", "refused"), 0)


def no_shared_orders() -> Mapping[str, int]:
    """Return no counts: for a service that shares no order of an AI with others."""
    return dict.fromkeys(("found", "led", "followed", "alone"), 0)


def no_drops() -> int:
    """Return 0: for a service whose log drops nothing."""
    return 0


def no_store() -> None:
    """Return None: for a service that shares nothing."""
    return


@dataclass(frozen=True, slots=True)
class Gauges:
    """Everything that is read now rather than counted.

    ``alerts`` and ``transitions`` return the records of the stats document as they are to be shown (JSON values,
    timestamps ISO 8601); an alert record holds at least ``name`` and ``state``. ``log_lines_dropped``,
    ``fetches`` and ``shared_orders`` count since the start.
    """

    queue: Callable[[], QueueState]
    cache: Callable[[], CacheState]
    clients: Callable[[], ClientsState]
    system: Callable[[], SystemState] = SystemState
    catalogue: Callable[[], CatalogueState] = CatalogueState
    jobs: Callable[[], Sequence[JobState]] = tuple
    warmup: Callable[[], WarmupState] = WarmupState
    ai: Callable[[], AiState] = AiState
    alerts: Callable[[], Sequence[Mapping[str, Any]]] = no_records
    transitions: Callable[[], Sequence[Mapping[str, Any]]] = no_records
    activations: Callable[[], ActivationsState | None] = no_activations
    log_lines_dropped: Callable[[], int] = no_drops
    fetches: Callable[[], Mapping[str, int]] = no_fetches
    shared_orders: Callable[[], Mapping[str, int]] = no_shared_orders
    warm_interval_seconds: float = 300.0
    store: Callable[[], StoreState | None] = no_store
