"""First stage: give the request its id and find out who asks.

The client is the socket peer or, behind trusted proxies, the ``X-Forwarded-For`` entry found walking from the right;
what does not parse as an address means the peer. IPv6 clients go by their /64, named by its base address. Never raises.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from service.messages import Request, Response
from service.pipeline import Stage
from service.reading import Proxies

OWN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_BESIDE_A_PORT = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")
# Reads as it is written, and need not be taken apart: a tenth of what that costs.
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}", re.ASCII)
_MEMO = 4096

Address = IPv4Address | IPv6Address


def identify(
    proxies: Proxies, forwarded_ignored: Callable[[str], None], find: Callable[[str, str], str] | None = None
) -> Stage[Request, Response]:
    """Return the stage for a ``TRUSTED_PROXIES`` setting; ``find`` is its ``finder``, where others use the same.

    ``forwarded_ignored(peer)`` is told when a private peer sends X-Forwarded-For while no proxy is trusted.
    """
    prefix = secrets.token_hex(5)
    counter = itertools.count()
    name_of = find or finder(proxies)

    def stage(request: Request, proceed: Callable[[Request], Response]) -> Response:
        forwarded = request.header("X-Forwarded-For")
        if forwarded and proxies == 0 and is_private(request.peer):
            forwarded_ignored(request.peer)
        own = request.header("X-Request-ID")
        request_id = own if own and OWN_ID.fullmatch(own) else f"{prefix}{next(counter):010x}"
        response = proceed(request.identified(request_id, name_of(request.peer, forwarded)))
        response.headers.append(("X-Request-ID", request_id))
        return response

    return stage


def finder(proxies: Proxies) -> Callable[[str, str], str]:
    """Return ``client_of`` for a ``TRUSTED_PROXIES`` setting, with a memory of what it found."""
    remembered = lru_cache(_MEMO)(lambda peer, forwarded: client_of(peer, forwarded, proxies))

    def find(peer: str, forwarded: str) -> str:
        believed = forwarded if proxies else ""
        # A long forged list must not fill the memo.
        return remembered(peer, believed) if len(believed) < 256 else client_of(peer, believed, proxies)

    return find


def client_of(peer: str, forwarded: str, proxies: Proxies) -> str:
    """Return the name of the client: an IPv4 address, the base address of an IPv6 /64, or the peer as it is.

    ``forwarded`` is the X-Forwarded-For value (hops comma separated, nearest proxy last); ``proxies`` is 0, a number of
    trusted hops, or the networks that proxies live in.
    """
    if not forwarded:
        return canonical(peer) or peer
    hops = [hop.strip() for hop in forwarded.split(",")]
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
    if _IPV4.fullmatch(text):
        return text
    address = address_of(text)
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(IPv6Address(int(address) >> 64 << 64))
    return None if address is None else str(address)


def address_of(text: str) -> Address | None:
    """Return the address that a text holds, or None. A port behind it (some proxies add theirs) and a zone are left
    out, so nothing but an address ever becomes a name; IPv4-mapped means IPv4."""
    found = _BESIDE_A_PORT.fullmatch(text.strip())
    try:
        address = ip_address((found[1] or found[2] or "") if found else text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def is_within(text: str, networks: Proxies) -> bool:
    """Return whether an address lies in one of the networks."""
    if isinstance(networks, int):
        return False
    address = address_of(text)
    return address is not None and any(address in network for network in networks)


@lru_cache(_MEMO)
def is_loopback(peer: str) -> bool:
    """Return whether an address is this machine's own."""
    address = address_of(peer)
    return address is not None and address.is_loopback


@lru_cache(_MEMO)
def is_private(peer: str) -> bool:
    """Return whether a peer is a private address, as a proxy in front of the service would be."""
    address = address_of(peer)
    return address is not None and address.is_private
