import threading
from array import array
from dataclasses import replace

import pytest

from service.ai.kept_proposals import Proposals
from service.ai.verdict import Place, Verdict
from service.errors import ClientGone, Overloaded, Unavailable
from service.messages import Brief, Proposal, Query, Ranked, Signal
from service.paging import Pager
from service.stages.rerank import Bounds, Rerank
from tests.ai.test_kept_proposals import FakeShelf
from tests.doubles import Crowd, FakeClock, a_ranking, until

CARS = Query(Brief("cars"), client="192.0.2.1")
BACKWARDS = Verdict((Place(2, 0.9, "best"), Place(1, 0.5, "")), frozenset({0}))


class Desk:
    """The stage with everything around it: a clock, a catalogue, a local ranker that counts, an AI that is steered.

    ``answer`` is what the AI says at once; with None its calls stay in the air until ``land``.
    """

    def __init__(self, answer=BACKWARDS, kept=None, **bounds):
        usual = {"wait_seconds": 8.0, "call_seconds": 40.0, "ttl_seconds": 600.0, "stale_seconds": 3600.0}
        usual |= {"entries": 100, "bytes": 1_000_000, "followers": 50}
        self.clock, self.version, self.ending = FakeClock(), "v1", False
        self.answer, self.calls, self.air = answer, [], []
        self.ranked, self.failure, self.rows = [], None, (10, 11, 12)
        self.renewals, self.refuses = [], False
        self.age = None
        self.stage = Rerank(
            Bounds(**(usual | bounds)),
            self,
            "fake/model",
            self.best,
            Proposals(kept),
            lambda: self.version,
            self.later,
            lambda: self.ending,
            self.clock,
        )

    def begin(self, brief, candidates, landed, *, spare=0):
        self.calls.append((brief, [signal.id for signal in candidates()], spare))
        if self.answer is None:
            self.air.append(landed)
            return True
        if self.age is not None:
            landed(self.answer, self.age)
            return False
        landed(self.answer)
        return isinstance(self.answer, Verdict)

    def land(self, answer=BACKWARDS):
        self.air.pop(0)(answer)

    def best(self, ranking, count):
        return [Signal(f"signal-{row}", "name") for row in ranking.rows[:count]]

    def later(self, job):
        if not self.refuses:
            self.renewals.append(job)
        return not self.refuses

    def local(self, query):
        self.ranked.append(query)
        if self.failure is not None:
            raise self.failure
        rows = array("q", self.rows)
        relevance = array("d", [1.0 - 0.1 * place for place in range(len(rows))])
        ranking = a_ranking(
            query.brief, catalogue_version=self.version, rows=rows, relevance=relevance, total=len(rows)
        )
        return Ranked(ranking, "miss", 0.25)

    def ask(self, query=CARS):
        return self.stage(query, self.local)

    def said(self, query=CARS):
        ranked = self.ask(query)
        return ranked.ranking.method, ranked.ranking.fallback_reason, ranked.cache

    def left(self, count):
        """A crowd whose first asks the AI, and ``count`` more who wait for the same call."""
        crowd = Crowd()
        crowd.start(self.ask)
        until(lambda: self.air)
        for _ in range(count):
            crowd.start(self.ask)
        until(lambda: self.stage.followers == count)
        return crowd


def test_the_ai_orders_the_local_candidates_and_drops_what_it_names_irrelevant():
    desk = Desk()

    ranking = desk.ask().ranking

    assert desk.calls == [(CARS.brief, ["signal-10", "signal-11", "signal-12"], 0)]
    assert list(ranking.rows) == [12, 11]
    assert (ranking.method, ranking.fallback_reason, ranking.total) == ("ai", None, 2)
    assert dict(ranking.reasons) == {12: "best"}


def test_an_order_of_the_ai_is_asked_for_once_then_fresh_then_stale_then_gone():
    desk = Desk(ttl_seconds=600.0, stale_seconds=3600.0)
    desk.refuses = True
    desk.ask()
    made = desk.clock.now

    states = []
    for age in (599.9, 600.0, 4199.9, 4200.0):
        desk.clock.now = made + age
        states.append(desk.said())

    assert states == [("ai", None, "hit"), ("ai", None, "stale"), ("ai", None, "stale"), ("ai", None, "miss")]
    assert len(desk.calls) == 2


def test_equal_questions_at_once_make_one_call():
    desk = Desk(answer=None)
    crowd = desk.left(49)

    desk.land()

    assert {ranked.ranking.method for ranked in crowd.join()} == {"ai"}
    assert len(desk.calls) == 1
    assert desk.stage.followers == 0


