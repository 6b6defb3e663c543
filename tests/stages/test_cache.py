import threading
import tracemalloc
from array import array
from collections import OrderedDict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ClientGone, Overloaded
from service.messages import Brief, Query, Ranked
from service.stages.cache import Bounds, Cache, weight
from tests.doubles import Crowd, FakeClock, a_ranking, until

CARS = Query(Brief("cars"), client="192.0.2.1")
MIB = 1024 * 1024


class Shop:
    """A cache with everything around it: a clock, a catalogue version, renewals that wait, and a ranker that counts."""

    def __init__(self, **bounds):
        usual = {"ttl_seconds": 600, "stale_seconds": 3600, "entries": 100, "bytes": MIB, "followers": 50}
        self.clock = FakeClock()
        self.version = "v1"
        self.renewals, self.refuses = [], False
        self.asked = []
        self.overrides = {}
        self.failure = None
        self.cache = Cache(
            Bounds(**(usual | {"follow_seconds": 8} | bounds)), lambda: self.version, self.later, self.clock
        )

    def later(self, job):
        if isinstance(self.refuses, Exception):
            raise self.refuses
        if not self.refuses:
            self.renewals.append(job)
        return not self.refuses

    def rank(self, query):
        self.asked.append(query)
        if self.failure is not None:
            raise self.failure
        ranking = a_ranking(query.brief, **({"catalogue_version": self.version} | self.overrides))
        return Ranked(ranking, queue_wait=0.25)

    def ask(self, query=CARS, proceed=None):
        return self.cache(query, proceed or self.rank)

    def states(self, *queries):
        return [self.ask(query).cache for query in queries]

    def renew(self):
        while self.renewals:
            self.renewals.pop(0)()


class Slow:
    """A ranker that holds its flight until it is told to ``land``; then it ranks, or fails."""

    def __init__(self, shop, failure=None):
        self.began, self.land = threading.Event(), threading.Event()
        self._shop, self._failure = shop, failure

    def __call__(self, query):
        self.began.set()
        assert self.land.wait(10)
        if self._failure is not None:
            raise self._failure
        return self._shop.rank(query)


def followed(shop, count, failure=None, query=CARS):
    """Return a crowd of one leader that holds its flight and ``count`` others that follow, and the leader's ranker."""
    crowd, slow = Crowd(), Slow(shop, failure)
    crowd.start(shop.ask, query, slow)
    assert slow.began.wait(5)
    for number in range(count):
        crowd.start(shop.ask, replace(query, client=f"198.51.100.{number}"))
    until(lambda: shop.cache.followers == count)
    return crowd, slow


def test_a_brief_is_ranked_once_whoever_asks_and_however_many_results():
    shop = Shop()
    other = Query(Brief("cars"), max_results=50, cursor="abc", context_id="ctx", client="192.0.2.2")

    assert shop.states(CARS, other, Query(Brief("boats"))) == ["miss", "hit", "miss"]
    assert shop.ask(other).ranking is shop.ask(CARS).ranking
    assert len(shop.asked) == 2


def test_an_answer_is_fresh_then_stale_then_gone():
    shop = Shop(ttl_seconds=600, stale_seconds=3600)
    shop.refuses = True
    shop.ask()
    made = shop.clock.now

    states = []
    for age in (599.9, 600, 4199.9, 4200):
        shop.clock.now = made + age
        states += shop.states(CARS)

    assert states == ["hit", "stale", "stale", "miss"]


def test_nothing_is_kept_when_the_times_are_zero():
    shop = Shop(ttl_seconds=0, stale_seconds=0)

    assert shop.states(CARS, CARS) == ["miss", "miss"]


def test_an_entry_of_another_catalogue_version_is_a_miss_never_stale():
    shop = Shop()
    shop.ask()
    shop.version = "v2"

    answer = shop.ask()

    assert (answer.cache, answer.ranking.catalogue_version) == ("miss", "v2")
    assert shop.cache.entries == 1
    assert not shop.renewals


