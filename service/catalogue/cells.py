"""What a single cell of a catalogue file may hold: one parser a column, and the limits.

A parser takes what CSV (always text) or JSON gives and returns the value that ``Signal`` keeps, or raises
``ValueError`` whose message completes the sentence "<column> <value> …". Harmless differences are folded (blanks,
Unicode composition, case of codes); what could mislead a reader or break a line is refused.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from service.messages import KINDS, SIGNAL_TYPES, Deployment

NAME_LIMIT = 256
DESCRIPTION_LIMIT = 2000
PATH_LEVELS = 16
PATH_LEVEL_LIMIT = 128
COUNTRIES_LIMIT = 250
DEPLOYMENTS_LIMIT = 200
URL_LIMIT = 2048

ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
PLATFORM = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_URL = re.compile(r"https?://[!-~]+")
_PATH_SEPARATOR = re.compile(r"\s*>\s*")
# Tab and line breaks become a blank; other controls, bidi overrides and halves of characters have no place in a line.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DEPLOYMENT_KEYS = frozenset({"type", "platform", "is_live", "agent_url"})

T = TypeVar("T")


def text(value: object, limit: int = NAME_LIMIT) -> str:
    """Return one line of NFC text of at most ``limit`` characters, inner blanks folded to one."""
    if not isinstance(value, str):
        raise ValueError("is not text")
    if not (value.isascii() and value.isprintable()):
        value = _clean(value)
    if "  " in value:
        value = " ".join(value.split())
    if len(value) > limit:
        raise ValueError(f"has {len(value)} characters, at most {limit} are allowed")
    return value


def _clean(value: str) -> str:
    found = _FORBIDDEN.search(value)
    if found is None:
        return unicodedata.normalize("NFC", " ".join(value.split()))
    code = ord(found.group())
    # Undecodable bytes arrive as U+DC80-U+DCFF (the surrogateescape handler of the opened stream).
    if 0xDC80 <= code <= 0xDCFF:
        raise ValueError(f"is not valid UTF-8 (byte 0x{code - 0xDC00:02x})")
    raise ValueError(f"holds the forbidden character U+{code:04X}")


def description(value: object) -> str:
    """Return text of at most ``DESCRIPTION_LIMIT`` characters."""
    return text(value, DESCRIPTION_LIMIT)


def code(pattern: re.Pattern[str], wanted: str, fold: Callable[[str], str] = str) -> Callable[[object], str]:
    """Return a parser for values that match ``pattern`` after ``fold``; ``wanted`` describes them."""

    def parse(value: object) -> str:
        folded = fold(value) if isinstance(value, str) else ""
        if not pattern.fullmatch(folded):
            raise ValueError(f"is not {wanted}")
        return folded

    return parse


def one_of(choices: Sequence[str]) -> Callable[[object], str]:
    """Return a parser for a word out of ``choices``, in any case."""
    known = frozenset(choices)

    def parse(value: object) -> str:
        folded = value.lower() if isinstance(value, str) else ""
        if folded not in known:
            raise ValueError(f"is not one of {', '.join(choices)}")
        return folded

    return parse


def number(highest: float, wanted: str) -> Callable[[object], float]:
    """Return a parser for finite numbers from 0 to ``highest``."""

    def parse(value: object) -> float:
        figure = _figure(value)
        if not 0 <= figure <= highest or math.isinf(figure):
            raise ValueError(f"is not {wanted}")
        # Minus zero would print, and so hash, differently from zero.
        return figure + 0.0

    return parse


def _figure(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    # float() alone would take "1_000", "nan" and digits of other scripts.
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _listed(value: object, separator: re.Pattern[str] | str, limit: int, parse: Callable[[object], T]) -> tuple[T, ...]:
    if isinstance(value, str):
        items: list[object] = [*(re.split(separator, value))]
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
_platform = code(PLATFORM, "a list of platform names (a-z, 0-9, '.', '_', '-')", str.lower)


def countries(value: object) -> tuple[str, ...]:
    """Return ISO 3166 alpha-2 codes out of ``US;CA`` or a list, repeats dropped."""
    return _listed(value, ";", COUNTRIES_LIMIT, _country)


def platforms(value: object) -> tuple[Deployment, ...]:
    """Return live deployments out of ``dv360;the-trade-desk`` or a list of names."""
    return tuple(Deployment(name) for name in _listed(value, ";", DEPLOYMENTS_LIMIT, _platform))


def deployments(value: object) -> tuple[Deployment, ...]:
    """Return deployments out of a list of objects, or of the same as JSON text in a CSV cell."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is not JSON") from None
    if not isinstance(value, list):
        raise ValueError("is not a list of objects")
    return _listed(value, ";", DEPLOYMENTS_LIMIT, _deployment)


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


class Column(NamedTuple):
    """A column of the import format: its name, the field of ``Signal`` it fills, and its parser."""

    name: str
    field: str
    parse: Callable[[object], object]


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("id", "id", code(ID, "1 to 128 letters, digits, '_' or '-'")),
        Column("name", "name", text),
        Column("description", "description", description),
        Column("path", "path", path),
        Column("kind", "kind", one_of(KINDS)),
        Column("signal_type", "signal_type", one_of(SIGNAL_TYPES)),
        Column("data_provider", "data_provider", text),
        Column("provider_domain", "provider_domain", code(_DOMAIN, "a domain name", str.lower)),
        Column("coverage_percentage", "coverage_percentage", number(100.0, "a number from 0 to 100")),
        Column("cpm", "cpm", number(math.inf, "a finite number from 0 up")),
        Column("currency", "currency", code(_CURRENCY, "a three-letter currency code", str.upper)),
        Column("countries", "countries", countries),
        Column("platforms", "deployments", platforms),
        Column("deployments", "deployments", deployments),
    )
}
"""Every column of the import format, in the order in which files are written."""
