"""The best of what was met are the best of all, whichever way they are found."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.semantic.choosing import Met, by_all, by_words
from service.ranking.semantic.workspace import Workspace

DOCS, PATHS = 40, 5


class Rows(NamedTuple):
    """As much of an index as is needed to choose."""

    workspace: Workspace
    paths: np.ndarray
    path_vectors: np.ndarray

    def in_path(self, path: int) -> np.ndarray:
        return np.flatnonzero(self.paths == path).astype(np.int32)


docs = st.sets(st.integers(0, DOCS - 1), min_size=1, max_size=25).map(sorted)
postings = st.tuples(docs, st.randoms(use_true_random=False), st.floats(0.001, 0.05))
words = st.lists(st.lists(postings, max_size=3), max_size=4)


def met(one) -> Met:
    numbers, dice, factor = one
    impacts = np.array([dice.randint(1, 255) for _ in numbers], np.uint8)
    return Met(np.array(numbers, np.int32), impacts, factor)


def _strength(one: Met, doc: int) -> np.float32:
    held = one.strengths[one.docs == doc]
    return np.float32(one.factor) * np.float32(held[0] if len(held) else 0)


def rows_of(dice) -> Rows:
    paths = np.array([dice.randrange(PATHS) for _ in range(DOCS)], np.int32)
    return Rows(Workspace(DOCS), paths, np.zeros((PATHS, 1), np.float32))


@settings(deadline=None, max_examples=300)
@given(
    words=words,
    dice=st.randoms(use_true_random=False),
    lifts=st.dictionaries(st.integers(0, PATHS - 1), st.floats(0.01, 3), max_size=PATHS),
    called=st.none() | docs,
    filtered=st.booleans(),
    count=st.integers(1, 12),
)
def test_documents_that_hold_no_word_are_left_out_only_where_they_could_not_be_among_the_best(
    words, dice, lifts, called, filtered, count
):
    index = rows_of(dice)
    some = [[met(one) for one in word] for word in words]
    names = [Met(np.array(called, np.int64), None, 25.0)] if called else []
    passing = np.array([dice.random() < 0.7 for _ in range(DOCS)]) if filtered else None
    near = [Met(index.in_path(path), None, lift) for path, lift in lifts.items()]

    everything = by_all(index, some, [*near, *names], passing, count)
    quickly = by_words(index, some, lifts, names, passing, count)

    assert quickly is None or all(
        (one == other).all() and one.shape == other.shape for one, other in zip(everything, quickly, strict=True)
    )


@settings(deadline=None, max_examples=100)
@given(words=words, dice=st.randoms(use_true_random=False), lift=st.floats(0.01, 3), count=st.integers(1, 12))
def test_a_document_has_the_best_of_each_words_relatives_and_all_lifts(words, dice, lift, count):
    index = rows_of(dice)
    some = [[met(one) for one in word] for word in words]
    lifted = index.in_path(0)
    found, held = by_all(index, some, [Met(lifted, None, lift)], None, count)

    totals = {}
    for doc in range(DOCS):
        total = np.float32(0)
        for word in some:
            total += max((_strength(one, doc) for one in word), default=np.float32(0))
        totals[doc] = total + np.float32(lift) * np.float32(doc in lifted)
    best = sorted((doc for doc in totals if totals[doc] > 0), key=lambda doc: (-totals[doc], doc))[:count]
    assert found.tolist() == sorted(best)
    assert held.shape == (len(words), len(found))


def test_words_that_tell_much_leave_out_what_only_stands_near():
    index = Rows(Workspace(DOCS), np.arange(DOCS) % PATHS, np.zeros((PATHS, 1), np.float32))
    word = [Met(np.arange(20, dtype=np.int32), np.full(20, 200, np.uint8), 0.05)]
    found, _ = by_words(index, [word], {3: 2.0}, [], None, 10)
    assert set(found.tolist()) >= {doc for doc in range(20) if doc % PATHS == 3}
    assert by_words(index, [word], {3: 12.0}, [], None, 10) is None
