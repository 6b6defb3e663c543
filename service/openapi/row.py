"""One row of the catalogue as a JSON Schema: what ``POST /api/catalogue`` takes as JSON, and what its files hold.

Stricter than the readers of files, which fold what differs harmlessly: whatever fits here is a good row there, with
the lengths that the catalogue's columns go by.
"""

from __future__ import annotations

from service.catalogue import access, cells, columns
from service.keys.names import PATTERN
from service.messages import SIGNAL_TYPES
from service.openapi.requests import (
    CONTROLS,
    COUNTRY,
    KIND,
    PLATFORM,
    SIGNAL_ID,
    listed,
    matching,
    number,
    record,
    text,
)
from service.stages import fields

_HIDDEN = CONTROLS + r"\u202a-\u202e\u2066-\u2069"
CELL = rf"^[^{_HIDDEN}]*[^\s{_HIDDEN}][^{_HIDDEN}]*$"
LEVEL = rf"^[^>{_HIDDEN}]*[^>\s{_HIDDEN}][^>{_HIDDEN}]*$"
PROSE = rf"^[^{_HIDDEN}]*$"
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
DOMAIN = rf"^{_LABEL}(\.{_LABEL})*$"
DOMAIN_LENGTH = 253
URL = r"^https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?([/?#][!-~]*)?$"

_PRINCIPAL = matching(f"^{PATTERN}$")
_CPM = number(fields.MAX_CPM)
_CURRENCY = matching("^[A-Za-z]{3}$")
_LIVE = {"type": "boolean", "default": True}
_AGENT_URL = text(columns.URL_LIMIT, URL)
CATALOGUE_ROW = record(
    ("id", "name"),
    {
        "id": matching(SIGNAL_ID),
        "name": text(cells.NAME_LIMIT, CELL),
        "description": {"type": "string", "maxLength": cells.DESCRIPTION_LIMIT, "pattern": PROSE},
        "path": listed(
            text(columns.PATH_LEVEL_LIMIT, LEVEL), columns.PATH_LEVELS, 0, description="In CSV: `A > B > C`."
        ),
        "kind": KIND | {"default": "audience"},
        "signal_type": {"type": "string", "enum": [*SIGNAL_TYPES], "default": "owned"},
        "data_provider": text(cells.NAME_LIMIT, CELL),
        "provider_domain": text(DOMAIN_LENGTH, DOMAIN),
        "coverage_percentage": number(fields.MOST_PERCENT),
        "cpm": number(fields.MAX_CPM, description="Price for a thousand impressions."),
        "currency": matching("^[A-Za-z]{3}$", default="USD", description="ISO 4217."),
        "countries": listed(COUNTRY, columns.COUNTRIES_LIMIT, 0, description="ISO 3166. In CSV: `US;CA`."),
        "platforms": listed(
            PLATFORM, columns.DEPLOYMENTS_LIMIT, 0, description="Where it is live. In CSV: `dv360;the-trade-desk`."
        ),
        "deployments": listed(
            {
                "oneOf": [
                    record(
                        ("platform",),
                        {
                            "type": {"type": "string", "const": "platform", "default": "platform"},
                            "platform": PLATFORM,
                            "agent_url": _AGENT_URL,
                            "is_live": _LIVE,
                        },
                    ),
                    record(
                        ("type", "agent_url"),
                        {
                            "type": {"type": "string", "const": "agent"},
                            "agent_url": _AGENT_URL,
                            "platform": PLATFORM,
                            "is_live": _LIVE,
                        },
                    ),
                ]
            },
            columns.DEPLOYMENTS_LIMIT,
            0,
            description="Instead of `platforms`, where more is to be said.",
        ),
        "visible_to": listed(
            _PRINCIPAL,
            access.VIEWERS_LIMIT,
            0,
            description="Names of those with API keys who alone may see it; empty: everybody. Left out: as it was.",
        ),
        "prices": {
            "type": "object",
            "propertyNames": _PRINCIPAL,
            "maxProperties": access.VIEWERS_LIMIT,
            "additionalProperties": {"oneOf": [_CPM, record(("cpm",), {"cpm": _CPM, "currency": _CURRENCY})]},
            "description": "What it costs single principals, by name, in the row's currency or one of its own.",
        },
    },
    description="One row of the catalogue. What is unknown is left out, never 0.",
    examples=[
        {
            "id": "suv-intenders",
            "name": "SUV intenders",
            "path": ["Automotive", "In market"],
            "coverage_percentage": 6.4,
            "cpm": 3.2,
            "countries": ["US"],
            "platforms": ["the-trade-desk"],
        }
    ],
)
CATALOGUE_ROW["not"] = {"required": ["platforms", "deployments"]}
