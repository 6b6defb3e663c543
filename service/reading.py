"""How the text of a setting becomes a value: small readers, each of which raises ``ValueError`` with what is allowed.

Pure but for ``processors``, which looks at the machine. ``settings.py`` is the only user.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Reader = Callable[[str], Any]
Network = IPv4Network | IPv6Network
Networks = tuple[Network, ...]
Proxies = int | Networks

_UNITS = {"": 1, "k": 1024, "kib": 1024, "m": 1024**2, "mib": 1024**2, "g": 1024**3, "gib": 1024**3}


class BadSetting(ValueError):
    """A setting that stops the start; its text is the one line to show."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        super().__init__(f"{variable}={_short(value)!r} is not valid: it must be {allowed}")
        self.variable = variable


class Rate(NamedTuple):
    """``requests`` in any ``seconds``."""

    requests: int
    seconds: int


def _short(value: str) -> str:
    return value if len(value) <= 80 else value[:77] + "..."


def whole(low: int, high: int) -> Reader:
    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def number(low: float, high: float) -> Reader:
    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text) or not low <= float(text) <= high:
            raise ValueError(f"a number of seconds from {low:g} to {high:g}")
        return float(text)

    return read


def size(text: str) -> int:
    """Read bytes: ``33554432``, ``32MiB``, ``64k``."""
    found = re.fullmatch(r"([0-9]{1,12})\s*([a-z]*)", text.lower())
    if not found or found[2] not in _UNITS or not 1024 <= int(found[1]) * _UNITS[found[2]] <= 64 * 1024**3:
        raise ValueError("a size from 1k to 64g, such as 33554432 or 32MiB")
    return int(found[1]) * _UNITS[found[2]]


def switch(text: str) -> bool:
    if text.lower() not in ("on", "off", "true", "false", "1", "0", "yes", "no"):
        raise ValueError("on or off")
    return text.lower() in ("on", "true", "1", "yes")


def choice(*allowed: str) -> Reader:
    def read(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return text.lower()

    return read


def rate(text: str) -> Rate:
    """Read ``100/60`` (requests/seconds) or ``100`` (in 60 seconds)."""
    found = re.fullmatch(r"([0-9]{1,9})(?:/([0-9]{1,5}))?", text)
    if not found or int(found[1]) < 1 or not 1 <= int(found[2] or 60) <= 3600:
        raise ValueError("requests/seconds such as 100/60, or requests alone, with 1 to 3600 seconds")
    return Rate(int(found[1]), int(found[2] or 60))


def path(text: str) -> Path:
    if "\0" in text:
        raise ValueError("a path without NUL")
    return Path(text)


def host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", text):
        raise ValueError("an address or a host name")
    return text


def name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", text):
        raise ValueError("1 to 128 letters, digits, dots, colons, hyphens or underscores")
    return text


def token(text: str) -> str:
    if not re.fullmatch(r"[!-~]{8,512}", text):
        raise ValueError("8 to 512 visible ASCII characters")
    return text


def signing_secret(text: str) -> str:
    if not re.fullmatch(r"[!-~]{16,512}", text):
        raise ValueError("16 to 512 visible ASCII characters")
    return text


def key(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,1000}", text):
        raise ValueError("1 to 1000 visible ASCII characters")
    return text


def model(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}", text):
        raise ValueError("the name of a model: letters, digits and ._:/@-")
    return text


def url(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # broken brackets, or a port that is none
        whole = False
    if not whole or not text.isprintable() or " " in text:
        raise ValueError("an http or https address")
    return text


def published(text: str) -> str:
    """Read where a file is published: a web address, or ``file:///`` and an absolute path."""
    allowed = "an http or https address, or file:///path"
    if not text.startswith("file:"):
        try:
            return url(text)
        except ValueError:
            raise ValueError(allowed) from None
    parts = urlsplit(text)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/") or parts.query or parts.fragment:
        raise ValueError(allowed)
    return text


def endpoint(text: str) -> str:
    """Read a web address to which paths are added: without user, query and fragment, and without a slash at its end."""
    parts = urlsplit(url(text))
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("an http or https address without user, query and fragment")
    return text.rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    found = words(text.lower())  # browsers send scheme and host in lower case
    for origin in found:
        if origin != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:_-]{1,255}", origin):
            raise ValueError("origins such as https://example.org, comma separated, or *")
    return found


def hosts(text: str) -> tuple[str, ...]:
    found = words(text.lower())
    for name in found:
        if not re.fullmatch(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]", name):
            raise ValueError("host names without a port such as signals.example.org, comma separated")
    return found


def words(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not found or len(found) > 200 or any(len(part) > 1000 or not part.isprintable() for part in found):
        raise ValueError("a comma separated list of at most 200 printable entries")
    return found


def networks(text: str) -> Networks:
    try:
        return tuple(ip_network(part, strict=False) for part in words(text))
    except ValueError:
        raise ValueError("networks such as 10.0.0.0/8 or 2001:db8::/32, comma separated") from None


def proxies(text: str) -> Proxies:
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text)
    try:
        return networks(text)
    except ValueError:
        raise ValueError("0, a number of hops up to 99, or networks such as 10.0.0.0/8, comma separated") from None


def shown(value: Any) -> Any:
    """Return a setting's value in a form that JSON can hold."""
    if isinstance(value, Rate):
        return f"{value.requests}/{value.seconds}"
    if isinstance(value, tuple):
        return [shown(part) for part in value]
    if isinstance(value, Path):
        return str(value).encode("utf-8", "replace").decode()  # file names need not be UTF-8, JSON must
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def processors(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many CPUs this process may use: the cgroup's quota (rounded up), else the cores; at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        limit, _, period = quota.read_text().partition(" ")
        return max(1, min(cores, -(-int(limit) // int(period))))
    except (OSError, ValueError, ZeroDivisionError):
        return max(1, cores)
