"""What one poll of one target learned, frozen: the figures of its stats document and the counters of its metrics.

Pure data, no Textual and no network. Whatever a server answers, a field that is missing or of the wrong type is None or
empty here; nothing is ever made up. Times are as the server told them (ISO 8601 text) or seconds as named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LARGEST = 1e15
"""No honest figure is larger; sums and products of such as claim to be would not stay finite."""

Labels = tuple[tuple[str, str], ...]
"""Label names and values of one sample, sorted by name."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The samples of one scrape: metric name (``http_requests_total``, ``…_bucket``, ``…_sum`` …) -> labels ->
    value."""

    samples: Mapping[str, Mapping[Labels, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule as the service sees it: states ok, warning, pending, firing, clearing, resolved, no_data."""

    name: str
    state: str
    severity: str = "warning"
    value: float | None = None
    unit: str = ""
    comparison: str = ">"
    warns: float | None = None
    fires: float | None = None
    clears: float | None = None
    for_seconds: float = 0.0
    needs: int = 0
    since: str | None = None
    peak: float | None = None
    resolved_at: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of an alert's state."""

    name: str
    before: str
    after: str
    value: float | None
    at: str


@dataclass(frozen=True, slots=True)
class EndpointRow:
    endpoint: str
    method: str
    rate: float | None
    errors: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool that agents call over MCP: calls a second, and how many were refused in the window."""

    tool: str
    rate: float | None
    refused: float | None


@dataclass(frozen=True, slots=True)
class ClientRow:
    client: str
    used: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key by the name of its holder; the key itself is nowhere told."""

    name: str
    used: int
    limit: float | None


@dataclass(frozen=True, slots=True)
class BlockRow:
    client: str
    until: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class FailedActivation:
    """A signal that did not go live somewhere, and why."""

    signal: str
    destination: str
    reason: str
    failed_at: str | None


@dataclass(frozen=True, slots=True)
class JobRow:
    id: str
    next_run_at: str | None
    last_run_at: str | None
    last_outcome: str | None
    last_duration_seconds: float | None
    runs: int
    failures: int


@dataclass(frozen=True, slots=True)
class ErrorRow:
    timestamp: str
    request_id: str
    endpoint: str
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Service:
    """Who answered."""

    name: str = ""
    version: str = ""
    instance: str = ""
    started_at: str | None = None
    uptime_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One good answer: ``at`` is the monotonic second at which it came, ``wall`` the Unix second, ``seconds`` how long
    it took. ``figures`` is the stats document flattened to dotted names (``queue.capacity``, ``ai.model``).

    ``fleet`` are all instances behind the address as this one tells of them, without metrics, and ``totals`` what they
    add up to; both are empty where it is alone or cannot tell."""

    at: float
    wall: float
    seconds: float
    service: Service
    metrics: Metrics
    figures: Mapping[str, float | str | bool | None] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    transitions: tuple[Transition, ...] = ()
    endpoints: tuple[EndpointRow, ...] = ()
    clients: tuple[ClientRow, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    tools: tuple[ToolRow, ...] = ()
    blocked: tuple[BlockRow, ...] = ()
    failed_activations: tuple[FailedActivation, ...] = ()
    jobs: tuple[JobRow, ...] = ()
    errors: tuple[ErrorRow, ...] = ()
    fleet: tuple[Snapshot, ...] = ()
    totals: Mapping[str, float | str | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """One poll that brought nothing usable. ``reason`` is one short sentence for the strip."""

    at: float
    wall: float
    kind: str  # unreachable, timeout, unauthorized, redirect, not_the_service, too_large, garbage, status
    reason: str
