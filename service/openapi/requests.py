"""What callers may send, as OpenAPI parameters and JSON Schemas.

Patterns, lengths and bounds are the constants that ``stages.fields`` goes by, so that the document cannot promise what
the service refuses. ``spec`` and ``data_providers`` alone may be refused although they
fit: what looks like an attack is no matter of a schema.
"""

from __future__ import annotations

from typing import Any

from service.messages import KINDS
from service.stages import fields

Schema = dict[str, Any]

CONTROLS = r"\x00-\x1f\x7f-\x9f"
# At least one letter that is no blank, and no control character.
TEXT = rf"^[^{CONTROLS}]*[^\s{CONTROLS}][^{CONTROLS}]*$"
SIGNAL_ID = "^[A-Za-z0-9_-]{1,128}$"


def text(longest: int, pattern: str, **more: Any) -> Schema:
    """Return the schema of a text with at least one letter."""
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern, **more}


def matching(pattern: str, **more: Any) -> Schema:
    """Return the schema of a text that a pattern describes in full."""
    return {"type": "string", "pattern": pattern, **more}


def number(most: float, **more: Any) -> Schema:
    """Return the schema of a number from 0 to ``most``."""
    return {"type": "number", "minimum": 0, "maximum": most, **more}


def listed(item: Schema, most: int = fields.LIST_ITEMS, least: int = 1, **more: Any) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item, "minItems": least, "maxItems": most, **more}


def record(required: tuple[str, ...], members: dict[str, Schema], **more: Any) -> Schema:
    """Return the schema of an object with these members and no others; ``required`` names those always there."""
    return {"type": "object", "required": [*required], "properties": members, "additionalProperties": False, **more}


KIND: Schema = {"type": "string", "enum": [*KINDS]}
COUNTRY = matching(fields.COUNTRY)
PLATFORM = matching(fields.PLATFORM)
_PROVIDER = text(fields.ITEM_LENGTH, TEXT)

_SPEC = text(fields.SPEC_LENGTH, TEXT, description="What you look for, in plain words.")
_MAX_RESULTS = {
    "type": "integer",
    "minimum": 1,
    "maximum": fields.MAX_RESULTS,
    "default": fields.DEFAULT_RESULTS,
    "description": "How many signals a page holds.",
}
_CURSOR = matching(fields.CURSOR, description="`pagination.cursor` of the page before, sent with the same question.")
_CONTEXT = matching(fields.CONTEXT_ID, description="Echoed in the answer, to tie several calls together.")
_EXPLAIN = {
    "type": "boolean",
    "default": False,
    "description": "Tells what each signal's score is made of, as `explanation`.",
}
_COUNTRIES = listed(COUNTRY, description="Signals of at least one of these countries (ISO 3166, two letters).")
_KINDS = listed(KIND, description="Signals of one of these kinds.")
_PROVIDERS = listed(_PROVIDER, description="Signals of one of these data providers, by name.")
_MAX_CPM = number(fields.MAX_CPM, description="Highest price for a thousand impressions, in USD.")
_MIN_COVERAGE = number(fields.MOST_PERCENT, description="Least coverage in percent.")

DESTINATION = record(("type", "platform"), {"type": {"type": "string", "const": "platform"}, "platform": PLATFORM})
SIGNALS_REQUEST = record(
    ("signal_spec",),
    {
        "signal_spec": _SPEC,
        "max_results": _MAX_RESULTS,
        "cursor": _CURSOR,
        "context_id": _CONTEXT,
        "explain": _EXPLAIN,
        "destinations": listed(DESTINATION, description="Signals that can be used on one of these platforms."),
        "countries": _COUNTRIES,
        "filters": record(
            (),
            {
                "kind": _KINDS,
                "data_providers": _PROVIDERS,
                "max_cpm": _MAX_CPM,
                "min_coverage_percentage": _MIN_COVERAGE,
            },
        ),
    },
    examples=[
        {
            "signal_spec": "parents shopping for strollers",
            "max_results": 5,
            "countries": ["US"],
            "destinations": [{"type": "platform", "platform": "the-trade-desk"}],
            "filters": {"kind": ["audience"], "max_cpm": 5},
        }
    ],
)


def _query(name: str, schema: Schema, example: Any = None, *, required: bool = False) -> dict[str, Any]:
    described = dict(schema)
    parameter: dict[str, Any] = {"name": name, "in": "query", "description": described.pop("description")}
    if required:
        parameter["required"] = True
    if schema["type"] == "array":
        parameter |= {"style": "form", "explode": False}
    parameter["schema"] = described
    return parameter if example is None else parameter | {"example": example}


SEARCH_PARAMETERS = [
    _query("spec", _SPEC, "parents shopping for strollers", required=True),
    _query("max_results", _MAX_RESULTS, 10),
    _query("cursor", _CURSOR),
    _query("context_id", _CONTEXT),
    _query("explain", _EXPLAIN),
    _query(
        "platforms",
        listed(PLATFORM, description="Signals that can be used on one of these platforms."),
        ["the-trade-desk", "dv360"],
    ),
    _query("countries", _COUNTRIES, ["US"]),
    _query("data_providers", _PROVIDERS),
    _query("kind", _KINDS, ["audience"]),
    _query("max_cpm", _MAX_CPM, 5),
    _query("min_coverage_percentage", _MIN_COVERAGE, 0.5),
]
REVALIDATION = {
    "name": "If-None-Match",
    "in": "header",
    "description": "`ETag` of an answer you hold; if it is still right, the answer is 304 without a body.",
    "schema": {"type": "string"},
}


def switch(name: str, description: str) -> dict[str, Any]:
    """Return a query parameter that is true or false."""
    return _query(name, {"type": "boolean", "default": False, "description": description})


def choice(name: str, words: tuple[str, ...], description: str) -> dict[str, Any]:
    """Return a query parameter that is one of some words; the first is meant where it is absent."""
    return _query(name, {"type": "string", "enum": [*words], "default": words[0], "description": description})


def path_parameter(name: str, schema: Schema, description: str) -> dict[str, Any]:
    """Return a parameter of the path."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}
