from __future__ import annotations

import pytest

from service.messages import Brief
from service.ranking.ranker import fingerprint
from tests.ranking.library import a_signal, fillers_of
from tests.ranking.semantic.small import indexed, ranking_over

CATALOGUE = (
    a_signal("In market for cars", path=("Automotive", "In market")),
    a_signal("Vineyard visitors", path=("Wine",)),
    a_signal("Golf weekends", path=("Sports",)),
    a_signal("Adults (no children)", path=("Household", "Couples")),
    a_signal("Couples with children", path=("Household", "Couples")),
    a_signal("Age 30-34", path=("Demographics", "Age")),
    a_signal("Age 60+", path=("Demographics", "Age")),
)


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        ("vehicle acquirers", "In market for cars"),
        ("oenophiles", "Vineyard visitors"),
        ("vinyard", "Vineyard visitors"),
        ("golfers", "Golf weekends"),
        ("winevineyard", "Vineyard visitors"),
        ("people of 30 to 39", "Age 30-34"),
        ("over 65", "Age 60+"),
        ("couples without kids", "Adults (no children)"),
    ],
)
def test_words_meanings_misspellings_and_numbers_find_what_was_meant(ranked, spec, first):
    assert ranked(CATALOGUE, spec)[1][0] == first


def test_what_is_not_wanted_is_not_shown(ranked):
    assert "Couples with children" not in ranked(CATALOGUE, "couples without kids")[1]
    assert "Couples with children" in ranked(CATALOGUE, "couples with kids")[1]


def test_words_in_quotation_marks_stand_side_by_side(ranked):
    rows = (a_signal("sports and golf"), a_signal("golf sports"), a_signal("Other", "We like golf sports."))
    assert set(ranked((*rows, *fillers_of(9)), '"golf sports"')[1]) == {"golf sports", "Other"}
    assert len(ranked((*rows, *fillers_of(9)), "golf sports")[1]) == 3
    assert len(ranked((*rows, *fillers_of(9)), '"sports golf"')[1]) == 3


@pytest.mark.parametrize(
    "spec", ["xqzzyqw", "!!! ???", "123456789", "3.14159265", "zzzzzzz people", '" ) * ^', "…", "' OR ''='"]
)
def test_nonsense_finds_nothing(ranked, spec):
    ranking, names = ranked(CATALOGUE, spec)
    assert (names, ranking.total) == ([], 0)


def test_the_nearest_words_are_told_when_nothing_matches(ranked):
    assert "vineyard" in ranked(CATALOGUE, "vynyrd")[0].near


def test_an_id_comes_first_with_full_relevance_and_a_name_with_nearly(ranked):
    for spec, relevance in ((CATALOGUE[2].id, 1.0), ("golf weekend", 0.97)):
        ranking, names = ranked(CATALOGUE, spec)
        assert (names[0], ranking.relevance[0]) == ("Golf weekends", relevance)


def test_an_operators_synonym_is_understood(ranked):
    assert ranked(CATALOGUE, "zork", ["zork\twine"])[1][0] == "Vineyard visitors"


def test_equal_rows_are_ordered_by_coverage_and_price(ranked):
    rows = (
        a_signal("golf", id="d"),
        a_signal("golf", id="c", coverage_percentage=1.0, cpm=2.0),
        a_signal("golf", id="b", coverage_percentage=1.0, cpm=1.0),
        a_signal("golf", id="a", coverage_percentage=9.0, cpm=9.0),
    )
    ranking, _ = ranked((*rows, *fillers_of(10)), "golf")
    assert list(ranking.rows)[:4] == [4, 3, 2, 1]


def test_filters_hold_for_every_row_and_missing_data_is_counted(ranked):
    rows = (
        a_signal("golf a", cpm=1.0, countries=("US",)),
        a_signal("golf b", countries=("US",)),
        a_signal("golf c", cpm=1.0),
        a_signal("golf d"),
        a_signal("golf e", cpm=1.0, countries=("FR",)),
        a_signal("golf f", cpm=9.0),
        a_signal("golf g", cpm=1.0, currency="EUR", countries=("US",)),
        a_signal("wine", cpm=1.0, countries=("US",)),
    )
    ranking, names = ranked(rows, "golf", countries=("us",), max_cpm=2.0)
    assert names == ["golf a"]
    assert ranking.left_out == {"countries": 1, "max_cpm": 1}


def test_relevance_falls_with_the_order_and_stays_between_0_and_1(ranked):
    relevance = list(ranked(CATALOGUE, "cars and golf")[0].relevance)
    assert relevance == sorted(relevance, reverse=True)
    assert all(0 < value <= 1 for value in relevance)


def test_a_ranking_is_the_same_each_time_and_says_what_it_is_of(library, vectors, tmp_path):
    catalogue = library(*CATALOGUE)
    brief = Brief("family cars")
    one, other = (
        ranking_over(indexed(catalogue.connection(), tmp_path / name, vectors)).rank(catalogue, brief, "v")
        for name in ("one", "other")
    )
    assert one == other
    assert one.fingerprint == fingerprint(catalogue.version, "v", brief)


def test_an_empty_catalogue_has_no_answers(ranked):
    assert ranked((), "cars")[0].total == 0


def test_a_rehearsal_searches_for_frequent_words_of_the_catalogue(library, vectors, tmp_path):
    catalogue = library(*CATALOGUE)
    semantic = ranking_over(indexed(catalogue.connection(), tmp_path / "index", vectors))
    semantic.rehearse(catalogue)
    assert "couples" in semantic.index.vocabulary.frequent(3)
    assert len(semantic.index.vocabulary.frequent(100)) > 5
