"""A page of signals as one caller sees it: with what that caller has live, and with the keys to it. Pure.

Pages are kept for all; only who has activated something gets one that is written anew.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from service.activation import describe
from service.activation.deployed import Live
from service.adcp.envelope import Opened
from service.json_bytes import encoded, escaped

_PLACE = ("type", "platform", "agent_url")


def seen_by(page: Opened, live: Live, account: bool) -> Opened:
    """Return the page with what is live; ``account`` says that the caller asked for an account of its own."""
    document = json.loads(page.body + b"}")
    for signal in document["signals"]:
        for one in live.get(signal["signal_agent_segment_id"], ()):
            signal["deployments"] = _with(signal["deployments"], describe.deployment(one))
    if "wholesale_feed_version" in document:
        document["wholesale_feed_version"] = version(document["wholesale_feed_version"], live)
    if account:
        document["cache_scope"] = "account"
    body = encoded(document)[:-1]
    return Opened(body, escaped(body))


def version(feed: str, live: Live) -> str:
    """Return the version of a feed as a caller sees it who has this live."""
    if not live:
        return feed
    told = sorted(json.dumps(describe.deployment(one), sort_keys=True) for some in live.values() for one in some)
    return f"{feed}-{hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()}"


def _with(deployments: list[dict[str, Any]], live: dict[str, Any]) -> list[dict[str, Any]]:
    """Return deployments with one that is live, in the place of the one that is not."""
    place = [live.get(name) for name in _PLACE]
    others = [one for one in deployments if one["is_live"] or [one.get(name) for name in _PLACE] != place]
    return [live, *others]
