from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.messages import RANKING_LIMIT, Brief, Ranking
from service.ranking.local import LocalRanker
from service.ranking.ranker import Ranker, fingerprint
from tests.ranking.library import MemoryLibrary, a_signal, fillers_of

RANKER: Ranker = LocalRanker()


def names(library: MemoryLibrary, spec: str, most: int = 10, **filters) -> list[str]:
    ranking = RANKER.rank(library, Brief(spec, **filters))
    return [signal.name for signal in library.signals(ranking.rows[:most])]


@pytest.mark.parametrize(
    ("spec", "topics"),
    [
        ("cars", {"Automotive", "car", "cars"}),
        ("food", {"Food and drink", "food"}),
        ("sports", {"Sports and outdoors", "sport", "sports"}),
        ("travel", {"Travel"}),
        ("fashion", {"Fashion and beauty", "fashion"}),
        ("technology", {"Technology", "technology"}),
        ("health", {"Health", "health"}),
        ("finance", {"Finance", "finance"}),
        ("entertainment", {"Entertainment", "entertainment"}),
    ],
)
def test_everyday_words_find_their_topic_in_the_sample(sample, spec, topics):
    ranking = RANKER.rank(sample, Brief(spec))
    first = sample.signals(ranking.rows[:10])
    assert len(first) == 10
    fitting = [signal for signal in first if topics & {*signal.path, *signal.name.lower().split()}]
    assert len(fitting) >= 8


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ("vehicel", "vehicle"),
        ("skiing holydays", "ski holiday"),
        ("insurence", "insurance"),
        ("smarthome", "smart home"),
    ],
)
def test_misspelled_words_find_what_was_meant(sample, spec, word):
    assert word in names(sample, spec)[0].lower()


@pytest.mark.parametrize("spec", ["xqzzyqw", "!!! ???", "123456789", "zzzzzzz people", '" ) * ^', "…"])
def test_nonsense_finds_nothing(sample, spec):
    ranking = RANKER.rank(sample, Brief(spec))
    assert (list(ranking.rows), list(ranking.relevance), ranking.total) == ([], [], 0)


def test_words_that_resemble_an_unknown_one_are_told(sample):
    ranking = RANKER.rank(sample, Brief("jewlrie buyers"))
    assert not ranking.rows
    assert "jewelry" in ranking.near or "jewellery" in ranking.near
    assert len(ranking.near) <= 5
    assert RANKER.rank(sample, Brief("cars")).near == ()


def test_the_row_of_an_id_comes_first(sample):
    signal = sample.all[-1]
    ranking = RANKER.rank(sample, Brief(signal.id))
    assert sample.signals(ranking.rows[:1]) == [signal]
    assert ranking.relevance[0] == 1.0


@settings(max_examples=30, deadline=None)
@given(place=st.integers(0, 1000))
def test_an_exact_name_comes_first_with_a_relevance_of_nine_tenths(sample, place):
    signal = sample.all[place % len(sample.all)]
    ranking = RANKER.rank(sample, Brief(signal.name))
    same = [found.name.lower() for found in sample.signals(ranking.rows[:3])]
    assert signal.name.lower() in same
    assert ranking.relevance[0] >= 0.9


def test_one_word_of_five_in_a_description_is_hardly_relevant(library):
    catalogue = library(a_signal("Something", "about golf"), *(fillers_of(99)))
    ranking = RANKER.rank(catalogue, Brief("golf qqqqq wwwww xxxxx zzzzz"))
    assert list(ranking.rows) == [1]
    assert 0 < ranking.relevance[0] < 0.4


def test_relevance_falls_with_the_order_and_stays_between_0_and_1(sample):
    for spec in ("cars", "luxury travel for families", "food", "people who love running shoes"):
        relevance = RANKER.rank(sample, Brief(spec)).relevance
        assert 0 < relevance[-1] <= relevance[0] <= 1
        assert all(earlier >= later for earlier, later in pairwise(relevance))


def test_a_row_with_both_words_comes_before_rows_with_one(library):
    catalogue = library(a_signal("golf"), a_signal("tennis"), a_signal("Other", "golf or tennis"), *fillers_of(40))
    assert names(catalogue, "golf tennis")[0] == "Other"


def test_equal_rows_are_ordered_by_coverage_price_and_id(library):
    catalogue = library(
        a_signal("golf", id="d"),
        a_signal("golf", id="c", coverage_percentage=1.0, cpm=2.0),
        a_signal("golf", id="b", coverage_percentage=1.0, cpm=1.0),
        a_signal("golf", id="a", coverage_percentage=9.0, cpm=9.0),
        *fillers_of(10),
    )
    rows = RANKER.rank(catalogue, Brief("golf")).rows
    assert [signal.id for signal in catalogue.signals(rows)] == ["a", "b", "c", "d"]


