import random
import threading
import time
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import ClientGone, Overloaded
from service.messages import Brief, Query, Ranked, never_gone
from service.stages.admission import Gate, admission
from tests.doubles import Crowd, FakeClock, a_ranking, until

ALICE, BOB = "192.0.2.1", "192.0.2.2"


class Place:
    """A gate with a clock that stands still, some of its slots taken by the test, and a crowd before it."""

    def __init__(self, slots=1, room=10, wait_seconds=2.0, held=None):
        self.clock = FakeClock()
        self.gate = Gate(slots, room, wait_seconds, self.clock)
        self.crowd = Crowd()
        self.order = []
        self.holders = []
        for _ in range(slots if held is None else held):
            self.take()

    def take(self):
        holder = ExitStack()
        holder.enter_context(self.gate.slot("holder", never_gone))
        self.holders.append(holder)

    def enter(self, name, client=None, gone=never_gone, work=lambda: None):
        """Have one more thread ask for a slot; return when it waits."""
        before = self.gate.depth + self.gate.behind

        def ask():
            with self.gate.slot(name if client is None else client, gone):
                self.order.append(name)
                work()

        self.crowd.start(ask)
        until(lambda: self.gate.depth + self.gate.behind == before + 1)

    def leave(self):
        self.holders.pop().close()

    def leave_all(self):
        while self.holders:
            self.leave()
        return self.crowd.join()

    def refusal(self, client="newcomer"):
        with pytest.raises(Overloaded) as refusal:
            self.gate.slot(client, never_gone).__enter__()
        return refusal.value

    def is_whole(self):
        """Whether all slots are free, and no more than all."""
        with ExitStack() as stack:
            for _ in range(self.gate.slots):
                stack.enter_context(self.gate.slot("", never_gone))
            assert self.gate.busy == self.gate.slots
        return (self.gate.busy, self.gate.depth) == (0, 0)


def test_a_free_slot_is_given_at_once():
    place = Place(slots=2, held=0)

    with place.gate.slot(ALICE, never_gone) as first, place.gate.slot(ALICE, never_gone) as second:
        assert (first, second) == (0.0, 0.0)
        assert place.gate.busy == 2
    assert place.gate.busy == 0


def test_who_waits_is_served_first_come_first_served():
    place = Place(slots=1)
    for name in "abcdefgh":
        place.enter(name)

    place.leave_all()

    assert place.order == list("abcdefgh")
    assert place.is_whole()


def test_a_slot_is_handed_over_without_ever_being_free():
    """A semaphore would let whoever asks at that moment barge in."""
    place, done = Place(slots=1), threading.Event()
    place.enter("a", work=lambda: done.wait(5))

    place.leave()
    assert (place.gate.busy, place.gate.depth) == (1, 0)
    place.enter("b")

    done.set()
    place.crowd.join()
    assert place.order == ["a", "b"]


def test_the_wait_is_told_in_seconds():
    place, waits = Place(slots=1), []
    stage = admission(place.gate, waits.append)
    place.crowd.start(stage, Query(Brief("cars"), client=ALICE), lambda query: Ranked(a_ranking()))
    until(lambda: place.gate.depth == 1)

    place.clock.advance(1.5)
    (ranked,) = place.leave_all()

    assert ranked.queue_wait == 1.5
    assert waits == [1.5]


@pytest.mark.parametrize("failure", [Overloaded("no"), ValueError("bug"), SystemExit()])
def test_a_failure_frees_the_slot(failure):
    place = Place(held=0)

    def fail(query):
        assert place.gate.busy == 1
        raise failure

    with pytest.raises(type(failure)):
        admission(place.gate, lambda seconds: None)(Query(Brief("cars")), fail)
    assert place.is_whole()


def test_the_room_is_bounded_and_whoever_finds_it_full_is_refused_at_once():
    place = Place(slots=1, room=3)
    for name in "abc":
        place.enter(name)

    assert place.refusal().retry_after >= 1

    place.leave_all()
    assert place.order == ["a", "b", "c"]
    assert place.is_whole()


