"""Who may see a row, and at what price: the two columns of the import format that are about principals.

``visible_to`` is a list of names; ``prices`` tells a price by name, in the currency of the row or one of its own. Both
have one order, so that equal wishes make equal signals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from service.catalogue.cells import code, number
from service.keys.names import PATTERN
from service.messages import Price

VIEWERS_LIMIT = 1000

_SAME = ""  # the currency of the row
_NAME = code(re.compile(PATTERN), "a list of names of principals (a-z, 0-9, '.', '_', '-')", str.lower)
_CPM = number(math.inf, "a list of names and prices, such as acme=2.5;globex=3 EUR")
_CURRENCY = code(re.compile("[A-Z]{3}"), "a price with a three-letter currency code", str.upper)
_PRICE_KEYS = {"cpm", "currency"}


def visible_to(value: object) -> tuple[str, ...]:
    """Return the names out of ``acme;globex`` or a list."""
    items: object = value.split(";") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("is not a list")
    _bounded(items)
    names = (_NAME(item.strip() if isinstance(item, str) else item) for item in items if item != "")
    return tuple(sorted(set(names)))


def prices(value: object) -> tuple[Price, ...]:
    """Return the prices out of ``acme=2.5;globex=3 EUR``, or of an object such as ``{"acme": 2.5}``."""
    if isinstance(value, str):
        pairs = [_pair(item) for item in value.split(";") if item.strip()]
    elif isinstance(value, dict):
        pairs = list(value.items())
    else:
        raise ValueError("is not an object of prices by name")
    _bounded(pairs)
    found = sorted(_price(name, price) for name, price in pairs)
    if len({price.principal for price in found}) < len(found):
        raise ValueError("has two prices for one name")
    return tuple(found)


def in_currency(found: Iterable[Price], currency: str) -> tuple[Price, ...]:
    """Return prices in which those without a currency have the row's."""
    return tuple(price._replace(currency=price.currency or currency) for price in found)


def price_object(found: Iterable[Price], currency: str) -> dict[str, object]:
    """Return prices as the import format's JSON object."""
    return {
        price.principal: price.cpm if price.currency == currency else {"cpm": price.cpm, "currency": price.currency}
        for price in found
    }


def price_cell(found: Iterable[Price], currency: str) -> str:
    """Return prices as a cell of CSV."""
    shown = ((price, repr(price.cpm).removesuffix(".0")) for price in found)
    return ";".join(
        f"{price.principal}={cpm}" + ("" if price.currency == currency else f" {price.currency}")
        for price, cpm in shown
    )


def _bounded(items: list[object] | list[tuple[object, object]]) -> None:
    if len(items) > VIEWERS_LIMIT:
        raise ValueError(f"has {len(items)} items, at most {VIEWERS_LIMIT} are allowed")


def _pair(item: str) -> tuple[object, object]:
    name, _, told = item.partition("=")
    cpm, _, currency = told.strip().partition(" ")
    return name.strip(), {"cpm": cpm, "currency": currency.strip()} if currency else cpm


def _price(name: object, told: object) -> Price:
    if not isinstance(told, dict):
        return Price(_NAME(name), _CPM(told), _SAME)
    if not {"cpm"} <= told.keys() <= _PRICE_KEYS:
        raise ValueError("has a price that is not a number or an object of cpm and currency")
    return Price(_NAME(name), _CPM(told["cpm"]), _CURRENCY(told["currency"]) if "currency" in told else _SAME)