def test_an_answer_made_of_a_newer_catalogue_than_was_asked_of_is_kept_for_that():
    shop = Shop()

    def rank(query):
        shop.version = "v2"
        return shop.rank(query)

    shop.ask(CARS, rank)

    assert shop.states(CARS) == ["hit"]


def test_a_late_answer_of_the_old_catalogue_does_not_throw_the_new_ones_away():
    shop = Shop()

    def rank(query):
        shop.version = "v2"
        shop.ask(Query(Brief("boats")))
        shop.overrides = {"catalogue_version": "v1"}
        return shop.rank(query)

    assert shop.ask(CARS, rank).ranking.catalogue_version == "v1"
    assert shop.states(Query(Brief("boats"))) == ["hit"]
    assert shop.cache.entries == 1


def test_twenty_who_ask_the_same_at_once_cause_one_computation():
    shop = Shop()
    crowd, slow = followed(shop, 19)
    slow.land.set()

    answers = crowd.join()

    assert len(shop.asked) == 1
    assert {answer.cache for answer in answers} == {"miss"}
    assert len({id(answer.ranking) for answer in answers}) == 1
    assert shop.cache.followers == 0


def test_whoever_looked_just_before_a_flight_landed_does_not_fly_again():
    """The look into the store and the look for a flight are two: between them a flight may have landed."""
    for _ in range(30):
        shop, crowd, start = Shop(), Crowd(), threading.Barrier(8)
        for _ in range(8):
            crowd.start(lambda shop=shop, start=start: start.wait(5) >= 0 and shop.ask())
        crowd.join()
        assert len(shop.asked) == 1


def test_a_flight_that_landed_between_the_two_looks_is_a_hit():
    shop, overtakers = Shop(), []

    def now():
        if overtakers:
            overtakers.pop()()
        return 1000.0

    # Between its two looks a leader asks for the time: there it is overtaken.
    cache = Cache(Bounds(600, 0, 10, MIB, 5, 8), lambda: "v1", shop.later, now)
    overtakers.append(lambda: cache(CARS, shop.rank))

    assert cache(CARS, shop.rank).cache == "hit"
    assert len(shop.asked) == 1


def test_different_briefs_fly_side_by_side():
    shop = Shop()
    crowd, slow = followed(shop, 1)

    assert shop.states(Query(Brief("boats"))) == ["miss"]

    slow.land.set()
    assert len(crowd.join()) == 2


def test_followers_are_bounded_in_number():
    shop = Shop(followers=3)
    crowd, slow = followed(shop, 3)

    with pytest.raises(Overloaded) as refusal:
        shop.ask()

    assert refusal.value.retry_after >= 1
    slow.land.set()
    assert [answer.cache for answer in crowd.join()] == ["miss"] * 4


def test_one_client_is_at_most_half_of_the_followers_and_the_others_find_a_place():
    shop = Shop(followers=4)
    crowd, slow = followed(shop, 0)
    for _ in range(2):
        crowd.start(shop.ask)
    until(lambda: shop.cache.followers == 2)

    with pytest.raises(Overloaded, match="share"):
        shop.ask()

    crowd.start(shop.ask, replace(CARS, client="192.0.2.2"))
    until(lambda: shop.cache.followers == 3)
    slow.land.set()
    assert [answer.cache for answer in crowd.join()] == ["miss"] * 4

    # Its places are its own again, and its name is kept nowhere.
    crowd, slow = followed(shop, 2, query=replace(CARS, brief=Brief("boats")))
    slow.land.set()
    assert len(crowd.join()) == 3
    assert not shop.cache._following


def test_followers_are_bounded_in_time():
    shop = Shop(follow_seconds=8)
    crowd, slow = followed(shop, 3)
    shop.clock.advance(8)
    until(lambda: shop.cache.followers == 0)
    slow.land.set()

    results = crowd.join()

    assert sorted(type(result).__name__ for result in results) == ["Overloaded"] * 3 + ["Ranked"]
    assert all(result.retry_after >= 1 for result in results if isinstance(result, Overloaded))


