from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.porter import stem

_ENDINGS = """s es ies sses ss ed eed ing at bl iz y ational tional enci anci izer logi bli alli entli eli ousli ization
    ation ator alism iveness fulness ousness aliti iviti biliti ical ness icate iciti ful ative alize al ance ence er ic
    able ible ant ement ment ent sion tion ou ism ate iti ous ive ize e ll"""
syllable = st.sampled_from(["a", "e", "i", "o", "y", "br", "c", "l", "ll", "s", "st", "t", "tt", "w", "x", "z", "é"])
word = st.builds(
    lambda start, end: "".join(start) + "".join(end),
    st.lists(syllable, min_size=0, max_size=6),
    st.lists(st.sampled_from(_ENDINGS.split()), max_size=3),
).filter(bool)


def stems_of_sqlite(words: list[str]) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='porter unicode61 remove_diacritics 0')"
        )
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab('texts', 'instance')")
        connection.executemany("INSERT INTO texts(rowid, text) VALUES(?, ?)", enumerate(words, start=1))
        return [term for (term,) in connection.execute("SELECT term FROM terms ORDER BY doc")]


@settings(max_examples=60, deadline=None)
@given(st.lists(word, min_size=30, max_size=60))
def test_a_stem_is_what_the_full_text_index_makes_of_the_word(words):
    assert [stem(word) for word in words] == stems_of_sqlite(words)


@pytest.mark.parametrize(
    "words",
    ["car cars", "shop shops shopping", "travel traveling travels", "insurance insure insured", "holiday holidays"],
)
def test_forms_of_one_word_share_a_stem(words):
    assert len({stem(word) for word in words.split()}) == 1


@pytest.mark.parametrize("word", ["", "a", "tv", "x" * 65, "é"])
def test_very_short_and_very_long_words_stay_as_they_are(word):
    assert stem(word) == word