def test_filters_hold_for_every_row_and_missing_data_is_counted(library):
    catalogue = library(
        a_signal("golf a", cpm=1.0, countries=("US",)),
        a_signal("golf b", countries=("US",)),
        a_signal("golf c", cpm=1.0),
        a_signal("golf d"),
        a_signal("golf e", cpm=1.0, countries=("FR",)),
        a_signal("golf f", cpm=9.0),
        a_signal("golf g", cpm=1.0, currency="EUR", countries=("US",)),
        a_signal("tennis"),
    )
    ranking = RANKER.rank(catalogue, Brief("golf", countries=("us",), max_cpm=2.0))
    assert [signal.name for signal in catalogue.signals(ranking.rows)] == ["golf a"]
    assert ranking.left_out == {"max_cpm": 1, "countries": 1}
    assert ranking.total == 1


def test_a_data_provider_is_named_in_any_case(library):
    catalogue = library(a_signal("golf", data_provider="Ünited"), a_signal("golf clubs", data_provider="Other"))
    for name in ("ünited", "ÜNITED"):
        assert list(RANKER.rank(catalogue, Brief("golf", data_providers=(name,))).rows) == [1]


@settings(max_examples=25, deadline=None)
@given(
    spec=st.sampled_from(["cars", "travel", "food lovers"]),
    kinds=st.sets(st.sampled_from(["audience", "contextual"])),
    most=st.none() | st.floats(0, 5),
    least=st.none() | st.floats(0, 30),
)
def test_filtering_never_adds_and_never_lets_pass_what_fails(sample, spec, kinds, most, least):
    brief = Brief(spec, kinds=tuple(sorted(kinds)), max_cpm=most, min_coverage_percentage=least)
    ranking = RANKER.rank(sample, brief)
    assert set(ranking.rows) <= set(RANKER.rank(sample, Brief(spec)).rows)
    for signal in sample.signals(ranking.rows):
        assert not kinds or signal.kind in kinds
        assert most is None or (signal.cpm is not None and signal.cpm <= most and signal.currency == "USD")
        assert least is None or (signal.coverage_percentage or -1.0) >= least


def test_a_total_is_exact_up_to_the_limit_and_absent_beyond(library):
    catalogue = library(*(a_signal("golf", id=f"g{n}") for n in range(RANKING_LIMIT)), *fillers_of(5))
    assert RANKER.rank(catalogue, Brief("golf")).total == RANKING_LIMIT
    with closing(sqlite3.connect(":memory:")) as connection:
        more = MemoryLibrary(connection, [*catalogue.all, a_signal("golf", id="one-more")], "v2")
        ranking = RANKER.rank(more, Brief("golf"))
    assert ranking.total is None
    assert len(ranking.rows) == len(ranking.relevance) == RANKING_LIMIT


def test_a_ranking_is_the_same_each_time_and_says_what_it_is_of(sample):
    brief = Brief("family travel")
    first, second = LocalRanker().rank(sample, brief), RANKER.rank(sample, brief)
    assert first == second
    assert first.fingerprint == fingerprint("sample", RANKER.version, brief)
    assert (first.brief, first.catalogue_version, first.method) == (brief, "sample", "text")


def test_a_new_version_of_the_catalogue_has_its_own_words():
    ranker = LocalRanker()
    for version, word in enumerate(("golf", "tennis", "rowing", "golf")):
        with closing(sqlite3.connect(":memory:")) as connection:
            catalogue = MemoryLibrary(connection, [a_signal(word), *fillers_of(5)], f"v{version}")
            assert [len(ranker.rank(catalogue, Brief(spec)).rows) for spec in (word, "polo")] == [1, 0]


def test_an_empty_catalogue_has_no_answers(library):
    assert RANKER.rank(library(), Brief("cars")).total == 0


def test_threads_may_share_a_ranker(sample):
    ranker, rankings = LocalRanker(), []

    def ask() -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            rankings.append(ranker.rank(MemoryLibrary(connection, sample.all[:200], "shared"), Brief("cars")))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(rankings) == 4
    assert all(ranking == rankings[0] for ranking in rankings)


hostile = st.text(max_size=60) | st.text("\"*^:()+-ANDORNT {}~'aeiou\0\n", max_size=40)


@settings(max_examples=120, deadline=None)
@given(spec=hostile)
def test_no_text_raises(sample, spec):
    ranking = RANKER.rank(sample, Brief(spec))
    assert isinstance(ranking, Ranking)
    assert len(ranking.rows) == len(ranking.relevance) <= RANKING_LIMIT
    RANKER.reasons(sample, Brief(spec), sample.all[:2])


def test_the_longest_spec_is_answered(sample):
    words = " ".join(signal.name.split()[0] for signal in sample.all)[:1000]
    assert RANKER.rank(sample, Brief(words)).rows
