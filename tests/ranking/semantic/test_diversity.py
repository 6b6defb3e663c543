from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.ranking.semantic.diversity import A_CONCEPT, spread


def test_no_concept_fills_the_first_page_while_others_are_hardly_worse():
    concepts = [1] * 30 + [2] * 30
    scores = [1.0] * 30 + [0.95] * 30
    first = [concepts[place] for place in spread(concepts, scores)[:6]]
    assert first.count(1) == A_CONCEPT


def test_what_is_much_better_stays_first():
    order = spread([1] * 10 + [2] * 10, [1.0] * 10 + [0.5] * 10)
    assert order == list(range(20))


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=130))
def test_nothing_is_lost_or_doubled_and_the_best_stays_first(rows):
    scores = sorted((score for _, score in rows), reverse=True)
    order = spread([concept for concept, _ in rows], scores)
    assert sorted(order) == list(range(len(rows)))
    assert order[:1] == [0][: len(rows)]