def test_a_second_flight_gives_no_follower_more_time():
    shop = Shop(follow_seconds=8)
    crowd, first = followed(shop, 0, ValueError("bug"))
    second = Slow(shop)
    for _ in range(2):
        crowd.start(shop.ask, CARS, second)
    until(lambda: shop.cache.followers == 2)
    shop.clock.advance(6)
    first.land.set()
    assert second.began.wait(5)
    until(lambda: shop.cache.followers == 1)

    shop.clock.advance(2)
    until(lambda: shop.cache.followers == 0)
    second.land.set()

    assert sorted(type(result).__name__ for result in crowd.join()) == ["Overloaded", "Ranked", "ValueError"]


def test_a_follower_whose_client_hangs_up_frees_its_place():
    shop, gone = Shop(), threading.Event()
    crowd, slow = followed(shop, 0)
    crowd.start(shop.ask, Query(CARS.brief, gone=gone.is_set))
    until(lambda: shop.cache.followers == 1)

    gone.set()
    until(lambda: shop.cache.followers == 0)
    slow.land.set()

    assert {type(result) for result in crowd.join()} == {ClientGone, Ranked}


def test_a_stale_answer_is_given_even_when_all_follower_places_are_taken():
    shop = Shop(followers=0)
    shop.ask()
    shop.clock.advance(700)

    assert shop.states(CARS, CARS) == ["stale", "stale"]


@pytest.mark.parametrize(
    "failure", [ClientGone("gone"), Overloaded("full", retry_after=1), ValueError("bug"), SystemExit()]
)
def test_a_leader_that_fails_hands_the_lead_on(failure):
    shop = Shop()
    crowd, slow = followed(shop, 5, failure)
    slow.land.set()

    results = crowd.join()

    assert [result for result in results if result is failure] == [failure]
    assert sum(isinstance(result, Ranked) for result in results) == 5
    assert len(shop.asked) == 1


def test_whoever_followed_two_flights_that_failed_is_refused_and_nothing_is_left_of_either():
    shop, looks = Shop(), []
    query = Query(CARS.brief, gone=lambda: looks.append(1))
    crowd, first = followed(shop, 0, ValueError("first"))
    second = Slow(shop, ValueError("second"))
    for _ in range(2):
        crowd.start(shop.ask, query, second)
    until(lambda: shop.cache.followers == 2)
    first.land.set()
    assert second.began.wait(5)
    # The first look from now on may still be at the first flight.
    looked = len(looks)
    until(lambda: len(looks) >= looked + 2)
    second.land.set()

    assert sorted(map(str, crowd.join())) == ["This answer could not be computed in time.", "first", "second"]
    assert shop.cache.followers == 0
    assert shop.states(CARS, CARS) == ["miss", "hit"]


def test_a_failure_is_not_kept():
    shop = Shop()
    shop.failure = Overloaded("full", retry_after=1)
    with pytest.raises(Overloaded):
        shop.ask()
    shop.failure = None

    assert shop.states(CARS) == ["miss"]


def test_a_stale_answer_is_renewed_in_the_background_and_only_once():
    shop = Shop()
    shop.ask()
    shop.clock.advance(700)

    assert shop.states(CARS, CARS, CARS) == ["stale"] * 3
    assert len(shop.asked) == len(shop.renewals) == 1

    shop.renew()
    assert shop.states(CARS) == ["hit"]
    assert len(shop.asked) == 2


def test_a_renewal_asks_on_behalf_of_nobody():
    shop = Shop()
    shop.ask()
    shop.clock.advance(700)
    shop.ask(Query(CARS.brief, client="192.0.2.1", gone=lambda: True))
    shop.renew()

    assert (shop.asked[-1].client, shop.asked[-1].gone()) == ("", False)


