"""The arguments of ``get_signals`` become what the core knows: a brief, a page of it, and the form of the answer.

Values are read by the readers of REST, under the same limits and the same suspicion; a refusal names the field as AdCP
does. Names that are not known are passed over, as the protocol demands. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from service.activation import asked
from service.activation.orders import Account
from service.adcp import versions
from service.adcp.references import reference
from service.errors import InvalidInput
from service.messages import SIGNAL_TYPES, Brief, Form
from service.places import agent_address
from service.stages import fields

DEFAULT_RESULTS = 50
MODES = ("brief", "wholesale")
_LOOKING = ("signal_spec", "signal_refs", "signal_ids")
FIELDS = (
    *("signal_ref", "signal_id", "signal_agent_segment_id", "name", "description", "value_type", "categories", "range"),
    *("demographic_predicate", "signal_type", "data_provider", "coverage_percentage", "deployments", "pricing_options"),
    *("taxonomy", "data_sources", "methodology", "segmentation_criteria", "criteria_url", "refresh_cadence"),
    *("lookback_window", "onboarder", "modeling", "audience_expansion", "device_expansion", "countries"),
    *("consent_basis", "restricted_attributes", "policy_categories", "art9_basis", "data_subject_rights"),
    "last_updated",
)


class Discovery(NamedTuple):
    """What a call of ``get_signals`` asks for. ``known_version`` is the feed version that the caller has already."""

    brief: Brief
    max_results: int
    cursor: str | None
    form: Form
    wholesale: bool
    known_version: str | None
    account: Account | None


def discovery(arguments: Mapping[str, Any]) -> Discovery:
    """Read the arguments. Raises ``InvalidInput``, ``SuspiciousInput`` or ``VersionUnsupported``."""
    release = versions.served(arguments)
    wholesale = _mode(arguments) == "wholesale"
    check_envelope(arguments)
    brief = Brief(
        spec=_given(arguments, "signal_spec", fields.spec_of("signal_spec"), ""),
        refs=_references(arguments),
        countries=_given(arguments, "countries", fields.array("countries", fields.country), ()),
        priced=release == versions.FIRST,
        **_destinations(arguments),
        **_filters(_object(arguments, "filters")),
    )
    max_results, cursor = _page(arguments)
    form = Form(release, _given(arguments, "fields", fields.array("fields", _field), ()))
    account = asked.account(arguments.get("account"), strict=False)
    return Discovery(brief, max_results, cursor, form, wholesale, _known_version(arguments, wholesale), account)


def check_envelope(arguments: Mapping[str, Any]) -> None:
    """Refuse what every tool takes in the wrong form. Raises ``InvalidInput``."""
    for name in ("context", "ext"):
        _object(arguments, name)


def _mode(arguments: Mapping[str, Any]) -> str:
    mode = arguments.get("discovery_mode", "brief")
    if mode not in MODES:
        raise InvalidInput("'discovery_mode' must be brief or wholesale.", field="discovery_mode")
    given = [name for name in _LOOKING if arguments.get(name) is not None]
    if mode == "wholesale" and given:
        raise InvalidInput(f"A wholesale request takes no '{given[0]}'.", field=given[0])
    if mode == "brief" and not given:
        raise InvalidInput("'signal_spec' is required: say in plain words what you look for.", field="signal_spec")
    return str(mode)


def _known_version(arguments: Mapping[str, Any], wholesale: bool) -> str | None:
    found: dict[str, str] = {}
    for name in ("if_wholesale_feed_version", "if_pricing_version"):
        version = arguments.get(name)
        if version is not None and not isinstance(version, str):
            raise InvalidInput(f"'{name}' must be a text.", field=name)
        if version is not None and not wholesale:
            raise InvalidInput(f"'{name}' belongs to wholesale requests.", field=name)
        if version is not None:
            found[name] = version
    if "if_pricing_version" in found and len(found) == 1:
        raise InvalidInput("'if_pricing_version' needs 'if_wholesale_feed_version'.", field="if_pricing_version")
    return found.get("if_wholesale_feed_version")


def _page(arguments: Mapping[str, Any]) -> tuple[int, str | None]:
    pagination = _object(arguments, "pagination")
    most = arguments.get("max_results")
    max_results = DEFAULT_RESULTS if most is None else fields.max_results(most, most=math.inf)
    if pagination.get("max_results") is not None:
        max_results = fields.max_results(pagination["max_results"], "pagination.max_results")
    cursor = pagination.get("cursor")
    return max_results, None if cursor is None else fields.cursor(cursor, "pagination.cursor")


def _references(arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    found = []
    for name in ("signal_refs", "signal_ids"):
        refs = arguments.get(name)
        if refs is None:
            continue
        if not isinstance(refs, list) or not 1 <= len(refs) <= fields.LIST_ITEMS:
            raise InvalidInput(f"'{name}' must be a list of 1 to {fields.LIST_ITEMS} items.", field=name)
        found += [reference(ref, f"{name}[{place}]") for place, ref in enumerate(refs)]
    return tuple(dict.fromkeys(found))


def _destinations(arguments: Mapping[str, Any]) -> dict[str, Any]:
    destinations = arguments.get("destinations")
    if destinations is None:
        return {}
    if not isinstance(destinations, list) or not 1 <= len(destinations) <= fields.LIST_ITEMS:
        text = f"'destinations' must be a list of 1 to {fields.LIST_ITEMS} items."
        raise InvalidInput(text, field="destinations")
    platforms, agents = set(), set()
    for place, destination in enumerate(destinations):
        where = f"destinations[{place}]"
        kind = destination.get("type") if isinstance(destination, dict) else None
        if kind == "platform":
            platforms.add(fields.platform(destination.get("platform"), f"{where}.platform"))
        elif kind == "agent":
            agents.add(_agent(destination.get("agent_url"), f"{where}.agent_url"))
        else:
            raise InvalidInput(f"'{where}' must be an object of type 'platform' or 'agent'.", field=where)
    return {"platforms": tuple(sorted(platforms)), "agents": tuple(sorted(agents))}


def _agent(url: Any, name: str) -> str:
    address = agent_address(url) if isinstance(url, str) else None
    if address is None:
        raise InvalidInput(f"'{name}' must be an http or https address.", field=name)
    return address


_FILTERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "data_providers": ("data_providers", fields.array("filters.data_providers", fields.data_provider)),
    "max_cpm": ("max_cpm", fields.number("filters.max_cpm", fields.MAX_CPM)),
    "min_coverage_percentage": (
        "min_coverage_percentage",
        fields.number("filters.min_coverage_percentage", fields.MOST_PERCENT),
    ),
}


def _filters(filters: Mapping[str, Any]) -> dict[str, Any]:
    # Prices here are by the thousand: no signal asks a share of the media, and none can ask too big a one.
    _given(filters, "max_percent", fields.number("filters.max_percent", fields.MOST_PERCENT), None)
    found = {name: read(filters[key]) for key, (name, read) in _FILTERS.items() if filters.get(key) is not None}
    types = _given(filters, "catalog_types", fields.array("filters.catalog_types", _signal_type), ())
    return found | {"signal_types": types}


def _signal_type(value: Any, name: str) -> str:
    if value not in SIGNAL_TYPES:
        raise InvalidInput(f"'{name}' must be of {', '.join(SIGNAL_TYPES)}.", field=name)
    return str(value)


def _field(value: Any, name: str) -> str:
    if value not in FIELDS:
        raise InvalidInput(f"'{name}' must be of {', '.join(FIELDS)}.", field=name)
    return str(value)


def _given(values: Mapping[str, Any], name: str, read: Callable[[Any], Any], otherwise: Any) -> Any:
    value = values.get(name)
    return otherwise if value is None else read(value)


def _object(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    if not isinstance(value, dict | None):
        raise InvalidInput(f"'{name}' must be an object.", field=name)
    return value or {}
