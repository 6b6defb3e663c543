from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.typos import Spelling, allowance, distance

small = st.text("abc", max_size=6)


def textbook(left: str, right: str) -> int:
    """Optimal string alignment by its definition."""
    table = {(i, 0): i for i in range(len(left) + 1)} | {(0, j): j for j in range(len(right) + 1)}
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            cost = left[i - 1] != right[j - 1]
            best = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + cost)
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                best = min(best, table[i - 2, j - 2] + 1)
            table[i, j] = best
    return table[len(left), len(right)]


@settings(max_examples=300, deadline=None)
@given(small, small, st.integers(0, 4))
def test_the_distance_is_optimal_string_alignment_up_to_the_bound(left, right, most):
    assert distance(left, right, most) == min(textbook(left, right), most + 1)


@pytest.mark.parametrize(("word", "edits"), [("car", 0), ("cars", 1), ("vehicle", 1), ("headphone", 2)])
def test_longer_words_may_hold_more_errors(word, edits):
    assert allowance(word) == edits


def test_the_nearest_words_come_first():
    assert Spelling(["holiday", "holidays", "holy"]).near("holidax", 2) == [(1, "holiday"), (2, "holidays")]


@pytest.mark.parametrize(
    ("typed", "meant"), [("vehicel", "vehicle"), ("crpyto", "crypto"), ("vaccum", "vacuum"), ("gofl", "golf")]
)
def test_swapped_doubled_and_missing_letters_are_found(typed, meant):
    assert Spelling([meant, "other", "words"]).near(typed, 1) == [(1, meant)]


def test_a_swap_of_the_first_two_letters_is_found():
    assert Spelling(["insurance"]).near("nisurance", 1) == [(1, "insurance")]


@pytest.mark.parametrize(("typed", "known"), [("wealthy", "healthy"), ("bike", "bake"), ("moms", "mops")])
def test_another_word_is_not_taken_for_an_error(typed, known):
    assert Spelling([known]).near(typed, 1) == []


@pytest.mark.parametrize("word", ["12345", "straße", "a1b2c3", ""])
def test_what_is_not_plain_letters_has_no_neighbours(word):
    assert Spelling(["12346", "strasse", "a1b2c4"]).near(word, 2) == []


def test_nothing_is_near_when_no_edit_is_allowed():
    assert Spelling(["golf"]).near("golf", 0) == []
