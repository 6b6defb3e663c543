"""What to watch: a target is one URL with its token. Here stands what an address, a token and an interval may be.

A token is read from an environment variable or a file, never from the command line, where other users of the machine
could see it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_URL = "http://localhost:8000"
DEFAULT_TOKEN_ENV = "OPERATOR_TOKEN"
SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.2, 3600.0


@dataclass(frozen=True, slots=True)
class Target:
    """One service to watch: ``url`` has no slash at its end; ``token`` goes to that origin only."""

    name: str
    url: str
    token: str | None = field(default=None, repr=False)
    interval_seconds: float = 1.0


def clean_url(text: str) -> str:
    """Return the URL of a service without a slash at its end; ``localhost:8000`` and ``8000`` mean http.

    Raises ValueError in one sentence if it is not the address of a web server.
    """
    address = text.strip()
    if re.fullmatch(r":?\d{1,5}", address):
        address = f"localhost:{address.lstrip(':')}"
    if "://" not in address:
        address = f"http://{address}"
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or not address.isprintable() or " " in address:
        raise ValueError(f"{text!r} is not a URL like {DEFAULT_URL}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f"{text.split('@')[-1]!r}: give the URL without user, query and fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def name_of(url: str) -> str:
    """Return the short name of a target: host and port, and its path if it has one."""
    parts = urlsplit(url)
    return parts.netloc + parts.path


def is_loopback(url: str) -> bool:
    """Return whether the URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def open_token_warning(target: Target) -> str | None:
    """Return a warning if the token of the target would travel unencrypted to another machine."""
    if target.token is None or target.url.startswith("https:") or is_loopback(target.url):
        return None
    return f"{target.url} is plain http: everyone on the way can read the operator token. Use https or an SSH tunnel."


def clean_token(text: str, name: str) -> str | None:
    """Return the token that the variable ``name`` holds, None for an empty one. Raises ValueError in one sentence."""
    token = text.strip()
    if not (token.isascii() and token.isprintable()):
        raise ValueError(f"the token in {name} must be printable ASCII")
    return token or None


def seconds_between(text: object) -> float:
    """Return the seconds from poll to poll. Raises ValueError in one sentence."""
    try:
        seconds = float(text) if isinstance(text, str | int | float) and not isinstance(text, bool) else float("nan")
    except (ValueError, OverflowError):
        seconds = float("nan")
    if not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        limits = f"{SHORTEST_INTERVAL:g} to {LONGEST_INTERVAL:g}"
        raise ValueError(f"must be a number of seconds, {limits}, not {text!r}")
    return seconds
