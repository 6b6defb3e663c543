"""A build as the child process does it: into a draft beside the index, published when it is whole.

Where an index of an earlier catalogue is there, what has not changed is copied out of it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from service.ranking import shelved
from service.ranking.semantic import layout
from service.ranking.semantic.build import build
from service.ranking.semantic.updating import Unlike, update
from service.ranking.semantic.vectors import WordVectors


def build_apart(source: Path, folder: Path, facts: Mapping[str, str], base: Path | None = None) -> None:
    """Build the index of the database ``source``; what is at ``folder`` by then stays. Raises what SQLite raises.

    ``base`` is an older index, used where it serves.
    """
    vectors = WordVectors()
    drafted, lock = shelved.draft(folder)
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            if base is None or not _updated(connection, base, drafted, vectors, facts):
                build(connection, drafted, vectors, facts)
        if not folder.exists():
            shelved.publish(drafted, folder)
    finally:
        shelved.discard(drafted)
        os.close(lock)


def _updated(
    connection: sqlite3.Connection, base: Path, drafted: Path, vectors: WordVectors, facts: Mapping[str, str]
) -> bool:
    try:
        update(connection, base, drafted, vectors, facts)
    except (Unlike, layout.Damaged):
        for path in drafted.iterdir():
            path.unlink()
        return False
    return True
