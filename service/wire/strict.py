"""The head of an HTTP/1.x request, read to the letter.

First step of the walk, before anything is believed: ``parse_head`` turns the bytes before the blank line into a frozen
``Head`` or raises. Whatever two servers might read differently (RFC 9112 section 11.2, request smuggling) is refused
here with 400, so that no proxy in front can be led to another opinion. Pure: no sockets, no clock.

In a path that means dot segments, escaped slashes and controls too: a proxy that guards ``/api/monitoring`` may look at
another spelling of it than the one that is served.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import unquote_to_bytes

from service.errors import HeaderFieldsTooLarge, InvalidInput

FIELD_LIMIT = 100
"""A request holds at most this many header lines."""

_REQUEST_LINE = re.compile(r"([A-Z][A-Z-]{0,31}) ([!\"$-~]+) HTTP/(1\.[01])")
_FIELD = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~-]+|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?")
_ABSOLUTE = re.compile(r"(https?)://([^/?]+)(.*)", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,15}")
# A backslash, a percent sign that escapes nothing, an escaped slash, backslash or control.
_ODD = re.compile(r"\\|%(?![0-9A-Fa-f]{2})|%(?:[01][0-9A-Fa-f]|7[Ff]|2[Ff]|5[Cc])")
_DOT_SEGMENT = re.compile(r"/\.{1,2}(?:/|$)")
_DEFAULT_PORT = {"http": ":80", "https": ":443"}
_SINGLE = frozenset({"host", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Head:
    """Request line and headers of one request.

    ``path`` is percent-decoded as WSGI wants it (Latin-1) and starts with exactly one slash, or is ``*``; ``query`` is
    raw. ``headers`` has lower-case names; repeated lines are joined by a comma. ``target`` is the request target as it
    was sent, ``peer`` the address of the socket.
    """

    method: str
    path: str
    query: str
    version: str
    headers: Mapping[str, str]
    target: str = ""
    peer: str = ""

    @property
    def length(self) -> int:
        """The declared length of the body in bytes; 0 if none is declared."""
        return int(self.headers.get("content-length", "0"))

    @property
    def chunked(self) -> bool:
        """True if a body of unknown length follows."""
        return "transfer-encoding" in self.headers


def parse_head(block: bytes, peer: str = "") -> Head:
    """Return the head held in ``block``, the bytes before the blank line.

    Raises ``InvalidInput`` for anything but clean HTTP/1.0 or HTTP/1.1, ``HeaderFieldsTooLarge`` for too many lines.
    """
    first, *lines = block.decode("latin-1").split("\r\n")
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        raise InvalidInput("The request line is not a valid HTTP/1.1 request line.")
    method, target, version = match.groups()
    headers = parse_fields(lines)
    _check_framing(headers, version)
    host = headers.get("host")
    if host is None and version == "1.1":
        raise InvalidInput("The Host header is missing.")
    if host is not None and not _is_authority(host):
        raise InvalidInput("The Host header is not a host name.")
    path, query = _locate(method, target, host)
    return Head(method, path, query, version, headers, target, peer)


def parse_fields(lines: list[str]) -> dict[str, str]:
    """Return header lines as a mapping of lower-case names; raises as ``parse_head`` does.

    Names with an underscore are left out, as nginx does: in WSGI ``X_Forwarded_For`` and ``X-Forwarded-For`` are the
    same key, and a proxy that overwrites the one would let the other through. Refusing them would lock out innocent
    clients whose names nobody reads.
    """
    if len(lines) > FIELD_LIMIT:
        raise HeaderFieldsTooLarge(f"A request may have at most {FIELD_LIMIT} header lines.")
    headers: dict[str, str] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise InvalidInput("A header line is malformed.")
        name = match[1].lower()
        value = match[2].rstrip(" \t")
        if "_" in name:
            continue
        if name in _SINGLE and "\t" in line:
            # Allowed as a blank, and taken for a part of the value by some: what frames a request is beyond doubt.
            raise InvalidInput(f"The header {name} may not hold a tab.")
        if name in headers:
            if name in _SINGLE:
                raise InvalidInput(f"The header {name} may be sent only once.")
            value = f"{headers[name]}, {value}"
        headers[name] = value
    return headers


def _check_framing(headers: Mapping[str, str], version: str) -> None:
    length = headers.get("content-length")
    if length is not None and not _LENGTH.fullmatch(length):
        raise InvalidInput("The Content-Length header is not a number.")
    coding = headers.get("transfer-encoding")
    if coding is None:
        return
    if length is not None or version == "1.0":
        raise InvalidInput("A Transfer-Encoding header is not allowed here.")
    if coding.lower() != "chunked":
        raise InvalidInput("The only supported Transfer-Encoding is chunked.")


def _locate(method: str, target: str, host: str | None) -> tuple[str, str]:
    """Return path and query of a request target in origin, absolute or asterisk form."""
    if target == "*" and method == "OPTIONS":
        return "*", ""
    if not target.startswith("/"):
        target = _relative(target, host)
    path, _, query = target.partition("?")
    if "%" in path or "\\" in path:
        if _ODD.search(path):
            raise InvalidInput("The path holds a backslash or an escape that is not allowed.")
        path = unquote_to_bytes(path).decode("latin-1")
    if "/." in path and _DOT_SEGMENT.search(path):
        raise InvalidInput("The path holds dot segments.")
    if not path.startswith("/") or path.startswith("//"):
        path = "/" + path.lstrip("/")
    return path, query


def _relative(target: str, host: str | None) -> str:
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise InvalidInput("The request target is not a path.")
    scheme, authority, rest = match.groups()
    port = _DEFAULT_PORT[scheme.lower()]
    named = authority.lower().removesuffix(port)
    if not _is_authority(authority) or (host is not None and named != host.lower().removesuffix(port)):
        raise InvalidInput("The request target names another host than the Host header.")
    return rest


def _is_authority(text: str) -> bool:
    match = _AUTHORITY.fullmatch(text)
    if match is None or (match[2] is not None and int(match[2]) > 65535):
        return False
    return match[1] is None or _is_ipv6(match[1])


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
