from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.semantic.workspace import Workspace, best, floor, highest, likely

many = st.lists(st.integers(0, 99), min_size=1, max_size=200)


@settings(deadline=None)
@given(searches=st.lists(many, min_size=1, max_size=4))
def test_a_document_has_one_place_wherever_it_stands_and_none_is_shared(searches):
    workspace = Workspace(100)
    for numbers in searches:
        docs = np.array(numbers, np.int64)
        places = workspace.places(docs)
        assert (docs[places] == docs).all()
        assert len(set(places.tolist())) == len(set(numbers))


@given(
    totals=st.lists(st.integers(0, 9), min_size=1, max_size=80),
    count=st.integers(1, 20),
    dice=st.randoms(use_true_random=False),
)
def test_the_best_are_those_with_the_highest_totals_and_of_equals_the_lowest_numbers(totals, count, dice):
    docs = list(range(len(totals)))
    dice.shuffle(docs)
    found = best(np.array(totals, np.float32), np.array(docs, np.int64), count)
    ranked = sorted((-total, doc) for total, doc in zip(totals, docs, strict=True) if total)
    assert [docs[place] for place in found] == sorted(doc for _, doc in ranked[:count])


def test_a_table_is_empty_however_often_it_is_taken():
    workspace = Workspace(10)
    for lines, columns in ((2, 3), (3, 2), (3, 1_000_000)):
        table = workspace.table(lines, columns)
        assert table.shape == (lines, columns)
        assert not table.any()
        table.fill(7)


@given(
    values=st.lists(st.integers(0, 30), min_size=1, max_size=120) | st.lists(st.floats(0, 9, width=16), min_size=64),
    count=st.integers(1, 20),
)
def test_the_highest_are_among_the_likely_ones_and_none_of_them_is_below_the_floor(values, count):
    totals = np.array(values, np.float32)
    ranked = sorted(totals.tolist(), reverse=True)
    places = likely(totals, count)
    assert sorted(totals[places].tolist(), reverse=True)[:count] == [one for one in ranked[:count] if one > 0]
    assert (totals[places] > 0).all()
    assert floor(totals, count) == (ranked[count - 1] if len(ranked) >= count else 0.0)


@given(values=st.lists(st.integers(0, 5), max_size=60), count=st.integers(1, 30))
def test_of_equal_values_the_first_are_the_highest(values, count):
    ranked = sorted(range(len(values)), key=lambda place: (-values[place], place))
    assert highest(np.array(values, np.float32), count).tolist() == sorted(ranked[:count])


def test_many_totals_leave_few_likely_ones():
    totals = np.random.default_rng(3).random(50_000, np.float32)
    assert len(likely(totals, 1_000)) < 2_000
