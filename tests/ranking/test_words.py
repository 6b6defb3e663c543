from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.words import Word, fold, tokens, words


def texts(spec: str) -> list[str]:
    return [word.text for word in words(spec)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("R&D managers", ["r d", "managers"]),
        ("O'Reilly books", ["o reilly", "books"]),
        ("cars/trucks", ["cars", "trucks"]),
        ("women 30-39", ["women", "30 39"]),
        ("3 1/2 inch drawers", ["3", "1 2", "inch", "drawers"]),
        ("income $100,000", ["income", "100 000"]),
        ("women\u2019s shoes", ["women", "shoes"]),
        ("C-suite", ["c suite"]),
        ("café Ｗｉｄｅ", ["cafe", "wide"]),
        ("cars, cars and Cars", ["cars"]),
        ("smartHome", ["smarthome"]),
    ],
)
def test_a_spec_is_cut_as_a_reader_would_cut_it(spec, expected):
    assert texts(spec) == expected


def test_stop_words_are_left_out():
    assert texts("the owners of a house") == ["owners", "house"]


def test_fillers_are_kept_and_told_apart():
    assert words("people who love skiing") == [Word(("people",), True), Word(("love",), True), Word(("skiing",))]


def test_a_spec_of_fillers_alone_is_taken_at_its_word():
    assert words("new customers") == [Word(("new",)), Word(("customers",))]


def test_a_spec_of_stop_words_alone_is_taken_at_its_word():
    assert texts("the who") == ["the", "who"]


def test_capitals_make_a_word_of_a_stop_word():
    assert texts("IT managers in the US") == ["it", "managers", "us"]
    assert texts("THE IT CROWD") == ["crowd"]
    assert texts("cars OR trucks") == ["cars", "trucks"]


@pytest.mark.parametrize("spec", ["", "   ", "!!! ???", "' \" *", "___", "🎉", "\ud800"])
def test_what_holds_no_word_gives_none(spec):
    assert words(spec) == []


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_every_token_holds_letters_and_figures_only_and_is_folded(text):
    for token in tokens(text):
        assert token.isalnum() or not token.isascii()
        assert fold(token) == token or not token.isascii()
