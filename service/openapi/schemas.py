"""What the service answers, as JSON Schemas: the ``components.schemas`` of the OpenAPI document.

Members that may be unknown are absent from signals and null in figures, never 0. Words that are counted or shown
somewhere else too (kinds, states, reasons) come from where they are defined.
"""

from __future__ import annotations

from typing import Any, get_args

from service.errors import Refused
from service.messages import KINDS, SIGNAL_TYPES, CacheResult, RankingMethod
from service.monitoring.health import SEVERITY
from service.monitoring.totals import FALLBACK_REASONS
from service.openapi import activations
from service.openapi.explanation import EXPLANATION
from service.openapi.fleet_stats import FLEET_STATS
from service.openapi.requests import SIGNALS_REQUEST, Schema, record
from service.openapi.row import CATALOGUE_ROW
from service.openapi.stats import STATS

CACHE_RESULTS = get_args(CacheResult)
_KINDS_OF_REFUSAL: tuple[type[Refused], ...] = (Refused, *Refused.__subclasses__())
_PROBLEMS = sorted({f"/problems/{kind.type}" for kind in _KINDS_OF_REFUSAL})


def ref(name: str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _all(members: dict[str, Schema], **more: Any) -> Schema:
    return record(tuple(members), members, **more)


TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
PERCENT: Schema = {"type": ["number", "null"], "minimum": 0}
SECONDS: Schema = {"type": "number", "minimum": 0}
WORDS: Schema = {"type": "array", "items": TEXT}


def word(*choices: str | None) -> Schema:
    """Return the schema of one word out of some; None among them stands for null."""
    return {"type": ["string", "null"] if None in choices else "string", "enum": [*choices]}


_SIGNAL = {
    "signal_agent_segment_id": TEXT,
    "signal_ref": record(
        ("scope", "signal_id"),
        {
            "scope": word("data_provider", "signal_source"),
            "data_provider_domain": TEXT,
            "signal_source_url": TEXT,
            "signal_id": TEXT,
        },
    ),
    "name": TEXT,
    "description": TEXT,
    "path": WORDS,
    "kind": word(*KINDS),
    "signal_type": word(*SIGNAL_TYPES),
    "data_provider": TEXT,
    "coverage_percentage": {"type": "number", "minimum": 0, "maximum": 100, "description": "Absent when unknown."},
    "countries": WORDS,
    "deployments": {"type": "array", "items": ref("Deployment")},
    "pricing_options": {"type": "array", "items": ref("PricingOption"), "description": "Absent when unknown."},
}
_MAYBE = ("coverage_percentage", "pricing_options")
_ALWAYS = tuple(name for name in _SIGNAL if name not in _MAYBE)
_PROPOSED = {"proposed_name": TEXT, "description": TEXT, "creation_rationale": TEXT}
_FOUND = {"relevance": {"type": "number", "minimum": 0, "maximum": 1}, "match_reason": TEXT}

_MCP_ID: Schema = {"type": ["string", "number", "null"]}

SCHEMAS: dict[str, Schema] = {
    "McpMessage": {
        "type": "object",
        "required": ["jsonrpc", "method"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "id": {"type": ["string", "number"], "description": "Without one it is a notification."},
            "method": {"type": "string", "examples": ["initialize", "ping", "tools/list", "tools/call"]},
            "params": {"type": "object"},
        },
        "description": "A message of JSON-RPC 2.0, as MCP has it.",
    },
    "McpAnswer": {
        "type": "object",
        "required": ["jsonrpc", "id"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "id": _MCP_ID,
            "result": {"type": "object"},
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "integer"}, "message": TEXT, "data": {"type": "object"}},
            },
        },
        "description": "A `result` or an `error` of JSON-RPC 2.0.",
    },
    "Signal": record(_ALWAYS, _SIGNAL, description="A signal that media can be bought by, in AdCP's words."),
    "FoundSignal": record(
        (*_ALWAYS, *_FOUND),
        _SIGNAL | _FOUND | {"explanation": ref("Explanation")},
        description="A signal with its relevance and why it matches.",
    ),
    "Explanation": EXPLANATION,
    "Deployment": record(
        ("type", "is_live"),
        {"type": word("platform", "agent"), "platform": TEXT, "agent_url": TEXT, "is_live": FLAG},
        description="Where a signal can be used.",
    ),
    "PricingOption": _all(
        {
            "pricing_option_id": TEXT,
            "model": word("cpm"),
            "cpm": {"type": "number", "minimum": 0},
            "currency": TEXT | {"pattern": "^[A-Z]{3}$"},
        }
    ),
    "SignalsRequest": SIGNALS_REQUEST,
    "SignalsAnswer": record(
        ("signals", "ranking_method", "fallback_reason", "message", "pagination", "cached", "request_id"),
        {
            "signals": {"type": "array", "items": ref("FoundSignal"), "description": "Best first; empty: no match."},
            "ranking_method": word(*get_args(RankingMethod)),
            "fallback_reason": word(*FALLBACK_REASONS, None)
            | {"description": "Why text ranked although AI is on; null when nothing went wrong."},
            "message": TEXT | {"description": "The result in words: how many match, what was left out and why."},
            "pagination": record(
                ("has_more",),
                {
                    "has_more": FLAG,
                    "cursor": TEXT | {"description": "Send it with the same question for the next page."},
                    "total_count": COUNT | {"description": "Exact; absent beyond 1,000, or where not all were seen."},
                },
            ),
            "custom_segment_proposals": {
                "type": "array",
                "items": ref("SegmentProposal"),
                "description": "Segments that the AI would like to see made; absent without any.",
            },
            "context_id": TEXT | {"description": "The one that was sent."},
            "cached": FLAG,
            "request_id": TEXT,
        },
    ),
    "SegmentProposal": _all(
        {"custom_segment_id": TEXT, "status": word("proposed"), **_PROPOSED},
        description="A segment that does not exist; it has neither size nor price and cannot be activated.",
    ),
    **activations.SCHEMAS,
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": word(*_PROBLEMS),
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT | {"description": "What is wrong, for whoever sent the request."},
            "field": TEXT | {"description": "The parameter or field that is wrong."},
            "request_id": TEXT | {"description": "Quote it when you report a fault."},
            "bad_rows": COUNT | {"description": "How many rows of an upload are bad."},
            "errors": {"type": "array", "items": ref("BadRow")},
        },
        "description": "A refusal (RFC 9457).",
    },
    "Alive": _all({"status": word("ok")}),
    "Health": _all(
        {
            "status": ref("HealthStatus"),
            "checks": {
                "type": "object",
                "additionalProperties": _all({"status": ref("HealthStatus"), "detail": TEXT, "since": TIME}),
            },
            "uptime_seconds": SECONDS,
            "version": TEXT,
            "system": _all({"cpu_percent": PERCENT, "memory_percent": PERCENT}),
            "queue": _all(dict.fromkeys(("depth", "capacity", "slots", "busy"), COUNT)),
        }
    ),
    "HealthStatus": word(*SEVERITY),
    "Stats": STATS,
    "FleetStats": FLEET_STATS,
    "StatsAnswer": {"oneOf": [ref("Stats"), ref("FleetStats")]},
    "Warmup": record(
        ("status", "joined", "specs"),
        {
            "status": word("warming", "done"),
            "joined": FLAG | {"description": "Whether a running warm-up was joined."},
            "specs": WORDS,
            "warmed": COUNT,
            "failed": COUNT,
        },
    ),
    "LiftedBlock": _all({"lifted": TEXT}),
    "Debug": record(
        ("settings", "versions", "catalogue", "threads", "slots", "log_lines_dropped"),
        {
            "settings": {"type": "object", "description": "By variable; secrets are shown as ***."},
            "versions": {"type": "object", "additionalProperties": TEXT},
            "catalogue": _all(
                {
                    "path": TEXT,
                    "trouble": {"type": ["string", "null"]},
                    "signals": {"type": ["integer", "null"], "minimum": 0},
                    "version": {"type": ["string", "null"]},
                }
            ),
            "threads": COUNT,
            "slots": COUNT,
            "log_lines_dropped": COUNT,
        },
    ),
    "CatalogueRow": CATALOGUE_ROW,
    "BadRow": _all({"line": COUNT, "reason": TEXT}),
    "ImportReport": _all(
        {
            **dict.fromkeys(("inserted", "updated", "removed", "unchanged", "bad_rows"), COUNT),
            "errors": {"type": "array", "items": ref("BadRow"), "description": "The first 20 bad rows."},
            "version": TEXT | {"description": "The catalogue's new version."},
        }
    ),
    "Index": _all(
        {
            "name": TEXT,
            "version": TEXT,
            "try": TEXT,
            "documentation": TEXT,
            "endpoints": {
                "type": "array",
                "items": _all({"method": TEXT, "path": TEXT, "summary": TEXT, "operator": FLAG}),
            },
        }
    ),
    "AdAgents": record(
        ("signals", "signal_tags", "authorized_agents", "last_updated"),
        {
            "message": TEXT,
            "sample": FLAG | {"description": "Whether all of it is invented."},
            "signals": {
                "type": "array",
                "minItems": 1,
                "items": record(
                    ("id", "name", "value_type", "tags"),
                    {
                        "id": TEXT,
                        "name": TEXT,
                        "description": TEXT,
                        "value_type": word("binary"),
                        "tags": WORDS,
                        "countries": WORDS,
                    },
                ),
            },
            "signal_tags": {"type": "object", "additionalProperties": _all({"name": TEXT, "description": TEXT})},
            "authorized_agents": {
                "type": "array",
                "items": _all(
                    {
                        "url": TEXT | {"format": "uri"},
                        "authorized_for": TEXT,
                        "authorization_type": word("signal_tags"),
                        "signal_tags": WORDS,
                    }
                ),
            },
            "last_updated": TIME,
        },
    ),
    "OpenApi": {
        "type": "object",
        "required": ["openapi", "info", "paths", "components"],
        "properties": {"openapi": TEXT, "info": {"type": "object"}, "paths": {"type": "object"}},
    },
}