def test_without_a_room_nobody_waits():
    place = Place(slots=2, room=0)

    assert place.refusal().retry_after >= 1
    place.leave_all()
    assert place.is_whole()


def test_nobody_waits_longer_than_the_bound():
    place = Place(slots=1, wait_seconds=2.0)
    place.enter("a")
    place.enter("b")

    place.clock.advance(1.9)
    place.enter("c")
    place.clock.advance(0.1)
    until(lambda: place.gate.depth == 1)

    results = place.leave_all()
    assert place.order == ["c"]
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Overloaded", "Overloaded"]
    assert place.is_whole()


def test_a_wait_of_no_seconds_is_refused_at_once():
    place = Place(wait_seconds=0.0)

    assert "0 s" in place.refusal().detail
    place.leave_all()
    assert place.is_whole()


def test_one_client_holds_at_most_a_fifth_of_the_room():
    place = Place(slots=1, room=10)
    place.enter("a1", ALICE)
    place.enter("a2", ALICE)

    assert "share" in place.refusal(ALICE).detail
    place.enter("b1", BOB)

    place.leave_all()
    place.take()
    place.enter("a3", ALICE)
    place.leave_all()
    assert place.order == ["a1", "a2", "b1", "a3"]
    assert place.is_whole()


def test_a_small_room_has_a_place_for_each_client():
    place = Place(slots=1, room=3)
    place.enter("a", ALICE)

    assert "share" in place.refusal(ALICE).detail
    place.enter("b", BOB)
    place.leave_all()


def test_work_on_behalf_of_nobody_gets_a_slot_after_all_clients_however_long_it_waits():
    place = Place(slots=1, room=10)
    place.enter("warm 1", client="")
    place.enter("a", ALICE)
    place.enter("warm 2", client="")
    place.enter("b", BOB)

    assert place.leave_all() == [None] * 4
    assert place.order == ["a", "b", "warm 1", "warm 2"]
    assert place.is_whole()


def test_work_on_behalf_of_nobody_takes_no_place_and_no_share_of_the_room():
    place = Place(slots=1, room=2)
    for name in "wxyz":
        place.enter(name, client="")

    assert (place.gate.depth, place.gate.behind, place.gate.peak()) == (0, 4, 0)
    place.enter("a", ALICE)
    place.enter("b", BOB)
    assert place.gate.depth == 2
    place.leave_all()


def test_work_on_behalf_of_nobody_gives_up_when_no_slot_is_free_in_time():
    place = Place(slots=1, wait_seconds=2.0)
    place.enter("warm", client="")

    place.clock.advance(2.0)
    until(lambda: place.gate.behind == 0)

    assert {type(result) for result in place.leave_all()} == {Overloaded}
    assert place.is_whole()


def test_who_hangs_up_frees_its_place_and_is_not_served():
    place, gone = Place(slots=1, room=1), threading.Event()
    place.enter("a", gone=gone.is_set)

    gone.set()
    until(lambda: place.gate.depth == 0)
    place.enter("b")

    assert {type(result) for result in place.leave_all()} == {ClientGone, type(None)}
    assert place.order == ["b"]
    assert place.is_whole()


def test_a_look_at_the_client_that_fails_loses_no_place():
    place = Place(slots=1)
    failure = OSError("bad file descriptor")

    def gone():
        raise failure

    place.enter("a", gone=gone)
    until(lambda: place.gate.depth == 0)

    assert place.leave_all() == [failure]
    assert place.is_whole()


@pytest.mark.parametrize("outcome", [True, False, OSError("bad file descriptor")])
def test_a_slot_that_is_handed_over_while_its_waiter_looks_away_is_not_lost(outcome):
    place = Place(slots=1)

    def gone():
        place.leave()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    place.enter("a", gone=gone)

    results = place.crowd.join()
    assert results == ([outcome] if isinstance(outcome, Exception) else [None])
    assert place.is_whole()


