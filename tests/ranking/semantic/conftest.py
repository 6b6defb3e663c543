from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count

import pytest

from service.messages import Brief
from service.ranking.semantic.vectors import WordVectors
from tests.ranking.library import MemoryLibrary
from tests.ranking.semantic.small import indexed, ranking_over, small_vectors


@pytest.fixture(scope="session")
def vectors(tmp_path_factory) -> WordVectors:
    return small_vectors(tmp_path_factory.mktemp("vectors"))


@pytest.fixture
def ranked(vectors, tmp_path):
    """Return a function that ranks signals for a spec and returns (the ranking, the names in order)."""
    numbers = count()

    def rank(signals, spec, synonyms=(), **filters):
        with closing(sqlite3.connect(":memory:")) as connection:
            catalogue = MemoryLibrary(connection, signals, "v")
            semantic = ranking_over(indexed(connection, tmp_path / str(next(numbers)), vectors), *synonyms)
            ranking = semantic.rank(catalogue, Brief(spec, **filters), "v")
            return ranking, [signal.name for signal in catalogue.signals(ranking.rows)]

    return rank