def test_a_renewal_that_is_refused_leaves_the_stale_answer_and_the_next_request_tries_again():
    shop = Shop()
    shop.ask()
    shop.clock.advance(700)
    shop.failure = Overloaded("full", retry_after=1)
    shop.ask()
    shop.renew()
    assert shop.states(CARS) == ["stale"]

    shop.failure = None
    shop.renew()
    assert shop.states(CARS) == ["hit"]


def test_a_renewal_that_fails_by_a_bug_is_not_hidden_and_leaves_no_flight():
    shop = Shop()
    shop.ask()
    shop.clock.advance(700)
    shop.failure = ValueError("bug")
    shop.ask()
    with pytest.raises(ValueError, match="bug"):
        shop.renew()

    shop.failure = None
    shop.clock.advance(9999)
    assert shop.states(CARS) == ["miss"]


@pytest.mark.parametrize("refusal", [True, RuntimeError("cannot schedule new futures after shutdown")])
def test_a_renewal_that_nobody_takes_leaves_no_flight(refusal):
    shop = Shop()
    shop.ask()
    shop.clock.advance(700)
    shop.refuses = refusal
    try:
        assert shop.states(CARS) == ["stale"]
    except RuntimeError as error:
        assert error is refusal

    shop.refuses = False
    assert shop.states(CARS) == ["stale"]
    assert len(shop.renewals) == 1


def test_a_renewal_that_has_not_begun_holds_nobody_up():
    """A warm-up followed the renewal that waited behind it for the same thread."""
    shop = Shop()
    shop.ask()
    shop.clock.advance(700)
    assert shop.states(CARS) == ["stale"]

    warmer = Crowd()
    warmer.start(shop.cache.warm, CARS, shop.rank)
    assert [answer.cache for answer in warmer.join(5)] == ["miss"]
    assert shop.states(CARS) == ["hit"]

    shop.renew()
    assert len(shop.asked) == 2


def test_a_renewal_under_way_is_followed():
    shop = Shop(ttl_seconds=600, stale_seconds=100)
    shop.ask()
    shop.clock.advance(650)
    crowd, slow = Crowd(), Slow(shop)
    shop.ask(CARS, slow)
    crowd.start(shop.renew)
    assert slow.began.wait(5)
    shop.clock.advance(100)
    crowd.start(shop.ask)
    until(lambda: shop.cache.followers == 1)
    slow.land.set()

    crowd.join()
    assert len(shop.asked) == 2


def test_only_what_is_not_fresh_for_long_enough_needs_a_warm_up():
    shop = Shop(ttl_seconds=600)
    assert shop.cache.expires_within(CARS.brief, 0.0)

    shop.ask()
    shop.clock.advance(200)
    assert [shop.cache.expires_within(CARS.brief, seconds) for seconds in (399.9, 400.0)] == [False, True]
    shop.version = "v2"
    assert shop.cache.expires_within(CARS.brief, 0.0)


def test_a_warm_up_computes_anew_what_is_fresh():
    shop = Shop()
    shop.ask()
    shop.clock.advance(599)

    shop.cache.warm(CARS, shop.rank)
    shop.clock.advance(599)

    assert shop.states(CARS) == ["hit"]
    assert len(shop.asked) == 2


def test_a_warm_up_follows_who_computes_the_same_already():
    shop = Shop()
    crowd, slow = followed(shop, 0)
    crowd.start(shop.cache.warm, CARS, shop.rank)
    until(lambda: shop.cache.followers == 1)
    slow.land.set()

    assert {type(result) for result in crowd.join()} == {Ranked}
    assert len(shop.asked) == 1


steps = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 4, 10, 15]), st.sampled_from(["ok", "fail", "publish"])),
    max_size=40,
)