def test_one_follower_too_many_is_answered_locally_at_once():
    desk = Desk(answer=None, followers=2)
    crowd = desk.left(2)

    assert desk.said() == ("text", "overloaded", "miss")

    desk.land()
    crowd.join()


@pytest.mark.parametrize(
    ("reason", "seconds"),
    [("not_ready", 1), ("overloaded", 1), ("breaker_open", 5), ("error", 15), ("bad_answer", 15), ("quota", 15)],
)
def test_a_failure_is_answered_locally_and_not_tried_again_for_a_while(reason, seconds):
    desk = Desk(answer=reason)

    assert desk.said() == ("text", reason, "miss")
    desk.clock.advance(seconds - 0.01)
    assert desk.said() == ("text", reason, "hit")
    assert len(desk.calls) == 1

    desk.clock.advance(0.01)
    desk.answer = BACKWARDS
    assert desk.said() == ("ai", None, "miss")


def test_who_waits_too_long_gets_the_local_order_and_the_call_still_fills_the_store():
    desk = Desk(answer=None, wait_seconds=8.0)
    crowd = Crowd()
    crowd.start(desk.said)
    until(lambda: desk.air)
    desk.clock.advance(8.0)
    assert crowd.join() == [("text", "timeout", "miss")]

    assert desk.said() == ("text", "timeout", "hit")
    desk.land()
    assert desk.said() == ("ai", None, "hit")
    assert len(desk.calls) == 1


def test_a_call_that_was_late_once_keeps_nobody_waiting_any_more():
    desk = Desk(answer=None, wait_seconds=8.0)
    crowd = Crowd()
    crowd.start(desk.said)
    until(lambda: desk.air)
    desk.clock.advance(8.0)
    crowd.join()

    desk.clock.advance(15.0)
    assert desk.said() == ("text", "timeout", "miss"), "at once: the clock stands still"
    assert desk.said() == ("text", "timeout", "hit")

    assert len(desk.calls) == 1
    desk.land()
    assert desk.said() == ("ai", None, "hit")


def test_a_stale_order_is_served_while_it_is_renewed_once():
    desk = Desk(ttl_seconds=600.0)
    desk.ask()
    desk.clock.advance(600.0)

    assert desk.said() == ("ai", None, "stale")
    assert desk.said() == ("ai", None, "stale")
    assert len(desk.renewals) == 1

    desk.renewals.pop()()
    assert desk.said() == ("ai", None, "hit")
    assert len(desk.calls) == 2


def test_a_stale_order_stays_when_its_renewal_fails_and_is_tried_again_later():
    desk = Desk(ttl_seconds=600.0)
    desk.ask()
    desk.clock.advance(600.0)
    desk.answer = "error"
    desk.ask()
    desk.renewals.pop()()

    assert desk.said() == ("ai", None, "stale")
    assert desk.renewals == []
    desk.clock.advance(15.0)
    desk.ask()
    assert len(desk.renewals) == 1


@pytest.mark.parametrize("how", ["no thread takes it", "the local ranking is refused"])
def test_a_renewal_that_cannot_be_is_tried_by_the_next_request(how):
    desk = Desk(ttl_seconds=600.0)
    desk.ask()
    desk.clock.advance(600.0)
    desk.refuses = how == "no thread takes it"
    desk.ask()
    desk.failure = Overloaded("full", retry_after=1)
    for job in desk.renewals:
        job()
    desk.failure, desk.refuses = None, False
    desk.renewals.clear()

    assert desk.said() == ("ai", None, "stale")
    assert len(desk.renewals) == 1


def test_nothing_found_is_not_asked_of_the_ai():
    desk = Desk()
    desk.rows = ()

    assert desk.said() == ("text", None, "miss")
    assert desk.calls == []


def test_a_refusal_of_the_local_walk_passes_through():
    desk = Desk()
    desk.failure = Overloaded("full", retry_after=1)

    with pytest.raises(Overloaded):
        desk.ask()
    assert desk.calls == []


def test_a_client_that_hung_up_is_not_waited_for_and_its_call_goes_on():
    desk = Desk(answer=None)
    gone = threading.Event()
    crowd = Crowd()
    crowd.start(desk.ask, replace(CARS, gone=gone.is_set))
    until(lambda: desk.air)
    gone.set()
    (result,) = crowd.join()
    assert isinstance(result, ClientGone)

    desk.land()
    assert desk.said() == ("ai", None, "hit")


