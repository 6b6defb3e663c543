"""``python -m dashboard [URL ...]``: the command line. Decides between the screen and one snapshot, and the exit code.

Textual is imported only when the screen is shown, so that ``--help`` and ``--once`` are quick and work everywhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from dashboard.config import USAGE_ERROR, Options, parse_options
from dashboard.once import look_at_all, report

HINT = "For a snapshot without a screen: python -m dashboard --once"
INTERRUPTED = 130


def main(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    out: TextIO,
    err: TextIO,
    show: Callable[[Options], int] | None = None,
) -> int:
    """Run the command line and return its exit code; ``show`` runs the screen."""
    options = parse_options(arguments, environ)
    for warning in options.warnings:
        err.write(f"warning: {warning}\n")
    try:
        if options.once:
            text, code = report(asyncio.run(look_at_all(options.targets)), options.json)
            _write(out, text)
            return code
        problem = no_screen(environ, out)
        if problem is not None:
            err.write(f"{problem} {HINT}\n")
            return USAGE_ERROR
        return (show or _show)(options)
    except KeyboardInterrupt:
        return INTERRUPTED


def no_screen(environ: Mapping[str, str], out: TextIO) -> str | None:
    """Return why the dashboard cannot be shown here, in one sentence; None if it can."""
    if environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return f"This terminal (TERM={environ['TERM']}) cannot show the dashboard."
    if not out.isatty():
        return "The dashboard needs a terminal, and the output is none."
    return None


def _write(out: TextIO, text: str) -> None:
    """Write text to any terminal: a character that its encoding does not have becomes a question mark."""
    encoding = out.encoding or "utf-8"
    out.write(text.encode(encoding, "replace").decode(encoding))


def _show(options: Options) -> int:
    from dashboard.app import Dashboard

    app = Dashboard(options.targets)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout, sys.stderr))
