"""``python -m dashboard [URL ...]``: the command line. Decides between the screen and one snapshot, and the exit code.

Textual is imported only when the screen is shown, so that ``--help`` and ``--once`` are quick and work everywhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from dashboard.arguments import USAGE_ERROR, Options, parse_options
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
        _warn(err, warning)
    try:
        if options.once:
            text, code = report(asyncio.run(look_at_all(options.targets)), options.json)
            _write(out, text)
            return code
        if options.watch:
            return _watch(options, out, err)
        if options.web is not None:
            return _serve(arguments, options.web, err)
        problem = no_screen(environ, out)
        if problem is not None:
            err.write(f"{problem} {HINT}\n")
            return USAGE_ERROR
        return show(options) if show else _show(options, err)
    except ValueError as problem:
        err.write(f"{problem}\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED


def no_screen(environ: Mapping[str, str], out: TextIO) -> str | None:
    """Return why the dashboard cannot be shown here, in one sentence; None if it can."""
    if environ.get("TEXTUAL_DRIVER"):
        return None  # a browser, or whatever else draws there
    if environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return f"This terminal (TERM={environ['TERM']}) cannot show the dashboard."
    if not out.isatty():
        return "The dashboard needs a terminal, and the output is none."
    return None


def _write(out: TextIO, text: str) -> None:
    """Write text to any terminal: a character that its encoding does not have becomes a question mark."""
    encoding = out.encoding or "utf-8"
    out.write(text.encode(encoding, "replace").decode(encoding))


def _show(options: Options, err: TextIO) -> int:
    from dashboard.show import live, replay

    return replay(options.replay, options.history_bytes, err) if options.replay else live(options)


def _watch(options: Options, out: TextIO, err: TextIO) -> int:
    from dashboard.recording.recorder import recording
    from dashboard.watch import Watcher, as_json, as_line

    def tell(line: str) -> None:
        _write(out, f"{line}\n")
        out.flush()

    with recording(options.record, options.targets, lambda problem: _warn(err, problem)) as keep:
        how = as_json if options.json else as_line
        asyncio.run(Watcher(options.targets, tell, as_text=how, bell=options.bell, keep=keep).run())
    return 0


def _warn(err: TextIO, problem: str) -> None:
    err.write(f"warning: {problem}\n")


def _serve(arguments: Sequence[str], port: int, err: TextIO) -> int:
    try:
        from dashboard.web import serve
    except ImportError:
        err.write("--web needs textual-serve: python -m pip install -r requirements-web.txt\n")
        return USAGE_ERROR
    return serve(arguments, port, err)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout, sys.stderr))
