from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ranking.semantic.tokens import WORD, plain, tokens
from service.ranking.words import fold


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("HomeGarden", ["home", "garden"]),
        ("smartTV", ["smart", "tv"]),
        ("SaaS and IoT for iPhone eSports", ["saas", "and", "iot", "for", "iphone", "esports"]),
        ("Men's Jewelry_and_Watches", ["men", "jewelry", "and", "watches"]),
        ("R&D teams", ["rd", "teams"]),
        ("$100,000-$149,999", ["100000", "149999"]),
        ("Café ANDRÉ", ["cafe", "andre"]),
        ("ｆｕｌｌ ｗｉｄｔｈ", ["full", "width"]),
        ("", []),
        ("!!! ???", []),
    ],
)
def test_text_is_cut_at_case_marks_and_blanks_and_folded(text, words):
    assert tokens(text) == words


@given(st.text(max_size=80))
def test_any_text_gives_words_of_letters_and_digits_that_stay_as_they_are(text):
    for word in tokens(text):
        assert word.replace(".", "").isalnum()
        assert tokens(word) in ([word], tokens(word))


def test_a_number_with_points_is_one_word():
    assert tokens("3.14159265 and v2.0, in 2024.") == ["3.14159265", "and", "v2", "0", "in", "2024"]


@given(st.text("aBcZ09.,'& _-é\u0130\u2019s", max_size=40) | st.text(max_size=40))
def test_what_is_seen_at_once_is_what_patterns_find(text):
    folded = fold(re.sub("(?<=[a-z]{2})(?=[A-Z][A-Za-z])", " ", text))
    folded = re.sub(r"'s\b", "", folded)
    folded = re.sub(r"(?<=\d),(?=\d{3}\b)", "", folded)
    folded = re.sub(r"\b([a-z])\s?&\s?([a-z])\b", r"\1\2", folded)
    assert plain(text) == folded
    assert tokens(text) == re.findall(WORD, folded)
