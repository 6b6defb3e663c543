"""The one table of routes: the front, Bottle and OpenAPI are made from it.

``walk`` says which stages a request passes: express (never limited, blocked or queued), operator (the same behind the
operator's token), signals (all of them), mcp (the same for agents), plain (limited), or bulk (an operator's upload).
``endpoint`` is the pattern, and the label under which a request is counted and logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

Walk = Literal["express", "operator", "signals", "mcp", "plain", "bulk"]
UPLOAD = "/api/catalogue"
ALIVE = "/health"
MCP = "/mcp"
ADAGENTS = "/.well-known/adagents.json"
WHOLE = "*"
"""What OPTIONS names the service as a whole by (RFC 9110, 9.3.7)."""
UNKNOWN = "other"
_MEMO = 4096
_MEMO_LENGTH = 300  # characters of method and path worth remembering


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one pattern. ``name`` finds its handler; ``key`` says that it wants an API key."""

    name: str
    method: str
    endpoint: str
    walk: Walk
    summary: str
    key: bool = False

    @property
    def operator(self) -> bool:
        """Whether it wants the operator's token."""
        return self.walk in ("operator", "bulk")


ROUTES: tuple[Route, ...] = (
    Route("search", "GET", "/api/signals", "signals", "Find signals by a description in plain words"),
    Route("search_json", "POST", "/api/signals", "signals", "Find signals, with the question as a JSON body"),
    Route("signal", "GET", "/api/signals/{id}", "signals", "One signal by its id"),
    Route("mcp", "POST", MCP, "mcp", "The same for agents: AdCP over MCP (JSON-RPC)"),
    Route(
        "activate",
        "POST",
        "/api/signals/{id}/activate",
        "signals",
        "Activate a signal somewhere, or deactivate it",
        key=True,
    ),
    Route("activations", "GET", "/api/activations", "signals", "Your activations, newest first", key=True),
    Route("activation", "GET", "/api/activations/{id}", "signals", "One of your activations, step by step", key=True),
    Route("callback", "POST", "/api/activations/{id}/callback", "plain", "What a platform says of an activation"),
    Route("adagents", "GET", ADAGENTS, "plain", "The provider's own signals, and who may sell them"),
    Route("alive", "GET", ALIVE, "express", "Whether the process lives"),
    Route("health", "GET", "/api/monitoring/health", "express", "How the service is, check by check"),
    Route("metrics", "GET", "/api/monitoring/metrics", "operator", "Prometheus metrics"),
    Route("stats", "GET", "/api/monitoring/stats", "operator", "Live figures of the last minute"),
    Route("warmup_get", "GET", "/api/monitoring/warmup", "operator", "Start or join a warm-up"),
    Route("warmup", "POST", "/api/monitoring/warmup", "operator", "Start or join a warm-up"),
    Route("lift_block", "DELETE", "/api/monitoring/blocks/{client}", "operator", "Lift a client's block"),
    Route("debug", "GET", "/api/debug", "operator", "Effective settings and versions"),
    Route("publish", "POST", UPLOAD, "bulk", "Import a catalogue file, whole or not at all"),
    Route("openapi", "GET", "/openapi.json", "plain", "This interface as OpenAPI 3.1"),
    Route("index", "GET", "/", "plain", "What there is"),
)


class Match(NamedTuple):
    """What a path leads to: ``route`` is None when no method or no path fits; ``allow`` lists the path's methods."""

    route: Route | None
    endpoint: str
    walk: Walk
    allow: str
    argument: str


def matcher(routes: Sequence[Route] = ROUTES) -> Callable[[str, str], Match]:
    """Return ``match(method, path)`` over a table of routes; it remembers what it found for short paths."""
    exact: dict[str, dict[str, Route]] = {}
    patterns: dict[str, tuple[re.Pattern[str], dict[str, Route]]] = {}
    for route in routes:
        if "{" in route.endpoint:
            pattern = re.compile(re.sub(r"\{[a-z]+\}", "([^/]+)", route.endpoint))
            patterns.setdefault(route.endpoint, (pattern, {}))[1][route.method] = route
        else:
            exact.setdefault(route.endpoint, {})[route.method] = route

    def find(method: str, path: str) -> Match:
        plain = normal(path)
        if plain in exact:
            return _match(method, exact[plain], "")
        for pattern, methods in patterns.values():
            found = pattern.fullmatch(plain)
            if found:
                return _match(method, methods, found[1])
        return Match(None, UNKNOWN, "plain", "", "")

    remembered = lru_cache(_MEMO)(find)

    def match(method: str, path: str) -> Match:
        return (remembered if len(method) + len(path) <= _MEMO_LENGTH else find)(method, path)

    return match


def normal(path: str) -> str:
    """Return a path with single slashes and none at its end: ``//api/signals/`` is ``/api/signals``."""
    return "/" + "/".join(part for part in path.split("/") if part)


def _match(method: str, methods: dict[str, Route], argument: str) -> Match:
    route = methods.get("GET" if method == "HEAD" else method)
    first = next(iter(methods.values()))
    # An OPTIONS or a wrong method is plain work: limited, and answered by the table alone.
    walk: Walk = route.walk if route else ("express" if first.walk in ("express", "operator") else "plain")
    return Match(route, first.endpoint, walk, allowed(methods), argument)


def allowed(methods: Iterable[str]) -> str:
    """Return an ``Allow`` header for methods that have routes."""
    methods = set(methods)
    return ", ".join(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
