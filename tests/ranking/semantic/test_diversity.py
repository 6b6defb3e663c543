from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.ranking.semantic.diversity import repeats, spread


def placed(concepts, scores):
    return list(spread(np.array(concepts, np.int64), np.array(scores, np.float32)))


def test_no_concept_fills_the_first_page_while_others_are_hardly_worse():
    concepts = [1] * 300 + [2] * 30
    first = [concepts[place] for place in placed(concepts, [1.0] * 300 + [0.95] * 30)[:10]]
    assert 3 <= first.count(1) <= 7


def test_what_is_much_better_stays_first():
    assert placed([1] * 10 + [2] * 10, [1.0] * 10 + [0.5] * 10) == list(range(20))


def test_repeats_are_counted_in_their_order():
    assert list(repeats(np.array([7, 5, 7, 7, 5], np.int64))) == [0, 0, 1, 2, 1]


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(0, 1)), max_size=130))
def test_nothing_is_lost_or_doubled_and_the_best_stays_first(rows):
    scores = sorted((score for _, score in rows), reverse=True)
    order = placed([concept for concept, _ in rows], scores)
    assert sorted(order) == list(range(len(rows)))
    assert order[:1] == [0][: len(rows)]
