"""A few signals by meaning, on the scale of the index of the public ones."""

import sqlite3
from contextlib import closing

import pytest

from service.messages import Signal
from service.ranking.semantic.few import Few
from tests.ranking.library import MemoryLibrary
from tests.ranking.semantic.small import indexed, ranking_over

OWN = {
    -1: Signal("cars", "Vehicle owners", "people with a truck", path=("Automotive",)),
    -2: Signal("wine", "Vineyard visitors", path=("Food", "Wine")),
    -3: Signal("none", "Zephyrium"),
}
PUBLIC = [Signal(f"s{place}", name) for place, name in enumerate(("Car buyers", "Tennis players", "Wine people"))]


@pytest.fixture
def few(vectors, tmp_path):
    """Return a function that gives the relevance of the private signals for a spec."""
    with closing(sqlite3.connect(":memory:")) as connection:
        MemoryLibrary(connection, PUBLIC, "v")
        semantic = ranking_over(indexed(connection, tmp_path / "index", vectors))
    return lambda spec: Few(vectors, OWN).relevance(semantic, spec)


def test_what_means_the_same_in_other_words_is_found_and_what_does_not_is_not(few):
    found = few("suv cars")

    assert max(found, key=found.get) == -1
    assert found[-1] > found.get(-2, 0.0) + 0.2


def test_words_that_only_a_private_signal_has_find_it(few):
    assert max(few("zephyrium").items(), key=lambda pair: pair[1])[0] == -3


def test_what_is_not_wanted_is_left_out(few):
    assert -2 in few("oenophile visitors")
    assert -1 not in few("people without vehicle")


def test_relevance_is_a_chance(few):
    for spec in ("cars", "wine", "zephyrium", "the", "1234"):
        assert all(0.0 < chance <= 1.0 for chance in few(spec).values())
