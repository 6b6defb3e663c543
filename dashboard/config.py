"""What to watch: targets and options from the command line and the environment. The only reader of both.

A target is one URL with its token. A token is read from an environment variable, never from the command line, where
other users of the machine could see it.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from math import isfinite
from typing import NoReturn
from urllib.parse import urlsplit

DEFAULT_URL = "http://localhost:8000"
DEFAULT_TOKEN_ENV = "OPERATOR_TOKEN"
USAGE_ERROR = 64
"""Exit code of a command line that cannot be meant (1, 2 and 3 tell the state of the service)."""
SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.2, 3600.0

EXAMPLES = """\
examples:
  python -m dashboard                                   the service on this machine, port 8000
  python -m dashboard https://signals.example.com       a remote one; its token is read from OPERATOR_TOKEN
  python -m dashboard --token-env PROD_TOKEN https://signals.example.com
  python -m dashboard --interval 5 localhost:8000       ask every 5 seconds
  python -m dashboard --once                            one readable snapshot, then leave
  python -m dashboard --once --json | jq .alerts        the same for a script

exit codes of --once:
  0 well   1 an alert warns or is pending   2 an alert fires   3 unreachable   64 wrong usage
"""


@dataclass(frozen=True, slots=True)
class Target:
    """One service to watch: ``url`` has no slash at its end; ``token`` goes to that origin only."""

    name: str
    url: str
    token: str | None = field(default=None, repr=False)
    interval_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; ``warnings`` are sentences for the operator."""

    targets: tuple[Target, ...]
    once: bool = False
    json: bool = False
    warnings: tuple[str, ...] = ()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def parse_options(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Options:
    """Return the options; SystemExit with 64 and one line that says what is wrong, or 0 after ``--help``."""
    parser = _command_line()
    given = parser.parse_args(arguments)
    if given.json and not given.once:
        parser.error("--json goes with --once")
    token = _token(environ, given.token_env, parser)
    try:
        urls = dict.fromkeys(clean_url(text) for text in given.urls or [DEFAULT_URL])
    except ValueError as error:
        parser.error(str(error))
    targets = tuple(Target(name_of(url), url, token, given.interval) for url in urls)
    return Options(targets, given.once, given.json, tuple(filter(None, map(open_token_warning, targets))))


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


def _token(environ: Mapping[str, str], name: str, parser: _Parser) -> str | None:
    token = environ.get(name, "").strip()
    if not token and name != DEFAULT_TOKEN_ENV:
        parser.error(f"--token-env {name}: there is no such environment variable, or it is empty")
    if not (token.isascii() and token.isprintable()):
        parser.error(f"the token in {name} must be printable ASCII")
    return token or None


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not isfinite(seconds) or not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        limits = f"{SHORTEST_INTERVAL:g} to {LONGEST_INTERVAL:g}"
        raise argparse.ArgumentTypeError(f"must be a number of seconds, {limits}, not {text!r}")
    return seconds


def _command_line() -> _Parser:
    parser = _Parser(
        prog="python -m dashboard",
        description="Show live how a signals agent is: its vital signs, alerts, traffic, AI, cache, jobs and errors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("urls", metavar="URL", nargs="*", help=f"service to watch (default {DEFAULT_URL})")
    parser.add_argument("--interval", metavar="SECONDS", type=_interval, default=1.0, help="time from poll to poll (1)")
    parser.add_argument(
        "--token-env",
        metavar="NAME",
        default=DEFAULT_TOKEN_ENV,
        help=f"environment variable that holds the operator token (default {DEFAULT_TOKEN_ENV})",
    )
    parser.add_argument("--once", action="store_true", help="print one snapshot and leave with an exit code")
    parser.add_argument("--json", action="store_true", help="with --once: print JSON")
    return parser
