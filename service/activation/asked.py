"""How an order is read from JSON, the same members for REST and for AdCP's ``activate_signal``.

Pure readers: each returns the value in its canonical form, or raises ``InvalidInput`` with the field's name. Addresses
of agents are names to be compared, and are read as nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from service import reading
from service.activation.orders import ACTIONS, Account, Action, Destination
from service.activation.replay import KEY
from service.errors import InvalidInput
from service.stages import fields

DESTINATIONS = 20
TEXT_LENGTH = 128
URL_LENGTH = 2000
OPTION = r"^[A-Za-z0-9._:-]{1,200}$"
DOMAIN = r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"


def action(value: Any) -> Action:
    """Return what shall be done; ``activate`` where nothing is said."""
    if value is None:
        return "activate"
    for known in ACTIONS:
        if value == known:
            return known
    raise InvalidInput("'action' must be activate or deactivate.", field="action")


def destinations(value: Any, *, strict: bool = True) -> tuple[Destination, ...]:
    """Return where, each place once. ``strict`` refuses members that are not known."""
    if not isinstance(value, list) or not 1 <= len(value) <= DESTINATIONS:
        raise InvalidInput(f"'destinations' must be a list of 1 to {DESTINATIONS}.", field="destinations")
    found = [_destination(item, f"destinations[{place}]", strict) for place, item in enumerate(value)]
    return tuple(dict.fromkeys(found))


def account(value: Any, *, strict: bool = True) -> Account | None:
    """Return for whom: ``{"account_id"}``, or ``{"brand": {"domain"}, "operator", "sandbox"?}``."""
    if value is None:
        return None
    if isinstance(value, dict) and "account_id" in value:
        _known(value, "account", ("account_id",), strict)
        return Account(account_id=fields.text_of(value["account_id"], "account.account_id", TEXT_LENGTH))
    if not isinstance(value, dict) or not isinstance(value.get("brand"), dict):
        raise InvalidInput("'account' must have an 'account_id', or a 'brand' and an 'operator'.", field="account")
    _known(value, "account", ("brand", "operator", "sandbox"), strict)
    _known(value["brand"], "account.brand", ("domain",), strict)
    sandbox = value.get("sandbox", False)
    if type(sandbox) is not bool:
        raise InvalidInput("'account.sandbox' must be true or false.", field="account.sandbox")
    brand = _matching(value["brand"].get("domain"), "account.brand.domain", DOMAIN, 253, "a domain")
    operator = _matching(value.get("operator"), "account.operator", DOMAIN, 253, "a domain")
    return Account("", brand.lower(), operator.lower(), sandbox)


def pricing_option_id(value: Any) -> str | None:
    """Return the price that is taken, None where none was named."""
    return None if value is None else _matching(value, "pricing_option_id", OPTION, 200, "the id of a pricing option")


def idempotency_key(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(KEY, value):
        raise InvalidInput(
            "'idempotency_key' must be 16 to 255 letters, digits, dots, colons, hyphens or underscores: "
            "a fresh one for each order, the same one when you repeat it.",
            field="idempotency_key",
        )
    return value


def _destination(value: Any, name: str, strict: bool) -> Destination:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in ("platform", "agent"):
        raise InvalidInput(f"'{name}' must be of type 'platform' or 'agent'.", field=name)
    place = "platform" if kind == "platform" else "agent_url"
    _known(value, name, ("type", place, "account"), strict)
    seat = value.get("account")
    ours = "" if seat is None else fields.text_of(seat, f"{name}.account", TEXT_LENGTH)
    if kind == "platform":
        return Destination("platform", platform=fields.platform(value.get(place), f"{name}.platform"), account=ours)
    return Destination("agent", agent_url=_agent_url(value.get(place), f"{name}.agent_url"), account=ours)


def _agent_url(value: Any, name: str) -> str:
    try:
        if not isinstance(value, str) or len(value) > URL_LENGTH:
            raise ValueError
        return str(reading.url(value))
    except ValueError:
        raise InvalidInput(f"'{name}' must be an http or https address.", field=name) from None


def _known(value: Mapping[str, Any], name: str, members: tuple[str, ...], strict: bool) -> None:
    for member in value if strict else ():
        if member not in members:
            shown = fields.quoted(f"{name}.{member}", marks=False)
            raise InvalidInput(f"Unknown field '{shown}'.", field=shown)


def _matching(value: Any, name: str, pattern: str, longest: int, what: str) -> str:
    if not isinstance(value, str) or len(value) > longest or not re.fullmatch(pattern, value):
        raise InvalidInput(f"'{name}' must be {what}.", field=name)
    return value
