from __future__ import annotations

import pytest

from service.ranking.porter import stem
from service.ranking.vocabulary import Vocabulary, base, spelled
from tests.ranking.library import a_signal


def of(*terms: str, rows: int = 100) -> Vocabulary:
    return Vocabulary(rows, dict.fromkeys(terms, 1))


@pytest.mark.parametrize(
    ("word", "relative"), [("skier", "skiing"), ("renters", "rental"), ("bikers", "bike"), ("astronomers", "astronomy")]
)
def test_words_for_people_are_relatives_of_what_they_do(word, relative):
    assert of(stem(relative)).relatives(stem(word)) == [stem(relative)]


def test_three_letters_in_common_make_no_relatives():
    assert of("care", "car").relatives("car") == []


def test_a_word_is_no_relative_of_itself():
    assert of("rental").relatives("rental") == []


def test_a_doubled_consonant_belongs_to_the_ending():
    assert base("swimmer") == "swim"
    assert base("seller") == "sell"


def test_the_commonest_longer_words_are_given():
    vocabulary = Vocabulary(100, {"auto": 5, "automot": 9, "autograph": 2, "autumn": 7})
    assert vocabulary.commonest("auto", 1) == ["automot"]
    assert vocabulary.commonest("auto", 9) == ["automot", "autograph"]


@pytest.mark.parametrize("term", ["insur", "automot", "photographi", "agre", "holidai"])
def test_a_spelled_word_has_the_stem_it_was_made_from(term):
    assert stem(spelled(term) or "") == term


def test_some_stems_cannot_be_spelled():
    assert spelled("sos") is None


def test_rare_words_tell_more_and_common_ones_never_less_than_nothing():
    vocabulary = of(rows=100)
    told = [vocabulary.informativeness(frequency) for frequency in (0, 1, 10, 50, 100, 200)]
    assert told == sorted(told, reverse=True)
    assert told[-1] >= 0


def test_the_index_weight_is_that_of_sqlite(library):
    signals = [a_signal("golf", id="golf")] + [a_signal(f"other{n}") for n in range(9)]
    connection = library(*signals).connection()
    (score,) = connection.execute("SELECT bm25(signals_fts) FROM signals_fts WHERE signals_fts MATCH 'golf'").fetchone()
    vocabulary = Vocabulary.read(connection)
    # One word in a field of average length: term frequency and length cancel out.
    assert -score == pytest.approx(vocabulary.index_weight(1))
    assert vocabulary.index_weight(9) == 1e-6


def test_a_vocabulary_is_read_from_the_index(library):
    vocabulary = Vocabulary.read(library(a_signal("Car lovers"), a_signal("Old cars")).connection())
    assert vocabulary.rows == 2
    assert vocabulary.frequency == {"car": 2, "lover": 1, "old": 1}