def test_retry_after_grows_with_the_work_that_waits_and_is_bounded():
    """The mean moves by a tenth of what it is off: 3 s once make 0.3 s for each of the twenty who wait."""
    place, waited = Place(slots=1, room=20, wait_seconds=1e6), []
    for seconds in (0.01, 3.0, 3000.0):
        place.clock.advance(seconds)
        place.leave()
        place.take()
        for client in range(20):
            place.enter(f"client {client}")
        waited.append(place.refusal().retry_after)
        place.leave_all()
        place.take()

    assert waited == [1, 7, 30]


def test_the_peak_is_the_highest_depth_since_it_was_last_taken():
    place = Place(slots=1)
    for name in "abc":
        place.enter(name)

    assert place.gate.peak() == place.gate.peak() == 3
    place.leave_all()
    assert place.gate.peak() == 3
    assert [place.gate.take_peak(), place.gate.take_peak(), place.gate.peak()] == [3, 0, 0]


def test_the_peak_starts_again_from_those_who_wait_now():
    place = Place(slots=1)
    place.enter("a")
    place.enter("b")

    assert [place.gate.take_peak(), place.gate.take_peak()] == [2, 2]
    place.leave_all()


@given(slots=st.integers(1, 3), room=st.integers(0, 6), names=st.lists(st.sampled_from("ab"), max_size=10))
@settings(max_examples=25, deadline=None)
def test_whoever_comes_is_let_in_or_refused_by_the_rules_and_no_slot_is_lost(slots, room, names):
    place, waiting = Place(slots=slots, room=room), []
    for name in names:
        if len(waiting) < room and waiting.count(name) < max(1, room // 5):
            place.enter(name)
            waiting.append(name)
        else:
            place.refusal(name)

    place.leave_all()
    assert sorted(place.order) == sorted(waiting)
    assert slots > 1 or place.order == waiting
    assert place.is_whole()


def test_no_slot_is_lost_or_doubled_under_a_storm_of_clients_that_wait_hang_up_and_fail():
    gate, crowd, stop = Gate(3, 20, 0.01, time.monotonic), Crowd(), time.monotonic() + 1.0
    at_work, too_many, outcomes = [], [], {}

    def client(name):
        dice = random.Random(name)

        def gone():
            if dice.random() < 0.1:
                raise OSError
            return dice.random() < 0.3

        while time.monotonic() < stop:
            try:
                with gate.slot(f"client {name % 9}", gone):
                    at_work.append(name)
                    if len(at_work) > 3:
                        too_many.append(list(at_work))
                    threading.Event().wait(dice.random() * 0.004)
                    at_work.remove(name)
                    if dice.random() < 0.2:
                        raise ValueError
                outcome = "served"
            except (Overloaded, ClientGone, OSError, ValueError) as error:
                outcome = type(error).__name__
                threading.Event().wait(0.001)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1

    for name in range(30):
        crowd.start(client, name)

    assert crowd.join() == [None] * 30
    assert not too_many
    assert {"served", "Overloaded", "ClientGone", "OSError", "ValueError"} <= outcomes.keys()
    assert (gate.busy, gate.depth) == (0, 0)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(gate.slot("", never_gone))
        with pytest.raises(Overloaded):
            gate.slot("", never_gone).__enter__()


def test_a_look_tells_what_a_newcomer_would_meet_and_enters_nothing():
    place = Place(slots=2, room=2, held=1)
    place.gate.look(ALICE, coming=0)
    place.gate.look(ALICE, coming=2)
    with pytest.raises(Overloaded) as refusal:
        place.gate.look(ALICE, coming=3)
    assert refusal.value.retry_after == 1
    assert (place.gate.busy, place.gate.depth) == (1, 0)

    place.leave_all()
    assert place.is_whole()


def test_a_look_refuses_a_client_that_holds_its_share_and_nobody_else():
    place = Place(slots=1, room=5)
    place.enter("first", client=ALICE)

    with pytest.raises(Overloaded):
        place.gate.look(ALICE, coming=0)
    place.gate.look(BOB, coming=0)
    place.leave_all()
