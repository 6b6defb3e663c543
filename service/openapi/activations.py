"""Activation as JSON Schemas, and its operations in words. Patterns and bounds are those that requests are read by."""

from __future__ import annotations

from service.activation import asked, words
from service.activation.replay import KEY
from service.activation.signing import SIGNATURE, TIMESTAMP
from service.messages import ACTIVATION_ADAPTERS, ACTIVATION_STATES
from service.openapi.requests import PLATFORM, SIGNAL_ID, TEXT, Schema, listed, matching, record, text
from service.openapi.row import URL
from service.stages import fields

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_STATE: Schema = {"type": "string", "enum": [*ACTIVATION_STATES]}
_ACTION: Schema = {"type": "string", "enum": ["activate", "deactivate"]}

KEY_TEXT = matching(KEY)
_SEAT = text(asked.TEXT_LENGTH, TEXT, description="Your account over there.")
_DOMAIN = text(253, asked.DOMAIN)

ACCOUNT: Schema = {
    "description": "For whom you act; none is an account of its own. In a sandbox account everything is simulated.",
    "oneOf": [
        record(("account_id",), {"account_id": text(asked.TEXT_LENGTH, TEXT)}),
        record(
            ("brand", "operator"),
            {"brand": record(("domain",), {"domain": _DOMAIN}), "operator": _DOMAIN, "sandbox": _FLAG},
        ),
    ],
}
DESTINATION: Schema = {
    "oneOf": [
        record(
            ("type", "platform"),
            {"type": {"type": "string", "const": "platform"}, "platform": PLATFORM, "account": _SEAT},
        ),
        record(
            ("type", "agent_url"),
            {
                "type": {"type": "string", "const": "agent"},
                "agent_url": text(asked.URL_LENGTH, URL, description="A name: it is compared, never fetched."),
                "account": _SEAT,
            },
        ),
    ]
}
ACTIVATION_KEY: Schema = {
    "description": "By what the segment is bought there.",
    "oneOf": [
        record(("type", "segment_id"), {"type": {"type": "string", "const": "segment_id"}, "segment_id": _TEXT}),
        record(
            ("type", "key", "value"), {"type": {"type": "string", "const": "key_value"}, "key": _TEXT, "value": _TEXT}
        ),
    ],
}
_DEPLOYED: Schema = record(
    ("type", "is_live"),
    {
        "type": {"type": "string", "enum": ["platform", "agent"]},
        "platform": _TEXT,
        "agent_url": _TEXT,
        "account": _TEXT,
        "is_live": _FLAG | {"description": "True only once the platform confirmed it."},
        "activation_key": ACTIVATION_KEY,
        "deployed_at": _TIME,
        "estimated_activation_duration_minutes": {"type": "integer", "minimum": 0},
    },
    description="Where a signal is yours to use, or will be.",
)
_ALWAYS = {
    "activation_id": _TEXT,
    "signal_agent_segment_id": _TEXT,
    "state": _STATE,
    "deployment": {"$ref": "#/components/schemas/YourDeployment"},
    "adapter": {"type": "string", "enum": [*ACTIVATION_ADAPTERS]},
    "sandbox": _FLAG | {"description": "Whether all of it is simulated."},
    "requested_at": _TIME,
    "changed_at": _TIME,
}
_MAYBE = {
    "pending": _ACTION | {"description": "The order that is under way; absent if none is."},
    "account": {"$ref": "#/components/schemas/Account"},
    "pricing_option_id": _TEXT,
    "reason": _TEXT | {"description": "Why it failed, or what holds it up."},
}
_STEP = record(("at", "state"), {"at": _TIME, "state": _STATE, "reason": _TEXT})
_SUMMARIES = {"type": "array", "items": {"$ref": "#/components/schemas/Activation"}}

