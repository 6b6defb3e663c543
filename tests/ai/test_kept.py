"""What is kept of a brief, for how long, and what pushes what out."""

import pytest

from service.ai.kept import Found, Kept, Times
from service.ai.order import fallen_back
from service.errors import Unavailable
from service.messages import Brief
from tests.doubles import FakeClock, a_ranking

BRIEF = Brief("cars")
KEY = ("v1", BRIEF)


class Shop:
    def __init__(self, entries=100, size=1_000_000):
        self.clock, self.version = FakeClock(), "v1"
        self.kept = Kept(entries, size, Times(600.0, 3600.0), self.served, self.clock)

    def served(self):
        if self.version is None:
            raise Unavailable("none", retry_after=2)
        return self.version


def an_order(fingerprint="ai-1", **more):
    return a_ranking(BRIEF, method="ai", fingerprint=fingerprint, **more)


def test_an_order_is_fresh_then_stale_and_due_then_gone():
    shop, order = Shop(), an_order()
    shop.kept.keep(KEY, order)

    assert shop.kept.find(KEY) == Found(order, "hit")
    shop.clock.advance(600.0)
    assert shop.kept.find(KEY) == Found(order, "stale", due=True)
    shop.clock.advance(3600.0)
    assert shop.kept.find(KEY) is None
    assert shop.kept.orders(KEY) == (order,), "still there for who is in the middle of its pages"


def test_a_fallback_answers_for_its_seconds():
    shop, local = Shop(), fallen_back(a_ranking(BRIEF), "error")
    shop.kept.fall_back(KEY, local, 15.0)

    shop.clock.advance(14.9)
    assert shop.kept.find(KEY) == Found(local, "hit")
    shop.clock.advance(0.1)
    assert shop.kept.find(KEY) is None


def test_an_order_comes_before_a_fallback_that_was_kept_for_the_same_brief():
    shop, order = Shop(), an_order()
    shop.kept.fall_back(KEY, fallen_back(a_ranking(BRIEF), "timeout"), 15.0)
    shop.kept.keep(KEY, order)

    assert shop.kept.find(KEY) == Found(order, "hit")


def test_a_failed_renewal_leaves_the_stale_order_and_is_not_due_for_a_while():
    shop, order = Shop(), an_order()
    shop.kept.keep(KEY, order)
    shop.clock.advance(600.0)

    shop.kept.fall_back(KEY, fallen_back(a_ranking(BRIEF), "error"), 15.0)

    assert shop.kept.find(KEY) == Found(order, "stale", due=False)
    shop.clock.advance(15.0)
    assert shop.kept.find(KEY) == Found(order, "stale", due=True)


def test_one_order_before_the_newest_is_kept_and_no_more():
    shop = Shop()
    for number in range(4):
        shop.kept.keep(KEY, an_order(f"ai-{number}"))
    assert [ranking.fingerprint for ranking in shop.kept.orders(KEY)] == ["ai-3", "ai-2"]

    shop.kept.keep(KEY, an_order("ai-3"))
    assert [ranking.fingerprint for ranking in shop.kept.orders(KEY)] == ["ai-3"]


def test_how_long_an_order_will_be_fresh_is_known():
    shop = Shop()
    assert shop.kept.fresh_for(KEY) == 0.0
    shop.kept.keep(KEY, an_order())
    shop.clock.advance(599.0)
    assert shop.kept.fresh_for(KEY) == 1.0
    shop.clock.advance(9.0)
    assert shop.kept.fresh_for(KEY) == 0.0


@pytest.mark.parametrize("served", ["v2", None])
def test_what_is_of_a_catalogue_that_is_not_served_is_not_kept(served):
    shop = Shop()
    shop.version = served

    shop.kept.keep(KEY, an_order())
    shop.kept.fall_back(KEY, fallen_back(a_ranking(BRIEF), "error"), 15.0)

    assert shop.kept.find(KEY) is None
    assert len(shop.kept) == 0


def test_it_is_bounded_in_bytes_reasons_counted():
    shop = Shop(size=40_000)
    for number in range(100):
        reasons = dict.fromkeys(range(50), "a reason of some length, as they are")
        shop.kept.keep(("v1", Brief(f"cars {number}")), an_order(reasons=reasons))

    assert 1 <= len(shop.kept) <= 4


def test_an_order_that_is_some_time_old_already_is_fresh_for_the_rest_of_it():
    shop, order = Shop(), an_order()
    shop.kept.keep(KEY, order, 590.0)

    assert shop.kept.fresh_for(KEY) == 10.0
    shop.clock.advance(10.0)
    assert shop.kept.find(KEY) == Found(order, "stale", due=True)


def test_an_order_that_is_older_than_it_may_be_is_stale_at_once():
    shop, order = Shop(), an_order()
    shop.kept.keep(KEY, order, 10_000.0)

    assert shop.kept.find(KEY) == Found(order, "stale", due=True)
