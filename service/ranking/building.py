"""A build as the child process does it: into a draft beside the index, published when it is whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from service.ranking import shelved
from service.ranking.semantic.build import build
from service.ranking.semantic.vectors import WordVectors


def build_apart(source: Path, folder: Path, facts: Mapping[str, str]) -> None:
    """Build the index of the database ``source``; what is at ``folder`` by then stays. Raises what SQLite raises."""
    vectors = WordVectors()
    drafted, lock = shelved.draft(folder)
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            build(connection, drafted, vectors, dict(facts))
        if not folder.exists():
            shelved.publish(drafted, folder)
    finally:
        shelved.discard(drafted)
        os.close(lock)
