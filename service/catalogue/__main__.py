"""The catalogue's command line: import, export, stats and check.

Reads the arguments; ``Shell`` does the work. Exit codes: 0 done, 1 bad rows or a failed check, 2 wrong usage or a file
that cannot be read or written. Results go to standard output, all else to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from service.catalogue.schema import CatalogueError
from service.catalogue.shell import Shell

EXAMPLES = """examples:
  python -m service.catalogue check segments.csv            look for bad rows, write nothing
  python -m service.catalogue import segments.csv           add and update
  python -m service.catalogue import --replace full.jsonl   make the catalogue exactly this
  zcat full.csv.gz | python -m service.catalogue import -   read standard input
  python -m service.catalogue export --output backup.jsonl
  python -m service.catalogue check                         check the database itself

A running service serves what was imported within 2 seconds. Columns: id and name (required), description, path
(A > B > C), kind, signal_type, data_provider, provider_domain, coverage_percentage, cpm, currency, countries and
platforms (separated by ';'), deployments (JSON), visible_to (names of holders of API keys, separated by ';'; empty:
everybody), prices (acme=2.5;globex=3 EUR)."""


def main(arguments: Sequence[str], environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run one command; return its exit code."""
    try:
        options = _parser(environ).parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    shell = Shell(options, stdin, stdout, stderr)
    commands: dict[str, Callable[[], int]] = {
        "import": shell.import_file,
        "export": shell.export,
        "stats": shell.stats,
        "check": shell.check_file if getattr(options, "file", None) else shell.check_database,
    }
    try:
        return commands[options.command]()
    except BrokenPipeError:
        # The reader has seen enough (``export | head``).
        return 0
    except (CatalogueError, OSError) as error:
        print(f"error: {error}", file=stderr)
        return 2


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.catalogue",
        description="Import, export and check the catalogue of signals.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--database",
        type=Path,
        default=Path(environ.get("DATABASE_PATH") or "signals.db"),
        metavar="PATH",
        help="the catalogue database (default: $DATABASE_PATH or signals.db; now %(default)s)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    adding = commands.add_parser("import", parents=[shared], help="add and update signals from a file, all or nothing")
    adding.add_argument("file", metavar="FILE", help="CSV or JSON Lines; - reads standard input")
    adding.add_argument("--replace", action="store_true", help="remove every signal that is not in the file")
    adding.add_argument("--skip-bad", action="store_true", help="import the good rows though some are bad")
    exporting = commands.add_parser("export", parents=[shared], help="write all signals")
    exporting.add_argument("--output", default="-", metavar="FILE", help="- (default) writes standard output")
    commands.add_parser("stats", parents=[shared], help="say what the catalogue holds")
    checking = commands.add_parser("check", parents=[shared], help="look for bad rows in a file, or check the database")
    checking.add_argument("file", nargs="?", metavar="FILE", help="without it, the database is checked")
    for command in (adding, exporting, checking):
        command.add_argument(
            "--format", choices=("csv", "jsonl"), help="default: told by the name, or the first character"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdin, sys.stdout, sys.stderr))
