"""The ranker's command line: build an index, evaluate the ranking on judged queries, explain one spec.

Exit codes: 0 done, 1 a failure, 2 wrong usage. ``build`` is what the service runs in a child process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

NICENESS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    # Before numpy is imported: its own threads gain nothing on vectors this short, and take memory.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service.ranking", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="build the index of a catalogue database into a folder")
    build.add_argument("--source", type=Path, required=True, help="the catalogue database; only read")
    build.add_argument("--folder", type=Path, required=True, help="the index; must not exist")
    build.add_argument("--facts", type=json.loads, default={}, help="JSON: what the index says it was made from")
    build.set_defaults(run=_build)
    return parser


def _build(options: argparse.Namespace) -> int:
    os.nice(NICENESS)
    from service.ranking.building import build_apart

    build_apart(options.source, options.folder, options.facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
