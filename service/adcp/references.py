"""Names of signals that hold outside of this agent: ``signal_ref``, and ``signal_id`` as it was until 3.0. Pure.

A signal that its provider publishes goes by the provider's domain. One's own go by the address of the agent that they
are native to; nothing outside vouches for them.
"""

from __future__ import annotations

import re
from typing import Any

from service.errors import InvalidInput
from service.messages import Ref, Signal
from service.places import agent_address
from service.stages.fields import quoted

_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# What says which kind it is, the name of that kind, and which member holds domain, address and id.
_SPELLINGS = (
    ("scope", "data_provider", "data_provider_domain", "signal_id"),
    ("scope", "signal_source", "signal_source_url", "signal_id"),
    ("source", "catalog", "data_provider_domain", "id"),
    ("source", "agent", "agent_url", "id"),
)


def reference(value: Any, where: str) -> Ref:
    """Return what a ``signal_ref`` or a ``signal_id`` names. Raises ``InvalidInput`` for the part that is wrong."""
    if not isinstance(value, dict):
        raise InvalidInput(f"'{where}' must be an object.", field=where)
    for key, kind, place, identity in _SPELLINGS:
        if value.get(key) == kind:
            source = place != "data_provider_domain"
            return Ref(source, _place(value.get(place), source, f"{where}.{place}"), _id(value, identity, where))
    if value.get("scope") == "product":
        raise InvalidInput("Signals of a product are not found here: there are no products.", field=f"{where}.scope")
    key = "source" if "source" in value else "scope"
    kinds = [spelling[1] for spelling in _SPELLINGS if spelling[0] == key]
    raise InvalidInput(f"'{where}.{key}' must be {' or '.join(kinds)}.", field=f"{where}.{key}")


def _place(value: Any, source: bool, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"'{where}' is required.", field=where)
    place = agent_address(value) if source else value if _DOMAIN.fullmatch(value) else None
    if place is None:
        what = "an http or https address" if source else "a domain name in small letters"
        raise InvalidInput(f"'{where}' must be {what}.", field=where)
    return place


def _id(value: dict[str, Any], name: str, where: str) -> str:
    identity = value.get(name)
    if not isinstance(identity, str) or not _ID.fullmatch(identity):
        shown = f"{quoted(where, marks=False)}.{name}"
        raise InvalidInput(f"'{shown}' must be 1 to 128 letters, digits, hyphens or underscores.", field=shown)
    return identity


def is_native(signal: Signal) -> bool:
    """Return whether a signal is this agent's own, for which nobody else vouches."""
    return signal.signal_type == "owned" or not signal.provider_domain


def source_of(signal: Signal, own_address: str) -> str:
    """Return the address that a native signal goes by."""
    return f"https://{signal.provider_domain}" if signal.provider_domain else own_address


def named(signal: Signal, ref: Ref, own_address: str) -> bool:
    """Return whether a reference names this very signal."""
    if ref.id != signal.id or ref.source != is_native(signal):
        return False
    return ref.place == (source_of(signal, own_address) if ref.source else signal.provider_domain)


def names(signal: Signal, own_address: str) -> dict[str, Any]:
    """Return ``signal_ref`` and ``signal_id`` of a signal."""
    if is_native(signal):
        address = source_of(signal, own_address)
        return {
            "signal_ref": {"scope": "signal_source", "signal_source_url": address, "signal_id": signal.id},
            "signal_id": {"source": "agent", "agent_url": address, "id": signal.id},
        }
    domain = signal.provider_domain
    return {
        "signal_ref": {"scope": "data_provider", "data_provider_domain": domain, "signal_id": signal.id},
        "signal_id": {"source": "catalog", "data_provider_domain": domain, "id": signal.id},
    }
