"""A small catalogue of marketplace signals, for the storyboard of agents that sell those: all of it is invented."""

from __future__ import annotations

import json
from pathlib import Path

_DOMAIN = "data-provider.example"
_NAMES = {
    "ev-intenders": "In-market electric vehicles buyers with high purchase propensity",
    "dealer-visitors": "Adults near auto dealerships, an audience of shoppers",
    "electronics": "High-value customers likely to purchase electronics, with loyalty program data",
    "purchases": "Purchase behavior signals of a broad audience",
}


def write(path: Path) -> None:
    """Write the catalogue as JSON Lines."""
    rows = [
        {
            "id": name,
            "name": words,
            "description": f"{words}; invented for conformance checks.",
            "signal_type": "marketplace",
            "data_provider": "Data Provider",
            "provider_domain": _DOMAIN,
            "coverage_percentage": 5.0 + place,
            "cpm": 2.0 + place,
            "platforms": ["the-trade-desk", "dv360"],
        }
        for place, (name, words) in enumerate(_NAMES.items())
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
