from __future__ import annotations

import pytest

from service.messages import Brief
from service.ranking import retrieval
from service.ranking.plan import Planner
from service.ranking.retrieval import Found, Search
from service.ranking.vocabulary import Vocabulary
from tests.ranking.library import a_signal, fillers_of


@pytest.fixture
def search(library):
    """Search these signals for a brief; rows count from 1."""

    def run(*signals, spec: str, **filters) -> Found:
        connection = library(*signals, *fillers_of(50)).connection()
        plan = Planner(Vocabulary.read(connection), connection).plan(spec)
        return Search(connection, Brief(spec, **filters)).run(plan)

    return run


def test_a_word_in_the_name_is_worth_more_than_in_the_path_and_there_more_than_in_the_description(search):
    found = search(
        a_signal("one", "golf here"), a_signal("two", "here", path=("golf",)), a_signal("golf", "here two"), spec="golf"
    )
    (shares,) = found.shares
    assert 1 >= shares[3] > shares[2] > shares[1] > 0


def test_of_several_ways_of_writing_a_row_takes_the_best(search):
    found = search(a_signal("auto automotive"), a_signal("auto dealers"), spec="auto")
    (shares,) = found.shares
    assert shares[1] == pytest.approx(shares[2], rel=0.2)


def test_a_common_word_scores_what_rarer_ones_found_but_does_not_retrieve(search, monkeypatch):
    monkeypatch.setattr(retrieval, "POSTINGS_BUDGET", 3)
    common = [a_signal(f"sport {number}") for number in range(5)]
    found = search(*common, a_signal("golf sport"), a_signal("golf", "sport"), spec="golf sport")
    golf, sport = found.shares
    assert set(golf) == set(sport) == {6, 7}
    assert sport[6] > sport[7]


def test_two_common_words_are_looked_for_together(search, monkeypatch):
    monkeypatch.setattr(retrieval, "POSTINGS_BUDGET", 3)
    monkeypatch.setattr(retrieval, "POOL", 2)
    signals = [a_signal(f"{word} {number}") for number in range(5) for word in ("golf", "sport")]
    found = search(*signals, a_signal("other", "golf and much else " * 20 + "sport"), spec="golf sport")
    golf, sport = found.shares
    assert golf[11] > 0
    assert sport[11] > 0
    assert found.cut


def test_fillers_never_retrieve(search):
    found = search(a_signal("people"), a_signal("golf people"), spec="golf people")
    assert [set(shares) for shares in found.shares] == [{2}, {2}]


def test_unknown_words_with_fillers_find_nothing(search):
    assert not any(search(a_signal("people"), spec="zzzzzz people").shares)


def test_rows_that_lack_what_a_filter_asks_for_are_told_apart(search):
    found = search(
        a_signal("golf a", cpm=1.0), a_signal("golf b"), a_signal("golf c", cpm=9.0), spec="golf", max_cpm=2.0
    )
    assert set(found.shares[0]) == {1, 2}
    assert found.lacking == {2: 1}
    assert found.filter_names == ("max_cpm",)


def test_an_id_is_found_if_its_row_passes_the_filters(library):
    connection = library(a_signal("golf", id="the-id", cpm=3.0)).connection()
    assert Search(connection, Brief("x")).with_id("the-id") == 1
    assert Search(connection, Brief("x", max_cpm=3.0)).with_id("the-id") == 1
    assert Search(connection, Brief("x", max_cpm=2.0)).with_id("the-id") is None
    assert Search(connection, Brief("x", platforms=("dv360",))).with_id("the-id") is None
    assert Search(connection, Brief("x")).with_id("The-id") is None
