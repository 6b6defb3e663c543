from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.semantic.workspace import Workspace, steps

postings = st.lists(
    st.dictionaries(st.integers(0, 1299), st.integers(1, 9), min_size=1, max_size=30), min_size=1, max_size=4
)


def arrays(posting):
    docs = sorted(posting)
    return np.array(docs, np.int64), steps(np.array([posting[doc] for doc in docs], np.float32))


@settings(deadline=None)
@given(words=st.lists(postings, min_size=1, max_size=3), most=st.integers(1, 20))
def test_a_document_takes_the_best_of_a_word_and_the_sum_over_words(words, most):
    workspace = Workspace(1300)
    expected = np.zeros(1300, np.float32)
    for word in words:
        workspace.add([arrays(posting) for posting in word])
        for doc in range(1300):
            expected[doc] += max((posting.get(doc, 0) for posting in word), default=0)
    assert np.allclose(workspace.held(np.arange(1300)), expected)
    best = workspace.best(most, None)
    assert len(best) == min(most, int((expected > 0).sum()))
    assert list(best) == sorted(best)
    others = np.delete(expected, best)
    assert not len(best) or expected[best].min() >= others.max(initial=0.0) - 1e-6
    workspace.clear()
    assert not workspace.total.any()


def test_what_does_not_pass_is_not_among_the_best():
    workspace = Workspace(10)
    workspace.lift(np.array([1, 2, 3], np.int64), np.ones(3, np.uint16))
    passing = np.ones(10, bool)
    passing[2] = False
    assert list(workspace.best(5, passing)) == [1, 3]
