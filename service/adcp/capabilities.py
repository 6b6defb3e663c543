"""What this agent can do, as ``get_adcp_capabilities`` tells it. Claims are made of the catalogue that is served.

``signal-owned`` is claimed where the catalogue holds signals of one's own. ``signal-marketplace`` says that the data
providers named this agent in their adagents.json, which no agent can know of itself: it is claimed only where the
operator says so. Of the shipped sample, which is invented, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service import VERSION
from service.activation.replay import REPLAY_SECONDS
from service.adcp import versions
from service.errors import InvalidInput

PROTOCOL = "signals"
PROTOCOLS = ("media_buy", "signals", "governance", "sponsored_intelligence", "creative")
DOMAINS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """What the catalogue that is served says of itself; ``domains`` are those of marketplace signals."""

    version: str
    sample: bool
    types: tuple[str, ...]
    domains: tuple[str, ...]


def check(arguments: Mapping[str, Any]) -> None:
    """Refuse a request for capabilities that cannot be read. Raises ``InvalidInput``."""
    wanted = arguments.get("protocols")
    if wanted is None:
        return
    if not isinstance(wanted, list) or not wanted or any(name not in PROTOCOLS for name in wanted):
        raise InvalidInput(f"'protocols' must be a list of {', '.join(PROTOCOLS)}.", field="protocols")


def document(facts: Facts, marketplace: bool) -> dict[str, Any]:
    """Return the members of the answer; ``marketplace`` is what the operator says of the data providers."""
    signals: dict[str, Any] = {"discovery_modes": ["brief", "wholesale"]}
    if facts.domains:
        signals["data_provider_domains"] = facts.domains[:DOMAINS_SHOWN]
    told: dict[str, Any] = {
        "adcp": {
            "major_versions": [versions.MAJOR],
            "supported_versions": [*versions.RELEASES],
            "build_version": VERSION,
            "idempotency": {"supported": True, "replay_ttl_seconds": REPLAY_SECONDS},
        },
        "supported_protocols": [PROTOCOL],
        "account": {"supported_billing": ["operator"], "require_operator_auth": False, "sandbox": True},
        "signals": signals,
        "wholesale_feed_versioning": {
            "supported": True,
            "pricing_version_separate": False,
            "cache_scope_account": True,
        },
    }
    specialisms = [name for name, is_true in _claims(facts, marketplace).items() if is_true]
    if specialisms:
        told["specialisms"] = specialisms
    return told


def _claims(facts: Facts, marketplace: bool) -> dict[str, bool]:
    if facts.sample:
        return {}
    return {
        "signal-marketplace": marketplace and bool(facts.domains),
        "signal-owned": bool({"owned", "custom"}.intersection(facts.types)),
    }
