"""First stage: give the request its id and find out who asks.

The client is the socket peer or, behind trusted proxies, the ``X-Forwarded-For`` entry found walking from the right;
what does not parse as an address means the peer. IPv6 clients go by their /64, named by its base address. Never raises.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from service.messages import Request, Response
from service.reading import Proxies

_OWN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MEMO = 4096


def identify(proxies: Proxies, forwarded_ignored: Callable[[str], None]) -> Callable[..., Response]:
    """Return the stage for a ``TRUSTED_PROXIES`` setting.

    ``forwarded_ignored(peer)`` is told when a private peer sends X-Forwarded-For while no proxy is trusted.
    """
    prefix = secrets.token_hex(5)
    counter = itertools.count()
    find = lru_cache(_MEMO)(lambda peer, forwarded: client_of(peer, forwarded, proxies))

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        forwarded = request.header("X-Forwarded-For")
        if forwarded and proxies == 0 and is_private(request.peer):
            forwarded_ignored(request.peer)
        own = request.header("X-Request-ID")
        request_id = own if own and _OWN_ID.fullmatch(own) else f"{prefix}{next(counter):010x}"
        # A long forged list must not fill the memo.
        client = find(request.peer, forwarded if proxies else "") if len(forwarded) < 512 else request.peer
        response = proceed(replace(request, id=request_id, client=client))
        response.headers.append(("X-Request-ID", request_id))
        return response

    return stage


def client_of(peer: str, forwarded: str, proxies: Proxies) -> str:
    """Return the name of the client: an IPv4 address, the base address of an IPv6 /64, or the peer as it is.

    ``forwarded`` is the X-Forwarded-For value (hops comma separated, nearest proxy last); ``proxies`` is 0, a number of
    trusted hops, or the networks that proxies live in.
    """
    hops = [hop.strip() for hop in forwarded.split(",")] if forwarded else []
    return canonical(_believed(peer, hops, proxies)) or canonical(peer) or peer


def _believed(peer: str, hops: list[str], proxies: Proxies) -> str:
    if isinstance(proxies, int):
        return hops[-proxies] if 0 < proxies <= len(hops) else peer
    nearest = peer
    while hops and is_within(nearest, proxies):
        nearest = hops.pop()
        if not canonical(nearest):
            return peer
    return nearest


def canonical(text: str) -> str | None:
    """Return the client name of an address (IPv6: its /64; IPv4-mapped: the IPv4 address), or None."""
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        if address.is_loopback:
            return str(address)
        return str(ip_network((int(address) >> 64 << 64, 64)).network_address)
    return str(address)


def is_within(text: str, networks: Proxies) -> bool:
    """Return whether an address lies in one of the networks."""
    if isinstance(networks, int):
        return False
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in networks)


@lru_cache(_MEMO)
def is_private(peer: str) -> bool:
    """Return whether a peer is a private address, as a proxy in front of the service would be."""
    try:
        return ip_address(peer).is_private
    except ValueError:
        return False
