"""Keeping a brief warm: the local order, the AI's within a budget, and the page."""

from dataclasses import replace

import pytest

from service.errors import Overloaded
from service.messages import Brief, Query, Ranked
from service.warming.budget import Budget
from service.warming.warmer import Walk, Warmer
from tests.doubles import FakeClock, a_ranking

CARS, FOOD, TRAVEL = (Query(Brief(spec)) for spec in ("cars", "food", "travel"))


class Stage:
    """A stage that remembers what it was asked to warm; ``expiring`` are the specs that need it."""

    def __init__(self, name, log, expiring=("cars", "food", "travel")):
        self.name, self.log, self.expiring = name, log, expiring
        self.horizons = []
        self.answer = None
        self.found = "miss"

    def expires_within(self, brief, seconds):
        self.horizons.append(seconds)
        return brief.spec in self.expiring

    def warm(self, query, proceed):
        self.log.append(f"{self.name} {query.brief.spec}")
        ranked = proceed(query)
        return Ranked(self.answer(ranked.ranking), self.found) if self.answer else ranked


class Place:
    """A warmer over doubles. ``says`` is what the AI says: ``ai``, or a fallback reason."""

    def __init__(self, ai=True, calls=100, says="ai"):
        self.log, self.pages, self.says, self.ready = [], [], says, True
        self.cache, self.ai = Stage("cache", self.log), Stage("ai", self.log)
        self.ai.answer = self.answered
        self.budget = Budget(calls, FakeClock(), lambda: None, lambda text: None)
        walk = Walk(self.ai if ai else None, lambda: self.ready, self.cache, self.compute, self.again, self.page)
        self.warmer = Warmer(walk, self.budget, 340.0)
        self.rows = (1, 2, 3)

    def compute(self, query):
        self.log.append(f"compute {query.brief.spec}")
        return Ranked(a_ranking(query.brief, rows=self.rows))

    def again(self, query):
        return Ranked(a_ranking(query.brief, rows=self.rows), "hit")

    def answered(self, ranking):
        if self.says == "ai":
            return replace(ranking, method="ai")
        return replace(ranking, fallback_reason=self.says)

    def page(self, ranking, query):
        self.pages.append((ranking.method, query.brief.spec))

    def warm(self, *queries):
        self.log.clear()
        self.warmer.begin()
        for query in queries:
            self.warmer.warm(query)
        return self.log


def test_without_an_ai_the_local_order_is_computed_anew():
    place = Place(ai=False)

    assert place.warm(CARS) == ["cache cars", "compute cars"]
    assert place.cache.horizons == [340.0]


def test_what_outlasts_the_next_warm_up_is_left_alone():
    place = Place(ai=False)
    place.cache.expiring = ("food",)

    assert place.warm(CARS, FOOD) == ["cache food", "compute food"]


def test_with_an_ai_its_order_is_made_too_and_the_first_page_of_it():
    place = Place()

    assert place.warm(CARS) == ["cache cars", "compute cars", "ai cars"]
    assert place.pages == [("ai", "cars")]
    assert place.budget.left() == 99


def test_an_order_of_the_ai_that_lasts_needs_nothing_at_all():
    place = Place()
    place.ai.expiring = ()

    assert place.warm(CARS) == []


def test_an_ai_that_is_still_loading_is_not_asked():
    place = Place()
    place.ready = False

    assert place.warm(CARS) == ["cache cars", "compute cars"]
    assert place.budget.left() == 100


def test_a_spent_budget_warms_the_local_order():
    place = Place(calls=1)

    assert place.warm(CARS, FOOD) == ["cache cars", "compute cars", "ai cars", "cache food", "compute food"]


@pytest.mark.parametrize(("reason", "spent"), [("timeout", 1), ("error", 1), ("quota", 1), ("not_ready", 0)])
def test_an_ai_that_cannot_be_reached_is_not_asked_again_in_this_run_but_in_the_next(reason, spent):
    place = Place(says=reason)

    assert [entry for entry in place.warm(CARS, FOOD, TRAVEL) if entry.startswith("ai")] == ["ai cars"]
    assert (place.budget.left(), place.pages) == (100 - spent, [])
    assert "compute travel" in place.log
    assert "ai cars" in place.warm(CARS)


@pytest.mark.parametrize(("reason", "spent"), [("bad_answer", 2), ("overloaded", 0)])
def test_what_is_wrong_with_one_brief_says_nothing_about_the_next(reason, spent):
    place = Place(says=reason)

    assert [entry for entry in place.warm(CARS, FOOD) if entry.startswith("ai")] == ["ai cars", "ai food"]
    assert place.budget.left() == 100 - spent


def test_a_brief_that_nothing_matches_costs_no_call():
    place = Place()
    place.rows = ()
    place.ai.answer = None

    place.warm(CARS)
    assert (place.budget.left(), place.pages) == (100, [])


def test_a_refusal_of_the_gate_is_passed_on():
    place = Place(ai=False)

    def refuse(query):
        raise Overloaded("No room.")

    place.compute = refuse
    place.warmer = Warmer(Walk(None, bool, place.cache, refuse, refuse, place.page), place.budget, 340.0)
    with pytest.raises(Overloaded):
        place.warm(CARS)


def test_an_order_that_another_instance_had_made_costs_nothing_and_its_page_is_made():
    place = Place(calls=5)
    place.ai.found = "hit"

    place.warm(CARS, FOOD)

    assert place.budget.left() == 5
    assert place.pages == [("ai", "cars"), ("ai", "food")]
