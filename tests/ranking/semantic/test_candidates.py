"""What a big catalogue gets: candidates first, scored fully after. Over the sample, as if it were big."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from service.messages import Brief
from service.ranking.semantic import candidates, postings
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import WordVectors
from tests.ranking.library import MemoryLibrary, a_signal, fillers_of
from tests.ranking.semantic.nonsense import SENSE_SPECS
from tests.ranking.semantic.small import YEAR, indexed, ranking_over


@pytest.fixture(scope="module")
def rankers(sample, tmp_path_factory):
    """The same catalogue looked at whole, and by candidates."""
    folder = tmp_path_factory.mktemp("candidates")
    vectors, synonyms = WordVectors(), Synonyms.read(None)
    whole = indexed(sample.connection(), folder / "whole", vectors)
    big = indexed(sample.connection(), folder / "big", vectors, exact=0)
    return Semantic(whole, synonyms, YEAR), Semantic(big, synonyms, YEAR)


def test_candidates_hold_what_a_look_at_all_finds_first(sample, rankers):
    whole, big = rankers
    agreeing = 0
    for spec in SENSE_SPECS:
        first = list(whole.rank(sample, Brief(spec), "v").rows[:5])
        agreeing += len(set(first) & set(big.rank(sample, Brief(spec), "v").rows[:5])) / max(1, len(first))
    assert agreeing / len(SENSE_SPECS) > 0.9


def test_a_rare_filter_still_fills_the_page(sample, rankers):
    _, big = rankers
    rare = next(country for country in ("JP", "IE", "AT", "MX", "CA") if country in _some(sample))
    ranking = big.rank(sample, Brief("travel", countries=(rare,)), "v")
    assert len(ranking.rows) >= 3
    assert all(rare in signal.countries for signal in sample.signals(ranking.rows))


def _some(sample):
    """Countries in which some signals about travel can be used."""
    found = [country for signal in sample.all if "Travel" in signal.path for country in signal.countries]
    return {country for country in found if found.count(country) >= 3}


def test_numbers_names_and_ids_are_found_whatever_the_budget(sample, rankers, monkeypatch):
    _, big = rankers
    monkeypatch.setattr(candidates, "BUDGET", 1)
    monkeypatch.setattr(candidates, "CANDIDATES", 20)
    signal = sample.all[700]
    for spec in (signal.name, signal.id):
        assert sample.signals(big.rank(sample, Brief(spec), "v").rows[:1])[0].name == signal.name
    assert "30-39" in sample.signals(big.rank(sample, Brief("30-39"), "v").rows[:1])[0].name


def test_common_words_are_looked_up_in_whole_rows(sample, rankers):
    _, big = rankers
    index = big.index
    frequent = int(np.argmax(index.vocabulary.frequency_of))
    assert frequent in index._common_places
    assert index.vocabulary.frequency_of[frequent] * postings.COMMON_SHARE > index.count
    start, stop = index.offsets[frequent], index.offsets[frequent + 1]
    docs = index.docs[start:stop]
    assert (index.impacts_of(frequent, docs) == index.impacts[start:stop]).all()


def test_a_total_is_told_only_where_all_signals_were_looked_at(sample, rankers):
    whole, big = rankers
    assert whole.rank(sample, Brief("wine"), "v").total == len(whole.rank(sample, Brief("wine"), "v").rows)
    assert big.rank(sample, Brief("wine"), "v").total is None
    assert big.rank(sample, Brief("xqzzyqw"), "v").total == 0


def test_an_id_that_says_nothing_is_found_among_many(vectors, tmp_path):
    rows = [*fillers_of(50), a_signal("golf", id="8f3a2b")]
    with closing(sqlite3.connect(":memory:")) as connection:
        library = MemoryLibrary(connection, rows, "v")
        semantic = ranking_over(indexed(connection, tmp_path / "index", vectors, exact=0))
        ranking = semantic.rank(library, Brief("8f3a2b"), "v")
        assert (list(ranking.rows), ranking.relevance[0]) == ([51], 1.0)