SCHEMAS: dict[str, Schema] = {
    "Account": ACCOUNT,
    "YourDeployment": _DEPLOYED,
    "Activation": record(tuple(_ALWAYS), _ALWAYS | _MAYBE, description="A signal at one destination, for you."),
    "ActivationReport": record(
        (*_ALWAYS, "history"),
        _ALWAYS | _MAYBE | {"history": {"type": "array", "items": _STEP, "description": "The last 50 steps."}},
    ),
    "Activations": record(
        ("activations", "pagination"),
        {
            "activations": _SUMMARIES,
            "pagination": record(
                ("has_more",), {"has_more": _FLAG, "cursor": _TEXT | {"description": "For the next page."}}
            ),
        },
    ),
    "ActivationRequest": record(
        ("destinations",),
        {
            "destinations": listed(DESTINATION, asked.DESTINATIONS),
            "account": ACCOUNT,
            "action": _ACTION | {"default": "activate"},
            "pricing_option_id": matching(
                asked.OPTION, description="Which price you take; needed where the signal has one, to activate."
            ),
            "idempotency_key": KEY_TEXT | {"description": "Instead of the header `Idempotency-Key`."},
        },
        examples=[
            {
                "destinations": [{"type": "platform", "platform": "the-trade-desk", "account": "seat-7"}],
                "pricing_option_id": "auto-suv-intenders-cpm",
            }
        ],
    ),
    "ActivationAnswer": record(
        ("deployments", "activations", "replayed", "request_id"),
        {
            "deployments": {"type": "array", "items": {"$ref": "#/components/schemas/YourDeployment"}},
            "sandbox": {"type": "boolean", "const": True, "description": "There if any of it is simulated."},
            "activations": _SUMMARIES,
            "replayed": _FLAG | {"description": "Whether this is what an earlier request with this key was answered."},
            "request_id": _TEXT,
        },
    ),
    "Word": {
        "type": "object",
        "required": ["delivery_id", "state"],
        "properties": {
            "delivery_id": text(words.ID_LENGTH, TEXT, description="As it came with the order."),
            "state": _STATE,
            "activation_key": ACTIVATION_KEY,
            "reason": text(words.REASON_LENGTH, TEXT),
        },
        "examples": [
            {
                "delivery_id": "dlv_5f0c",
                "state": "live",
                "activation_key": {"type": "segment_id", "segment_id": "ttd-81723"},
            }
        ],
    },
    "WordTaken": record(("state", "changed"), {"state": _STATE, "changed": _FLAG}),
}

IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A fresh one for each order, the same one when you repeat it: then nothing is done twice.",
    "schema": KEY_TEXT,
    "example": "order-2026-11-25-0001",
}
SIGNATURE_PARAMETERS = [
    {
        "name": TIMESTAMP,
        "in": "header",
        "description": "Unix second of sending; five minutes' difference is allowed.",
        "schema": matching("^[0-9]{1,12}$"),
    },
    {
        "name": SIGNATURE,
        "in": "header",
        "description": "`sha256=` and the HMAC-SHA256, in hexadecimal digits, of the second, a dot and the body.",
        "schema": matching("^sha256=[0-9a-f]{64}$"),
    },
]


def parameter(name: str, schema: Schema, description: str) -> Schema:
    """Return a parameter of the query."""
    return {"name": name, "in": "query", "description": description, "schema": schema}


LIST_PARAMETERS = [
    parameter("state", _STATE, "Only those in this state."),
    parameter("signal", matching(SIGNAL_ID), "Only those of this signal."),
    parameter(
        "max_results",
        {"type": "integer", "minimum": 1, "maximum": fields.MAX_RESULTS, "default": 50},
        "How many a page holds.",
    ),
    parameter("cursor", matching(fields.CURSOR), "`pagination.cursor` of the page before."),
]

ORDERING = (
    "Orders a signal onto one or more destinations, or takes it back there (`action: deactivate`). What is `live` was "
    "confirmed by the platform; until then the answer is 202 and `GET /api/activations/{id}` says how it stands. "
    "Sample data goes live in a sandbox at once, marked `sandbox`. An order is written for all its destinations or "
    "for none. It wants an API key and an `Idempotency-Key`: the same order with the same key is answered as before "
    "for a day (`replayed`), and another order with that key is refused with 422.\n\n"
    "`curl http://localhost:8000/api/signals/auto-suv-intenders/activate -H 'Authorization: Bearer <KEY>' "
    "-H 'Idempotency-Key: order-2026-11-25-0001' -H 'Content-Type: application/json' "
    '-d \'{"destinations":[{"type":"platform","platform":"the-trade-desk"}],'
    '"pricing_option_id":"auto-suv-intenders-cpm"}\'`'
)
TELLING = (
    "For the platforms that orders are delivered to: whether a delivery is `live`, `failed` or `deactivated`. It needs "
    "no API key; the signature says who speaks. Only the first word on the last delivery counts, so that a repeated "
    "callback changes nothing. Members that are not named here are left alone."
)
