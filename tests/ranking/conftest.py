from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

import pytest

import service.catalogue
from service.catalogue.rows import read_rows
from service.messages import Signal
from tests.ranking.library import MemoryLibrary


@pytest.fixture(scope="session")
def sample() -> Iterator[MemoryLibrary]:
    """The shipped sample catalogue, in memory."""
    path = Path(service.catalogue.__path__[0]) / "sample.csv"
    with path.open(encoding="utf-8", newline="") as stream, closing(sqlite3.connect(":memory:")) as connection:
        signals = [row for row in read_rows(stream, "csv") if isinstance(row, Signal)]
        yield MemoryLibrary(connection, signals, "sample")


@pytest.fixture
def empty_connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


@pytest.fixture
def library(empty_connection: sqlite3.Connection):
    """Make a library out of signals."""

    def make(*signals: Signal) -> MemoryLibrary:
        # Equal versions promise equal rows, and rankers believe it.
        version = blake2b(repr(signals).encode(), digest_size=8).hexdigest()
        return MemoryLibrary(empty_connection, signals, version)

    return make
