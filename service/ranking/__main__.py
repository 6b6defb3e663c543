"""The ranker's command line: build an index, evaluate the ranking on judged queries, explain one spec.

Exit codes: 0 done, 1 a failure, 2 wrong usage. ``build`` is what the service runs in a child process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.ranking.workbench import Workbench

NICENESS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    # Before numpy is imported: its own threads gain nothing on vectors this short, and take memory.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    from service.catalogue.schema import CatalogueError
    from service.errors import Unavailable
    from service.ranking.judging import Unreadable

    try:
        code: int = options.run(options)
    except (Unreadable, CatalogueError, Unavailable, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service.ranking", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="build the index of a catalogue database into a folder")
    build.add_argument("--source", type=Path, required=True, help="the catalogue database; only read")
    build.add_argument("--folder", type=Path, required=True, help="the index; must not exist")
    build.add_argument("--base", type=Path, help="an older index, out of which is copied what has not changed")
    build.add_argument("--facts", type=json.loads, default={}, help="JSON: what the index says it was made from")
    build.set_defaults(run=_build)
    evaluate = commands.add_parser("evaluate", help="measure the ranking by judged queries")
    evaluate.add_argument("--queries", type=Path, required=True, help="JSON Lines or columns: qid, query, category")
    evaluate.add_argument("--qrels", type=Path, required=True, help="JSON Lines or columns: qid, id, grade")
    evaluate.set_defaults(run=_evaluate)
    explain = commands.add_parser("explain", help="say how a spec is understood and what its answers are made of")
    explain.add_argument("spec")
    explain.add_argument("--results", type=int, default=5, metavar="N", help="how many signals (5)")
    explain.set_defaults(run=_explain)
    for command in (evaluate, explain):
        command.add_argument("--catalogue", type=Path, help="a catalogue file in place of the database")
        command.add_argument("--database", type=Path, default=Path(os.environ.get("DATABASE_PATH") or "signals.db"))
        command.add_argument("--synonyms", type=Path, default=os.environ.get("SYNONYMS_PATH") or None)
    return parser


def _evaluate(options: argparse.Namespace) -> int:
    from service.ranking import commands, judging

    judged = judging.read(options.queries, options.qrels)
    return _at_bench(options, lambda bench: commands.evaluate(bench, judged, print))


def _explain(options: argparse.Namespace) -> int:
    from service.ranking import commands

    return _at_bench(options, lambda bench: commands.explain(bench, options.spec, options.results, print))


def _at_bench(options: argparse.Namespace, work: Callable[[Workbench], None]) -> int:
    from service.ranking.workbench import opened

    with opened(options.database, options.catalogue, options.synonyms and Path(options.synonyms)) as bench:
        work(bench)
    return 0


def _build(options: argparse.Namespace) -> int:
    os.nice(NICENESS)
    from service.ranking.building import build_apart

    build_apart(options.source, options.folder, options.facts, options.base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
