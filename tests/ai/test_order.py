from array import array

from hypothesis import given
from hypothesis import strategies as st

from service.ai.order import fallen_back, ordered_by_ai
from service.ai.verdict import Place, Verdict
from tests.doubles import a_ranking


def a_local(count=5, **overrides):
    rows = array("q", range(100, 100 + count))
    relevance = array("d", [1 - place / 10 for place in range(count)])
    return a_ranking(rows=rows, relevance=relevance, total=count, **overrides)


def test_placed_ones_come_first_then_the_unmentioned_and_the_irrelevant_are_gone():
    verdict = Verdict((Place(3, 0.9, "fits"), Place(1, 0.6, "")), frozenset({0}))

    ranking = ordered_by_ai(a_local(), verdict, "fake/one")

    assert list(ranking.rows) == [103, 101, 102, 104]
    assert list(ranking.relevance) == [0.9, 0.6, 0.6, 0.6]
    assert (ranking.method, ranking.placed, ranking.total, dict(ranking.reasons)) == ("ai", 2, 4, {103: "fits"})


def test_a_total_that_is_not_known_stays_unknown():
    assert ordered_by_ai(a_ranking(total=None), Verdict((), frozenset({0})), "fake/one").total is None


def test_all_irrelevant_leaves_nothing():
    ranking = ordered_by_ai(a_local(2), Verdict((), frozenset({0, 1})), "fake/one")

    assert (list(ranking.rows), ranking.total) == ([], 0)


def test_pages_of_different_orders_never_have_the_same_fingerprint():
    local = a_local()
    one, other = Verdict((Place(1, 0.9, "a"),), frozenset()), Verdict((Place(1, 0.9, "b"),), frozenset())
    fingerprints = [
        local.fingerprint,
        ordered_by_ai(local, one, "fake/one").fingerprint,
        ordered_by_ai(local, other, "fake/one").fingerprint,
        ordered_by_ai(local, one, "fake/two").fingerprint,
        fallen_back(local, "timeout").fingerprint,
        fallen_back(local, "error").fingerprint,
    ]

    assert len(set(fingerprints)) == len(fingerprints)
    assert ordered_by_ai(local, one, "fake/one").fingerprint == ordered_by_ai(local, one, "fake/one").fingerprint


def test_a_fallback_is_the_local_order_with_its_reason():
    local = a_local()
    ranking = fallen_back(local, "breaker_open")

    assert (ranking.rows, ranking.relevance, ranking.method) == (local.rows, local.relevance, "text")
    assert ranking.fallback_reason == "breaker_open"


@given(
    count=st.integers(0, 30),
    placed=st.lists(st.integers(0, 29), unique=True),
    scores=st.lists(st.floats(0, 1), min_size=30, max_size=30),
    dropped=st.sets(st.integers(0, 29)),
)
def test_whatever_the_verdict_each_candidate_stands_once_and_relevance_never_rises(count, placed, scores, dropped):
    placed = [row for row in placed if row < count]
    dropped = frozenset(row for row in dropped if row < count and row not in placed)
    falling = sorted(scores, reverse=True)
    places = tuple(Place(row, falling[number], "") for number, row in enumerate(placed))
    local = a_local(count)

    ranking = ordered_by_ai(local, Verdict(places, dropped), "fake/one")

    assert sorted(ranking.rows) == sorted(row for place, row in enumerate(local.rows) if place not in dropped)
    assert list(ranking.relevance) == sorted(ranking.relevance, reverse=True)
    assert len(ranking.relevance) == len(ranking.rows) == ranking.total
