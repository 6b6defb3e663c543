"""What walks through the service: two messages in, two results out.

Door stages see an untrusted ``Request`` and answer with a ``Response``. ``validate`` turns the request into a frozen,
hashable ``Query``; work stages see only that and return a ``Ranking``. A stage on the wrong side does not type-check.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

Kind = Literal["audience", "contextual", "geographical", "temporal", "environmental", "bidding"]
KINDS: tuple[Kind, ...] = ("audience", "contextual", "geographical", "temporal", "environmental", "bidding")

SignalType = Literal["marketplace", "custom", "owned"]
SIGNAL_TYPES: tuple[SignalType, ...] = ("marketplace", "custom", "owned")

CacheResult = Literal["hit", "stale", "miss"]
CacheState = CacheResult | Literal["none"]
RankingMethod = Literal["ai", "text"]

ActivationState = Literal["requested", "activating", "live", "failed", "deactivated"]
ACTIVATION_STATES: tuple[ActivationState, ...] = get_args(ActivationState)
ActivationAdapter = Literal["sandbox", "webhook", "file-drop"]
ACTIVATION_ADAPTERS: tuple[ActivationAdapter, ...] = get_args(ActivationAdapter)

RANKING_LIMIT = 1000
"""A ranking holds at most this many signals; ``total_count`` is exact up to it where it is known, and absent beyond."""


@lru_cache(256)
def _environ_key(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


def never_gone() -> bool:
    """Return False: the default for callers that cannot hang up, such as the warm-up."""
    return False


class Principal(NamedTuple):
    """Somebody who holds an API key: ``id`` is what is stored and compared, ``name`` what operators read."""

    id: str
    name: str


class Request(NamedTuple):
    """One HTTP request as it came: nothing in it may be believed. A tuple, since one is made for every request.

    ``peer`` is the address of the socket, ``client`` the name that limits and blocks go by (an address, or the base
    address of its IPv6 /64). ``endpoint`` is the pattern of the route, never the raw path; ``arrived`` is monotonic
    seconds. ``principal`` is whose API key it brought, once that was checked.
    """

    method: str
    path: str
    query_string: str
    endpoint: str
    peer: str
    arrived: float
    environ: Mapping[str, Any]
    read_body: Callable[[], bytes]
    id: str = ""
    client: str = ""
    principal: Principal | None = None

    def header(self, name: str) -> str:
        """Return a header's value by its usual name (``X-Request-ID``), or an empty string."""
        value: str = self.environ.get(_environ_key(name), "")
        return value

    def identified(self, request_id: str, client: str) -> Request:
        """Return the request with its id and the name of its client."""
        return Request(*self[:-3], request_id, client)

    def of(self, principal: Principal) -> Request:
        """Return the request with whose key it brought."""
        return Request(*self[:-1], principal)


@dataclass(slots=True)
class Response:
    """An HTTP answer on its way out; stages add headers to it.

    ``fields`` is what the log line tells besides the usual (spec, ranking_method, queue_wait, error …). ``counts_as``
    is the status under which it is counted and logged, where the protocol has it sent with another.
    """

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    cache: CacheState = "none"
    fields: dict[str, Any] = field(default_factory=dict)
    counts_as: int | None = None


class Ref(NamedTuple):
    """A signal by its name elsewhere: ``place`` is a provider's domain, or the address of the agent that it is native
    to (``source``)."""

    source: bool
    place: str
    id: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What is wanted: the words and the filters. Two equal briefs have the same ranking, whoever asks.

    ``platforms`` and ``agents`` (addresses) are alternatives: one of either is enough. ``priced`` asks for signals
    whose price and coverage are known. ``refs`` come first, and with them there may be no words. ``viewer`` is
    ``<principal>@<version>``: whose private signals and prices count, and which version of them; it is empty where only
    public ones do.
    """

    spec: str
    platforms: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    data_providers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    max_cpm: float | None = None
    min_coverage_percentage: float | None = None
    agents: tuple[str, ...] = ()
    signal_types: tuple[str, ...] = ()
    priced: bool = False
    refs: tuple[Ref, ...] = ()
    viewer: str = ""

    @property
    def principal(self) -> str:
        """The name of the principal that the viewer is; empty without one."""
        return self.viewer.partition("@")[0]


class Form(NamedTuple):
    """In whose words an answer is written: REST's, or those of a ``release`` of AdCP, with some fields or all."""

    release: str = ""
    fields: tuple[str, ...] = ()


REST = Form()


@dataclass(frozen=True, slots=True)
class Query:
    """One validated question: a brief, the page wanted, and who waits for it.

    ``gone`` tells whether the client has hung up; ``context_id`` is echoed when it was sent; ``explain`` asks for the
    parts of each signal's score.
    """

    brief: Brief
    max_results: int = 10
    cursor: str | None = None
    context_id: str | None = None
    client: str = ""
    gone: Callable[[], bool] = never_gone
    form: Form = REST
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Deployment:
    """A place where a signal can be used."""

    platform: str
    is_live: bool = True
    type: str = "platform"
    agent_url: str | None = None


class Price(NamedTuple):
    """What a signal costs the principal of this name: ``cpm`` in ``currency``."""

    principal: str
    cpm: float
    currency: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One row of the catalogue. Unknown is None or empty, never 0.

    ``coverage_percentage`` is 0-100, ``cpm`` a price for a thousand impressions in ``currency`` (ISO 4217).
    ``visible_to`` names the principals who alone may know of it, none where all may; ``prices`` are those of single
    principals. Both are empty in what is read to answer somebody: there ``cpm`` is the asker's price. ``told`` says
    which of the two a file told: an import keeps what it was not told.
    """

    id: str
    name: str
    description: str = ""
    path: tuple[str, ...] = ()
    kind: str = "audience"
    signal_type: str = "owned"
    data_provider: str = ""
    provider_domain: str = ""
    coverage_percentage: float | None = None
    cpm: float | None = None
    currency: str = "USD"
    countries: tuple[str, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    visible_to: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()
    told: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A custom segment that could be made, never one that exists; plain text of at most 80, 300, 200 characters."""

    id: str
    name: str
    description: str
    rationale: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The whole ordered answer to a brief over one version of the catalogue.

    ``rows`` holds catalogue row numbers, best first, at most ``RANKING_LIMIT``; ``relevance`` runs beside it, 0-1.
    ``total`` is the exact number of matches, or None when it is not known or above the limit. ``left_out`` counts rows
    that matched the words but failed a filter only for want of data, by filter name. ``reasons`` overrides the local
    match reason of a row. ``near`` holds words of the catalogue that resemble the unknown ones. The first ``placed``
    rows stand where the AI put them.
    """

    brief: Brief
    catalogue_version: str
    fingerprint: str
    rows: array[int]
    relevance: array[float]
    total: int | None
    method: RankingMethod = "text"
    fallback_reason: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    near: tuple[str, ...] = ()
    placed: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the work stages answer: the ranking, where it came from, and the seconds it waited for a slot."""

    ranking: Ranking
    cache: CacheResult = "miss"
    queue_wait: float = 0.0
