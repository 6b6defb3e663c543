"""From a question to its page: what is computed, where, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import InvalidInput, Unavailable
from service.finding import is_of, rank_with
from service.messages import Brief, Query
from tests.desks import Desk, FakeSnapshot, a_ranking

QUESTION = Query(Brief("cars"))


def test_a_page_is_cut_in_a_slot_and_only_once():
    desk = Desk()
    for _ in range(5):
        desk.finder.find(QUESTION)

    assert desk.slots == 1


def test_a_forged_cursor_is_refused_before_anything_is_ranked():
    desk = Desk()
    with pytest.raises(InvalidInput):
        desk.finder.find(replace(QUESTION, cursor="forged"))

    assert (desk.counted, desk.slots) == ([], 0)


def test_a_catalogue_that_never_stands_still_is_unavailable_and_not_waited_for():
    with pytest.raises(Unavailable) as refusal:
        Desk(snapshot=FakeSnapshot("v2")).finder.find(QUESTION)
    assert refusal.value.retry_after == 1


def test_the_first_page_is_made_while_the_slot_is_held_and_others_later():
    class FakeRanker:
        def rank(self, library, brief):
            return a_ranking(brief)

    desk = Desk()
    work = rank_with(FakeRanker(), desk.pages, desk.borrow)
    first = Query(Brief("cars"))
    later = Query(Brief("cars"), cursor="x")

    assert desk.pages.kept(work(first).ranking, first) is not None
    assert desk.pages.kept(work(later).ranking, later) is None


def test_a_ranking_of_a_viewer_is_of_a_snapshot_only_while_the_viewer_sees_the_same():
    class Seen:
        version = "v1"

        def viewer(self, principal):
            return f"{principal}@2"

    assert is_of(Seen(), a_ranking(Brief("cars")))
    assert is_of(Seen(), a_ranking(Brief("cars", viewer="acme@2")))
    assert not is_of(Seen(), a_ranking(Brief("cars", viewer="acme@1")))
    assert not is_of(Seen(), replace(a_ranking(Brief("cars")), catalogue_version="v2"))
