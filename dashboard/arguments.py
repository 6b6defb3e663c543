"""The command line: which targets, and whether to show the screen, print a snapshot, print transitions, or replay.

The only reader of the arguments and of the environment. What cannot be meant ends with 64 and one line.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dashboard.config import (
    DEFAULT_TOKEN_ENV,
    DEFAULT_URL,
    Target,
    clean_token,
    clean_url,
    name_of,
    open_token_warning,
    seconds_between,
)
from dashboard.target_file import read_targets

USAGE_ERROR = 64
"""Exit code of a command line that cannot be meant (1, 2 and 3 tell the state of the service)."""
WEB_PORT = 8080
EXAMPLES = """\
examples:
  python -m dashboard                                   the service on this machine, port 8000
  python -m dashboard https://signals.example.com       a remote one; its token is read from OPERATOR_TOKEN
  python -m dashboard --token-env PROD_TOKEN https://signals.example.com
  python -m dashboard a.example.com b.example.com       several: tab goes from one to the next, 0 shows the fleet
  python -m dashboard --config fleet.toml               many, with names, tokens and intervals of their own
  python -m dashboard --once                            one readable snapshot, then leave
  python -m dashboard --once --json | jq .alerts        the same for a script
  python -m dashboard --watch --bell                    a line for each change of an alert
  python -m dashboard --record night.jsonl              keep what is seen ...
  python -m dashboard --replay night.jsonl              ... and look at it again, with pause, speed and seek
  python -m dashboard --web                             the same screens in a browser on this machine

fleet.toml:
  interval = 2                                          seconds from poll to poll, for all that say nothing else
  [[target]]
  url = "https://signals.example.com"
  name = "production"
  token_env = "PROD_TOKEN"                              or: token = "..." in a file that only you can read

exit codes of --once:
  0 well   1 an alert warns or is pending   2 an alert fires   3 unreachable   64 wrong usage
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; ``warnings`` are sentences for the operator, ``web`` is a port."""

    targets: tuple[Target, ...]
    once: bool = False
    json: bool = False
    watch: bool = False
    bell: bool = False
    web: int | None = None
    record: Path | None = None
    replay: Path | None = None
    history_bytes: int = 60_000_000
    warnings: tuple[str, ...] = ()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def parse_options(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Options:
    """Return the options; SystemExit with 64 and one line that says what is wrong, or 0 after ``--help``."""
    parser = _command_line()
    given = parser.parse_args(arguments)
    contradiction = _contradiction(given)
    if contradiction is not None:
        parser.error(contradiction)
    targets: tuple[Target, ...] = ()
    warnings: tuple[str, ...] = ()
    try:
        if given.config is not None:
            targets, warnings = read_targets(given.config, environ, given.interval, _token(environ, given.token_env))
        elif given.replay is None:
            targets = _named(given.urls, given.interval, _token(environ, given.token_env))
    except ValueError as error:
        parser.error(str(error))
    return Options(
        targets,
        once=given.once,
        json=given.json,
        watch=given.watch,
        bell=given.bell,
        web=(given.port or WEB_PORT) if given.web else None,
        record=given.record,
        replay=given.replay,
        history_bytes=int(given.history_mb * 1_000_000),
        warnings=(*warnings, *filter(None, map(open_token_warning, targets))),
    )


def _contradiction(given: argparse.Namespace) -> str | None:
    """Return in a few words which arguments do not go together; None if all do."""
    modes = [name for name in ("once", "watch", "web", "replay") if getattr(given, name)]
    rules = (
        (len(modes) > 1, "choose one of " + " and ".join(f"--{mode}" for mode in modes)),
        (given.json and not (given.once or given.watch), "--json goes with --once or --watch"),
        (given.bell and not given.watch, "--bell goes with --watch"),
        (given.port and not given.web, "--port goes with --web"),
        (given.record and modes not in ([], ["watch"]), "--record goes with the screen or with --watch"),
        (given.config and given.urls, "give URLs or --config, not both"),
        (given.replay and (given.urls or given.config), "--replay brings its own targets: give no URL with it"),
    )
    return next((words for broken, words in rules if broken), None)


def _named(texts: Sequence[str], interval: float, token: str | None) -> tuple[Target, ...]:
    urls = dict.fromkeys(clean_url(text) for text in texts or [DEFAULT_URL])
    return tuple(Target(name_of(url), url, token, interval) for url in urls)


def _token(environ: Mapping[str, str], name: str) -> str | None:
    token = clean_token(environ.get(name, ""), name)
    if token is None and name != DEFAULT_TOKEN_ENV:
        raise ValueError(f"--token-env {name}: there is no such environment variable, or it is empty")
    return token


def _interval(text: str) -> float:
    try:
        return seconds_between(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _within(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return read


def _command_line() -> _Parser:
    parser = _Parser(
        prog="python -m dashboard",
        description="Show live how a signals agent is: its vital signs, alerts, traffic, AI, cache, jobs and errors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("urls", metavar="URL", nargs="*", help=f"service to watch (default {DEFAULT_URL})")
    add("--config", metavar="FILE", type=Path, help="TOML file of targets, instead of URLs")
    add("--interval", metavar="SECONDS", type=_interval, default=1.0, help="time from poll to poll (1)")
    add(
        "--token-env",
        metavar="NAME",
        default=DEFAULT_TOKEN_ENV,
        help=f"environment variable that holds the operator token (default {DEFAULT_TOKEN_ENV})",
    )
    add(
        "--history-mb",
        metavar="MB",
        type=_within(1, 4000),
        default=60,
        help="memory for the history of all targets (60)",
    )
    add("--record", metavar="FILE", type=Path, help="append every answer to FILE (JSON Lines)")
    add("--replay", metavar="FILE", type=Path, help="show what was recorded")
    add("--once", action="store_true", help="print one snapshot and leave with an exit code")
    add("--watch", action="store_true", help="print a line at each change of an alert, until ctrl+c")
    add("--json", action="store_true", help="with --once or --watch: print JSON")
    add("--bell", action="store_true", help="with --watch: ring the terminal's bell when an alert fires")
    add("--web", action="store_true", help="serve the screens to browsers of this machine")
    add("--port", metavar="PORT", type=_within(1, 65535), help=f"with --web: the port to listen on ({WEB_PORT})")
    return parser
