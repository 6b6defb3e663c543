"""What ``REDIS_URL`` names: one server, one behind TLS, or whichever server the sentinels call the master.

Pure. Options behind a question mark are refused rather than passed over, and so is a scheme that is not known.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

ALLOWED = (
    "redis://[user:password@]host[:6379][/0], the same with rediss:// for TLS, "
    "or redis+sentinel://[user:password@]host[:26379],host…/service[/0]; "
    "/ ? # % in a password are written %2F %3F %23 %25"
)
_REDIS, _SENTINEL = 6379, 26379
# Not urlsplit: some releases of Python take no list of hosts with an address in brackets.
_URL = re.compile(r"(?P<scheme>[A-Za-z+]+)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?")
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")

Host = tuple[str, int]


class RedisUrl(NamedTuple):
    """Where Redis is. ``hosts`` are those of the sentinels where ``service`` is set, else the one server."""

    hosts: tuple[Host, ...]
    database: int = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False
    service: str | None = None


def read(text: str) -> RedisUrl:
    """Read a ``REDIS_URL``. Raises ``ValueError`` with what is allowed."""
    found = _URL.fullmatch(text)
    try:
        if found is None or not text.isprintable() or " " in text:
            raise ValueError
        scheme, authority, path = found["scheme"].lower(), found["authority"], (found["path"] or "").strip("/")
        return _sentinels(authority, path) if scheme == "redis+sentinel" else _server(scheme, authority, path)
    except ValueError:
        raise ValueError(ALLOWED) from None


def _server(scheme: str, authority: str, path: str) -> RedisUrl:
    if scheme not in ("redis", "rediss"):
        raise ValueError
    username, password, hosts = _authority(authority, _REDIS)
    if len(hosts) != 1:
        raise ValueError
    return RedisUrl(hosts, _database(path), username, password, scheme == "rediss")


def _sentinels(authority: str, path: str) -> RedisUrl:
    username, password, hosts = _authority(authority, _SENTINEL)
    service, _, database = path.partition("/")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,128}", service):
        raise ValueError
    return RedisUrl(hosts, _database(database), username, password, service=service)


def _authority(text: str, port: int) -> tuple[str | None, str | None, tuple[Host, ...]]:
    credentials, _, names = text.rpartition("@")
    username, _, password = credentials.partition(":")
    return unquote(username) or None, unquote(password) or None, tuple(_host(name, port) for name in names.split(","))


def _host(text: str, port: int) -> Host:
    found = _HOST.fullmatch(text)
    if found is None:
        raise ValueError
    number = int(found["port"] or port)
    if not 1 <= number <= 65535:
        raise ValueError
    return found["six"] or found["name"], number


def _database(text: str) -> int:
    if not re.fullmatch(r"[0-9]{0,4}", text):
        raise ValueError
    return int(text or 0)
