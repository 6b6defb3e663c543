"""What ``tools/list`` says of the tools: description and input schema. Nothing that is not named is forbidden."""

from __future__ import annotations

from typing import Any

from service.activation.orders import ACTIONS
from service.activation.replay import KEY
from service.adcp.requests import FIELDS, MODES
from service.messages import SIGNAL_TYPES
from service.stages.fields import LIST_ITEMS, SPEC_LENGTH

_TEXT: dict[str, Any] = {"type": "string"}
_OBJECT: dict[str, Any] = {"type": "object"}
_DOMAIN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"


def _any(description: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "description": description, "properties": members}


def _list(items: dict[str, Any], description: str, most: int = LIST_ITEMS) -> dict[str, Any]:
    return {"type": "array", "description": description, "items": items, "minItems": 1, "maxItems": most}


_ENVELOPE: dict[str, Any] = {
    "adcp_version": _TEXT | {"description": "The release of AdCP that the caller speaks, such as 3.1."},
    "adcp_major_version": {"type": "integer", "description": "Deprecated: the same by major version."},
    "context": _any("Comes back as it was sent."),
    "ext": _any("Extensions; passed over."),
}
_ACCOUNT = _any("The account that the request is for: account_id, or brand and operator.")
_DESTINATIONS = _list(
    {
        "type": "object",
        "properties": {
            "type": {"enum": ["platform", "agent"]},
            "platform": _TEXT,
            "agent_url": _TEXT,
            "account": _TEXT,
        },
        "required": ["type"],
    },
    "Platforms and sales agents; one of them is enough.",
)
_REF = {
    "type": "object",
    "properties": {
        "scope": {"enum": ["data_provider", "signal_source"]},
        "data_provider_domain": _TEXT | {"pattern": _DOMAIN},
        "signal_source_url": _TEXT,
        "signal_id": _TEXT,
    },
    "required": ["scope", "signal_id"],
}
_LEGACY_ID = {
    "type": "object",
    "properties": {
        "source": {"enum": ["catalog", "agent"]},
        "data_provider_domain": _TEXT | {"pattern": _DOMAIN},
        "agent_url": _TEXT,
        "id": _TEXT,
    },
    "required": ["source", "id"],
}
_FILTERS = _any(
    "Narrow what is found. A signal whose price or coverage is not known fails a filter that asks for it.",
    catalog_types=_list({"enum": [*SIGNAL_TYPES]}, "Types of signals.", len(SIGNAL_TYPES)),
    data_providers=_list(_TEXT, "Names of data providers."),
    max_cpm={"type": "number", "minimum": 0, "description": "Highest price by the thousand, in USD."},
    max_percent={"type": "number", "minimum": 0, "maximum": 100, "description": "Highest share of the media."},
    min_coverage_percentage={"type": "number", "minimum": 0, "maximum": 100},
)
_PAGINATION = _any(
    "Which page.",
    max_results={"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    cursor=_TEXT | {"description": "The cursor of the page before."},
)


def _tool(name: str, title: str, description: str, properties: dict[str, Any], **rest: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties | _ENVELOPE, **rest}
    return {"name": name, "title": title, "description": description, "inputSchema": schema}


CAPABILITIES = _tool(
    "get_adcp_capabilities",
    "What this agent can do",
    "Which releases, protocols and features of AdCP this agent supports. Needs no credentials.",
    {"protocols": {"type": "array", "items": _TEXT, "minItems": 1, "description": "Only of these protocols."}},
)
ACTIVATE_SIGNAL = _tool(
    "activate_signal",
    "Activate a signal",
    "Make a signal available at destinations, or take it back there. Always needs a key. A deployment is live only "
    "when its platform has confirmed it; until then it says how long that may take. What is only simulated says so.",
    {
        "action": {"enum": [*ACTIONS], "default": "activate"},
        "signal_agent_segment_id": _TEXT | {"description": "The handle from get_signals."},
        "destinations": _DESTINATIONS,
        "pricing_option_id": _TEXT | {"description": "One of the signal's; needed where it has any."},
        "account": _ACCOUNT,
        "idempotency_key": _TEXT
        | {"pattern": KEY, "description": "A fresh one for each order, the same one when it is repeated."},
        "governance_context": _TEXT,
    },
    required=["idempotency_key", "signal_agent_segment_id", "destinations"],
)
GET_SIGNALS = _tool(
    "get_signals",
    "Find signals",
    "Find advertising signals by a description in plain words (signal_spec), by reference (signal_refs), or list all "
    'of them (discovery_mode "wholesale"). Says their coverage, price and platforms where they are known.',
    {
        "discovery_mode": {"enum": [*MODES], "default": "brief"},
        "signal_spec": _TEXT | {"maxLength": SPEC_LENGTH, "description": "What is looked for, in plain words."},
        "signal_refs": _list(_REF, "Signals by reference; with a signal_spec they come first."),
        "signal_ids": _list(_LEGACY_ID, "Deprecated: the same in the spelling of 3.0."),
        "account": _ACCOUNT,
        "destinations": _DESTINATIONS,
        "countries": _list({"type": "string", "pattern": "^[A-Z]{2}$"}, "ISO 3166 codes; one of them is enough."),
        "filters": _FILTERS,
        "fields": _list({"enum": [*FIELDS]}, "Only these members of a signal, and those that are always there."),
        "max_results": {"type": "integer", "minimum": 1, "description": "Deprecated: use pagination."},
        "pagination": _PAGINATION,
        "if_wholesale_feed_version": _TEXT,
        "if_pricing_version": _TEXT,
    },
)