def test_a_service_that_ends_answers_locally_at_once():
    desk = Desk(answer=None)
    crowd = desk.left(1)
    desk.ending = True

    assert {ranked.ranking.fallback_reason for ranked in crowd.join()} == {"timeout"}
    desk.land()


def test_an_order_of_a_catalogue_that_was_replaced_is_not_kept():
    desk = Desk(answer=None)
    crowd = Crowd()
    crowd.start(desk.ask)
    until(lambda: desk.air)
    desk.version = "v2"
    desk.land()
    crowd.join()

    assert desk.stage.entries == 0
    desk.answer = BACKWARDS
    assert desk.said() == ("ai", None, "miss")
    assert desk.stage.entries == 1


def test_a_new_catalogue_empties_the_store():
    desk = Desk()
    desk.ask()
    desk.ask(Query(Brief("boats")))
    assert desk.stage.entries == 2

    desk.version = "v2"
    desk.ask()

    assert desk.stage.entries == 1


def test_a_warm_up_renews_and_leaves_a_call_to_the_clients():
    desk = Desk()
    desk.ask()

    ranked = desk.stage.warm(CARS, desk.local)

    assert ranked.ranking.method == "ai"
    assert [spare for _, _, spare in desk.calls] == [0, 1]


def test_a_warm_up_that_is_refused_keeps_what_is_there():
    desk = Desk()
    desk.ask()
    desk.answer = "overloaded"

    assert desk.stage.warm(CARS, desk.local).ranking.fallback_reason == "overloaded"
    assert desk.said() == ("ai", None, "hit")


def test_a_warm_up_waits_as_long_as_a_call_may_take_and_then_goes_on():
    desk = Desk(answer=None, wait_seconds=8.0, call_seconds=40.0)
    crowd = Crowd()
    crowd.start(desk.stage.warm, CARS, desk.local)
    until(lambda: desk.air)

    desk.clock.advance(39.0)
    assert crowd.results == []
    desk.clock.advance(1.0)
    assert [ranked.ranking.fallback_reason for ranked in crowd.join()] == ["timeout"]


def test_a_warm_up_ends_with_the_service():
    desk = Desk(answer=None)
    crowd = Crowd()
    crowd.start(desk.stage.warm, CARS, desk.local)
    until(lambda: desk.air)

    desk.ending = True
    assert [ranked.ranking.method for ranked in crowd.join()] == ["text"]


def test_proposals_are_kept_before_the_order_that_they_came_with_is_answered():
    idea = Proposal("proposal-1", "Roof box owners", "Families who travel by car.", "They need space.")
    shelf = FakeShelf()

    with_idea = Desk(replace(BACKWARDS, proposals=(idea,)), shelf).ask().ranking
    assert shelf.kept == {"cars": [idea]}
    assert Desk().ask().ranking.fingerprint != with_idea.fingerprint, "a page made before has no proposals"


def test_only_what_expires_soon_needs_a_warm_up():
    desk = Desk(ttl_seconds=600.0)
    assert desk.stage.expires_within(CARS.brief, 300.0)
    desk.ask()
    assert not desk.stage.expires_within(CARS.brief, 300.0)
    desk.clock.advance(300.0)
    assert desk.stage.expires_within(CARS.brief, 300.0)

    failing = Desk(answer="error")
    failing.ask()
    assert failing.stage.expires_within(CARS.brief, 1.0)


def test_the_store_is_bounded():
    desk = Desk(entries=2)
    for spec in ("cars", "boats", "trains"):
        desk.ask(Query(Brief(spec)))

    assert desk.stage.entries == desk.stage.capacity == 2


def test_what_came_in_while_the_local_order_was_made_is_not_asked_for_again():
    desk = Desk()

    def slow(query):
        desk.ask(query)  # another thread's whole question
        return desk.local(query)

    assert desk.stage(CARS, slow).ranking.method == "ai"
    assert len(desk.calls) == 1


def test_a_ranking_goes_under_the_version_that_was_ranked_not_the_one_looked_for():
    desk = Desk()

    def slow(query):
        desk.version = "v2"
        return desk.local(query)

    desk.stage(CARS, slow)
    assert desk.said() == ("ai", None, "hit")
    desk.version = "v1"
    assert desk.ask().ranking.catalogue_version == "v1"


