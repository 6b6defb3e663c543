"""A signal as ``get_signals`` lists it: AdCP's members by release, and the fields that were asked for. Pure.

What is unknown is left out. A release that cannot leave it out (3.0) is never given a signal that lacks it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from service.adcp import versions
from service.adcp.references import names
from service.describing import describe
from service.messages import Signal

ALWAYS = frozenset(
    {
        *("signal_ref", "signal_id", "signal_agent_segment_id", "name", "description", "signal_type"),
        *("coverage_percentage", "deployments"),
    }
)
"""Members that are never left out, whichever fields are asked for."""
ALWAYS_IN_FIRST = ALWAYS | {"data_provider", "pricing_options"}


def listing(signal: Signal, own_address: str) -> dict[str, Any]:
    """Return a signal with all that is known of it."""
    document = describe(signal)
    del document["signal_ref"]
    countries = document.pop("countries")
    # Where it can be used; where it is live, is the caller's own and added for each.
    document["deployments"] = [place | {"is_live": False} for place in document["deployments"]]
    return (
        names(signal, own_address)
        | document
        | {"value_type": "binary"}
        | ({"countries": countries} if countries else {})
    )


def projected(document: dict[str, Any], fields: Collection[str], release: str) -> dict[str, Any]:
    """Return a listing with the fields that were asked for, and those that the release demands; all if none were."""
    if not fields:
        return document
    wanted = (ALWAYS_IN_FIRST if release == versions.FIRST else ALWAYS).union(fields)
    return {name: value for name, value in document.items() if name in wanted}
