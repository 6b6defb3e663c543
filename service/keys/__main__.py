"""The keys' command line: create, list and revoke API keys, while the service runs or not.

Reads the arguments; ``Shell`` does the work. Exit codes: 0 done, 1 no such key, 2 wrong usage or a file that cannot be
read or written. Results go to standard output, all else to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from service import reading
from service.keys.names import principal_name
from service.keys.shell import Shell, expiry
from service.state import State

EXAMPLES = """examples:
  python -m service.keys create acme                     print a key for acme, this once
  python -m service.keys create acme --expires 90d       one that ends in 90 days (or --expires 2027-01-31)
  python -m service.keys create acme --rate-limit 600/60 one with a limit of its own
  python -m service.keys list                            whose keys there are, and whether they hold
  python -m service.keys revoke 4be0643f1d98             end a key by its id, for good

A running service takes a new key at its first use and forgets a revoked one within 2 seconds. To exchange a key, create
a second one under the same name and revoke the first when it is no longer used."""


def main(
    arguments: Sequence[str], environ: Mapping[str, str], stdout: TextIO, stderr: TextIO, clock: Callable[[], float]
) -> int:
    """Run one command; return its exit code. ``clock`` is Unix seconds."""
    try:
        options = _parser(environ, clock).parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    if options.command != "create" and not options.state.exists():
        return _fail(stderr, f"{options.state} does not exist: no key was ever made there")
    troubles: list[str] = []
    state = State(options.state, clock, troubles.append)
    state.open()
    try:
        shell = Shell(state.keys, clock, stdout, stderr)
        commands: dict[str, Callable[[], int]] = {
            "create": lambda: shell.create(options.name, options.expires, options.rate_limit, as_json=options.json),
            "list": lambda: shell.list(as_json=options.json),
            "revoke": lambda: shell.revoke(options.id, as_json=options.json),
        }
        code = commands[options.command]()
        return _fail(stderr, troubles[-1]) if troubles else code
    except BrokenPipeError:
        return 0
    finally:
        state.close()


def _fail(stderr: TextIO, reason: str) -> int:
    print(f"error: {reason}", file=stderr)
    return 2


def _parser(environ: Mapping[str, str], clock: Callable[[], float]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.keys",
        description="Create, list and revoke API keys.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--state",
        type=Path,
        default=Path(environ.get("STATE_PATH") or "state.db"),
        metavar="PATH",
        help="the file that holds them (default: $STATE_PATH or state.db; now %(default)s)",
    )
    shared.add_argument("--json", action="store_true", help="print JSON for programs")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    creating = commands.add_parser("create", parents=[shared], help="make a key and print it, this once")
    creating.add_argument("name", type=_reader(principal_name), metavar="NAME", help="whose key it is")
    creating.add_argument(
        "--expires", type=_reader(lambda text: expiry(text, clock())), metavar="WHEN", help="90d, 12h, or a date (UTC)"
    )
    creating.add_argument(
        "--rate-limit", type=_reader(reading.rate), metavar="N/SECONDS", help="its own limit; else KEY_RATE_LIMIT's"
    )
    commands.add_parser("list", parents=[shared], help="say whose keys there are")
    revoking = commands.add_parser("revoke", parents=[shared], help="end a key for good")
    revoking.add_argument("id", metavar="ID", help="as list tells it")
    return parser


def _reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not {error}") from None

    return parse


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout, sys.stderr, time.time))
