from __future__ import annotations

import pytest

from service.ranking.semantic.spelling import Spelling, allowance

KNOWN = Spelling(["insurance", "headphones", "jewelry", "wine", "golf", "vehicle", "restaurant", "a1b2"])


@pytest.mark.parametrize(
    ("word", "known", "edits"),
    [
        ("insurence", "insurance", 1),
        ("headhpones", "headphones", 1),
        ("vehicel", "vehicle", 1),
        ("evhicle", "vehicle", 1),
        ("resturant", "restaurant", 1),
        ("glof", "golf", 1),
    ],
)
def test_misspelled_words_find_what_was_meant(word, known, edits):
    assert KNOWN.near(word, allowance(word))[0] == (edits, known)


@pytest.mark.parametrize("word", ["xqzzyqw", "win3", "née", "fine", "gold", ""])
def test_what_is_far_off_or_begins_otherwise_finds_nothing(word):
    assert KNOWN.near(word, allowance(word)) == []


def test_short_words_may_hold_no_edit_and_long_ones_two():
    assert [allowance(word) for word in ("win", "wine", "wines", "wineries")] == [0, 1, 1, 2]