def test_a_catalogue_replaced_while_the_ai_ranks_is_answered_locally_at_once_and_not_waited_for_again():
    desk = Desk(answer=None)
    crowd = desk.left(1)

    desk.version = "v2"

    rankings = [ranked.ranking for ranked in crowd.join()]
    assert {(ranking.catalogue_version, ranking.fallback_reason) for ranking in rankings} == {("v2", "timeout")}
    assert len(desk.calls) == 1
    desk.land()


def test_a_call_that_lands_after_the_service_ended_harms_nobody():
    desk = Desk(answer=None)
    crowd = desk.left(0)
    desk.ending = True
    crowd.join()

    def closed():
        raise Unavailable("No catalogue can be served at the moment.", retry_after=2)

    desk.stage._kept._version = closed
    desk.land()

    assert desk.stage.entries == 0


def test_an_answer_that_cannot_be_put_in_order_wakes_all_who_wait():
    desk = Desk(answer=None)
    crowd = desk.left(1)

    with pytest.raises(IndexError):
        desk.land(Verdict((Place(99, 0.9, ""),), frozenset()))

    assert {ranked.ranking.fallback_reason for ranked in crowd.join()} == {"timeout"}
    desk.answer = BACKWARDS
    assert desk.said() == ("ai", None, "miss")


def test_a_warm_up_without_a_place_to_spare_keeps_no_client_from_the_ai():
    desk = Desk(answer="overloaded")
    desk.stage.warm(CARS, desk.local)
    desk.answer = BACKWARDS

    assert desk.said() == ("ai", None, "miss")


def test_fallbacks_push_no_order_of_the_ai_out_of_the_store():
    desk = Desk(entries=3)
    desk.ask()
    desk.answer = "error"
    for number in range(50):
        desk.ask(Query(Brief(f"cars {number}")))

    assert desk.said() == ("ai", None, "hit")


PAGER = Pager(b"k" * 32)


def next_page(ranking):
    return replace(CARS, cursor=PAGER.cursor(ranking, 1, "signal-10"))


def test_pages_go_on_in_the_local_order_that_they_began_with_though_the_ai_has_answered():
    desk = Desk(answer=None, wait_seconds=0.0)
    first = desk.ask().ranking
    desk.land()
    assert desk.said() == ("ai", None, "hit")

    assert desk.ask(next_page(first)).ranking.fingerprint == first.fingerprint


def test_pages_go_on_in_the_order_of_the_ai_that_a_renewal_has_replaced():
    desk = Desk(ttl_seconds=600.0)
    first = desk.ask().ranking
    desk.clock.advance(600.0)
    desk.ask()
    desk.answer = Verdict((Place(1, 0.9, "another"),), frozenset())
    desk.renewals.pop()()
    assert desk.ask().ranking.fingerprint != first.fingerprint

    assert desk.ask(next_page(first)).ranking is first


def test_pages_begun_without_an_ai_go_on_without_it():
    desk = Desk()
    first = desk.local(CARS).ranking

    assert desk.ask(next_page(first)).ranking.method == "text"
    assert desk.calls == []


def test_a_cursor_of_an_order_that_is_forgotten_goes_on_in_the_newest():
    desk = Desk()
    forgotten = a_ranking(CARS.brief, fingerprint="long gone")

    assert desk.ask(next_page(forgotten)).ranking.method == "ai"


def test_an_order_of_the_ai_is_at_hand_unless_it_is_due_for_renewal_or_a_page_goes_on():
    desk = Desk(ttl_seconds=600.0, stale_seconds=3600.0)
    assert desk.stage.at_hand(CARS) is None

    desk.ask()
    kept = desk.stage.at_hand(CARS)
    assert (kept.ranking.method, kept.cache) == ("ai", "hit")
    assert desk.stage.at_hand(replace(CARS, cursor="abc")) is None

    desk.clock.advance(700)
    assert desk.stage.at_hand(CARS) is None
    assert desk.renewals == []


def test_an_order_of_another_instance_is_answered_and_kept_for_what_is_left_of_it():
    desk = Desk(ttl_seconds=600.0)
    desk.age = 590.0

    assert desk.said()[:2] == ("ai", None)
    desk.clock.advance(9.0)
    assert desk.said() == ("ai", None, "hit")
    desk.clock.advance(1.0)
    assert desk.said() == ("ai", None, "stale")


def test_a_warm_up_tells_an_order_of_another_instance_from_one_that_was_asked_for():
    desk = Desk()
    assert desk.stage.warm(CARS, desk.local).cache == "miss"

    desk.age = 5.0
    ranked = desk.stage.warm(CARS, desk.local)
    assert (ranked.ranking.method, ranked.cache) == ("ai", "hit")
