"""The columns of the import format: their order, the field of ``Signal`` each fills, their parsers and limits.

Built from the parsers of ``cells``; the ones for lists stand here. A list is text with a separator (CSV) or a JSON
list; both give the same value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from service.catalogue import access
from service.catalogue.cells import code, description, number, one_of, text
from service.messages import KINDS, SIGNAL_TYPES, Deployment

PATH_LEVELS = 16
PATH_LEVEL_LIMIT = 128
COUNTRIES_LIMIT = 250
DEPLOYMENTS_LIMIT = 200
URL_LIMIT = 2048

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?([/?#][!-~]*)?")
_PATH_SEPARATOR = re.compile(r"\s*>\s*")
_DEPLOYMENT_KEYS = frozenset({"type", "platform", "is_live", "agent_url"})

T = TypeVar("T")


def _listed(value: object, limit: int, parse: Callable[[object], T]) -> tuple[T, ...]:
    if isinstance(value, str):
        items: list[object] = [*value.split(";")]
    elif isinstance(value, list):
        items = value
    else:
        raise ValueError("is not a list")
    if len(items) > limit:
        raise ValueError(f"has {len(items)} items, at most {limit} are allowed")
    parsed = (parse(item.strip() if isinstance(item, str) else item) for item in items if item != "")
    return tuple(dict.fromkeys(parsed))


def _level(value: object) -> str:
    level = text(value, PATH_LEVEL_LIMIT)
    if not level or ">" in level:
        raise ValueError("has a level that is empty or holds '>'")
    return level


def path(value: object) -> tuple[str, ...]:
    """Return the levels of ``A > B > C`` or of a list; a level repeats legitimately (``Autos > Autos``)."""
    items = _PATH_SEPARATOR.split(value) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("is not a list")
    if len(items) > PATH_LEVELS:
        raise ValueError(f"has {len(items)} levels, at most {PATH_LEVELS} are allowed")
    return tuple(_level(item.strip() if isinstance(item, str) else item) for item in items)


_country = code(_COUNTRY, "a list of two-letter country codes", str.upper)
_platform = code(_PLATFORM, "a list of platform names (a-z, 0-9, '.', '_', '-')", str.lower)


def countries(value: object) -> tuple[str, ...]:
    """Return ISO 3166 alpha-2 codes out of ``US;CA`` or a list, repeats dropped."""
    return _listed(value, COUNTRIES_LIMIT, _country)


def platforms(value: object) -> tuple[Deployment, ...]:
    """Return live deployments out of ``dv360;the-trade-desk`` or a list of names."""
    return tuple(Deployment(name) for name in _listed(value, DEPLOYMENTS_LIMIT, _platform))


def deployments(value: object) -> tuple[Deployment, ...]:
    """Return deployments out of a list of objects, or of the same as JSON text in a CSV cell."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is not JSON") from None
    if not isinstance(value, list):
        raise ValueError("is not a list of objects")
    return _listed(value, DEPLOYMENTS_LIMIT, _deployment)


def _deployment(value: object) -> Deployment:
    if not isinstance(value, dict) or not value.keys() <= _DEPLOYMENT_KEYS:
        raise ValueError(f"has an item that is not an object of {', '.join(sorted(_DEPLOYMENT_KEYS))}")
    where, live = one_of(("platform", "agent"))(value.get("type", "platform")), value.get("is_live", True)
    if not isinstance(live, bool):
        raise ValueError("has an is_live that is neither true nor false")
    url = value.get("agent_url")
    if url is not None and not (isinstance(url, str) and len(url) <= URL_LIMIT and _URL.fullmatch(url)):
        raise ValueError("has an agent_url that is not an http address")
    if where == "agent" and url is None:
        raise ValueError("has an agent without agent_url")
    name = value.get("platform", "")
    return Deployment("" if where == "agent" and name == "" else _platform(name), live, where, url)


def deployment_object(deployment: Deployment) -> dict[str, object]:
    """Return a deployment as the import format's JSON object."""
    filled: dict[str, object] = {"type": deployment.type, "is_live": deployment.is_live}
    if deployment.platform:
        filled["platform"] = deployment.platform
    if deployment.agent_url is not None:
        filled["agent_url"] = deployment.agent_url
    return filled


def _remembered(parse: Callable[[object], T]) -> Callable[[object], T]:
    """Return ``parse`` with a memory: catalogues repeat few lists over many rows."""
    remembered = lru_cache(maxsize=4096)(parse)

    def look_up(value: object) -> T:
        # Short text only, so that the memory is bounded in bytes too.
        return remembered(value) if isinstance(value, str) and len(value) <= 256 else parse(value)

    return look_up


class Column(NamedTuple):
    """A column of the import format: its name, the field of ``Signal`` it fills, and its parser."""

    name: str
    field: str
    parse: Callable[[object], object]


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("id", "id", code(_ID, "1 to 128 letters, digits, '_' or '-'")),
        Column("name", "name", text),
        Column("description", "description", description),
        Column("path", "path", _remembered(path)),
        Column("kind", "kind", one_of(KINDS)),
        Column("signal_type", "signal_type", one_of(SIGNAL_TYPES)),
        Column("data_provider", "data_provider", text),
        Column("provider_domain", "provider_domain", code(_DOMAIN, "a domain name", str.lower)),
        Column("coverage_percentage", "coverage_percentage", number(100.0, "a number from 0 to 100")),
        Column("cpm", "cpm", number(math.inf, "a finite number from 0 up")),
        Column("currency", "currency", code(_CURRENCY, "a three-letter currency code", str.upper)),
        Column("countries", "countries", _remembered(countries)),
        Column("platforms", "deployments", _remembered(platforms)),
        Column("deployments", "deployments", deployments),
        Column("visible_to", "visible_to", _remembered(access.visible_to)),
        Column("prices", "prices", access.prices),
    )
}
"""Every column of the import format, in the order in which files are written."""