@given(steps=steps, entries=st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_the_cache_behaves_like_its_model(steps, entries):
    """The model: the least recently asked goes first; renewals take place at once."""
    shop = Shop(ttl_seconds=20, stale_seconds=10, entries=entries)
    model = OrderedDict()
    for name, pause, what in steps:
        shop.clock.advance(pause)
        if what == "publish":
            shop.version += "+"
        shop.failure = Overloaded("full", retry_after=1) if what == "fail" else None

        made, version = model.get(name, (-1e9, ""))
        age = shop.clock.now - made if version == shop.version else 1e9
        expected = "hit" if age < 20 else "stale" if age < 30 else "miss"
        if name in model and version == shop.version:
            model.move_to_end(name)
        if expected != "hit" and what != "fail":
            model = OrderedDict((key, value) for key, value in model.items() if value[1] == shop.version)
            model.pop(name, None)
            model[name] = (shop.clock.now, shop.version)
            if len(model) > entries:
                model.popitem(last=False)

        try:
            assert shop.ask(Query(Brief(f"brief {name}"))).cache == expected
        except Overloaded:
            assert (expected, what) == ("miss", "fail")
        shop.renew()
        assert shop.cache.entries == len(model)


briefs = st.builds(
    Brief,
    st.text(min_size=1, max_size=1000),
    platforms=st.lists(st.text(alphabet="abc", min_size=100, max_size=128), max_size=50).map(tuple),
)


@given(briefs=st.lists(briefs, min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_the_bytes_of_all_entries_stay_within_their_bound(briefs):
    shop = Shop(bytes=10_000)
    kept = []
    for brief in briefs:
        shop.ask(Query(brief))
        kept.append(weight(brief, a_ranking(brief)))
        assert shop.cache.entries <= shop.cache.capacity
        assert shop.cache.entries * min(kept) <= 10_000


def test_the_weight_of_an_entry_is_about_what_it_takes_in_memory():
    def entry(number):
        words = tuple(f"{number:05}{item:0120}" for item in range(50))
        brief = Brief(f"{number:01000}", platforms=words, data_providers=tuple(word + "é" for word in words))
        reasons = {row: f"{number} because of {row:050}" for row in range(50)}
        return brief, a_ranking(
            brief, rows=array("I", range(1000)), relevance=array("f", range(1000)), reasons=reasons, near=words[:3]
        )

    cache = Shop(bytes=64 * MIB, entries=10_000)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        said = 0
        for number in range(100):
            brief, ranking = entry(number)
            said += weight(brief, ranking)
            cache.cache(Query(brief), lambda query, ranking=ranking: Ranked(ranking))
        del brief, ranking
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert 0.75 < said / taken < 1.5


def at_hand(shop, query=CARS, full=False):
    """Return what the cache has at hand, and whether it asked if there is room for new work."""
    asked = []

    def may_compute(query):
        asked.append(query)
        if full:
            raise Overloaded("full", retry_after=1)

    ranked = shop.cache.at_hand(query, may_compute)
    return ranked and ranked.cache, bool(asked)


def test_what_is_fresh_is_at_hand_and_nothing_is_computed_renewed_or_asked_for_it():
    shop = Shop()
    shop.ask()

    assert at_hand(shop, full=True) == ("hit", False)
    assert (len(shop.asked), shop.renewals) == (1, [])


def test_what_is_stale_is_at_hand_only_while_its_renewal_is_under_way():
    shop = Shop()
    shop.ask()
    shop.clock.advance(600)

    assert at_hand(shop, full=True) == (None, False), "whoever takes it begins the renewal"
    shop.ask()
    assert at_hand(shop, full=True) == ("stale", False)
    shop.renew()
    assert at_hand(shop, full=True) == ("hit", False)


def test_what_is_not_known_is_new_work_which_may_be_refused():
    shop = Shop()

    assert at_hand(shop) == (None, True)
    with pytest.raises(Overloaded):
        at_hand(shop, full=True)
    assert shop.asked == []


def test_what_is_being_computed_is_followed_and_never_refused_for_want_of_a_slot():
    shop = Shop()
    crowd, slow = followed(shop, 0)

    assert at_hand(shop, full=True) == (None, False)
    slow.land.set()
    crowd.join()


def test_an_answer_of_another_catalogue_is_not_at_hand():
    shop = Shop()
    shop.ask()
    shop.version = "v2"

    assert at_hand(shop) == (None, True)
