"""The breaker as a law: when it opens, what it lets through, and how it comes back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.ai.breaker import Breaker


def an_open_breaker(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(now)
    return breaker


def test_a_new_breaker_lets_everything_through():
    breaker = Breaker()

    assert all(breaker.allow(0.0) for _ in range(100))
    assert breaker.state(0.0) == "closed"
    assert breaker.opens_again_at is None


def test_it_opens_after_five_failures_in_a_row():
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(0.0)
    assert breaker.state(0.0) == "closed"

    breaker.failed(0.0)

    assert breaker.state(0.0) == "open"
    assert not breaker.allow(14.9)
    assert breaker.opens_again_at == 15.0


def test_a_success_between_begins_the_row_anew():
    breaker = Breaker(calls=1000)
    for _ in range(50):
        for _ in range(4):
            breaker.failed(0.0)
        breaker.succeeded(0.0)

    assert breaker.state(0.0) == "closed"


def test_it_opens_when_half_of_ten_calls_in_the_window_fail():
    breaker = Breaker()
    for _ in range(4):
        breaker.succeeded(0.0)
        breaker.failed(0.0)
    assert breaker.state(0.0) == "closed"

    breaker.succeeded(0.0)
    breaker.failed(0.0)

    assert breaker.state(0.0) == "open"


def test_what_left_the_window_does_not_count():
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(0.0)
        breaker.succeeded(0.0)
    for _ in range(3):
        breaker.succeeded(60.0)

    breaker.failed(60.0)

    assert breaker.state(60.0) == "closed"


def test_half_open_lets_exactly_one_probe_through_until_its_result():
    breaker = an_open_breaker()

    assert breaker.state(15.0) == "half_open"
    assert [breaker.allow(15.0) for _ in range(5)] == [True, False, False, False, False]
    assert not breaker.allow(10_000.0)
    assert breaker.state(10_000.0) == "half_open"


def test_a_good_probe_closes_and_forgets():
    breaker = an_open_breaker()
    breaker.allow(15.0)

    breaker.succeeded(16.0)
    for _ in range(4):
        breaker.failed(16.0)

    assert breaker.state(16.0) == "closed"
    assert breaker.opens_again_at is None


def test_each_bad_probe_doubles_the_time_up_to_the_longest():
    breaker, waits, now = an_open_breaker(), [], 0.0
    for _ in range(7):
        reopens = breaker.opens_again_at
        assert reopens is not None
        waits.append(reopens - now)
        now = reopens
        assert breaker.allow(now)
        breaker.failed(now)

    assert waits == [15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0]


def test_after_a_recovery_it_opens_for_the_first_time_again():
    breaker = an_open_breaker()
    breaker.allow(15.0)
    breaker.failed(15.0)
    breaker.allow(45.0)
    breaker.succeeded(45.0)

    for _ in range(5):
        breaker.failed(100.0)

    assert breaker.opens_again_at == 115.0


def test_an_abandoned_probe_leaves_its_place_to_the_next():
    breaker = an_open_breaker()
    assert breaker.allow(15.0)

    breaker.abandoned(15.0)

    assert breaker.state(15.0) == "half_open"
    assert breaker.allow(15.0)
    assert not breaker.allow(15.0)


def test_abandoning_a_call_while_closed_is_no_result():
    breaker = Breaker()
    for _ in range(20):
        breaker.abandoned(0.0)

    assert breaker.state(0.0) == "closed"


def test_failures_of_calls_begun_before_it_opened_do_not_prolong_it():
    breaker = an_open_breaker()

    for moment in (5.0, 14.0, 20.0):
        breaker.failed(moment)

    assert breaker.opens_again_at == 15.0
    assert breaker.allow(20.0)


def test_a_call_begun_before_it_opened_says_nothing_of_the_probe():
    breaker = Breaker(failures=1)
    before = breaker.era
    breaker.failed(0.0, before)
    assert breaker.allow(15.0)

    breaker.failed(16.0, before)
    breaker.abandoned(16.0, before)

    assert not breaker.allow(16.0), "the probe is still out"
    breaker.failed(17.0, breaker.era)
    assert breaker.opens_again_at == 47.0


def test_who_asks_to_be_left_alone_is_for_so_long_and_no_longer_than_the_longest():
    breaker = Breaker()
    breaker.rest(0.0, 20.0)
    assert not breaker.allow(19.9)
    assert breaker.allow(20.0)

    breaker.rest(20.0, 86_400.0)
    assert breaker.opens_again_at == 320.0
    breaker.allow(320.0)
    breaker.failed(320.0)
    assert breaker.opens_again_at == 350.0, "a rest doubles nothing"


def test_a_late_success_closes_it_at_once():
    breaker = an_open_breaker()

    breaker.succeeded(3.0)

    assert breaker.allow(3.0)


def test_the_first_time_is_no_longer_than_the_longest():
    breaker = Breaker(failures=1, open_seconds=100.0, longest_open_seconds=20.0)

    breaker.failed(0.0)

    assert breaker.opens_again_at == 20.0


def test_memory_is_bounded_however_many_calls_there_are():
    breaker = Breaker()
    for _ in range(5000):
        breaker.succeeded(0.0)

    assert len(breaker._results) == 1000


STEPS = st.lists(st.tuples(st.sampled_from(("ask", "good", "bad", "abandon")), st.floats(0.0, 40.0)), max_size=80)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_happens_at_most_one_probe_is_out_and_the_waits_stay_in_bounds(steps):
    breaker, now, probes = Breaker(failures=2, open_seconds=10.0, longest_open_seconds=80.0), 0.0, 0
    for step, seconds in steps:
        now += seconds
        before = breaker.state(now)
        if step == "ask":
            allowed = breaker.allow(now)
            assert allowed == (before == "closed" or (before == "half_open" and probes == 0))
            probes += allowed and before == "half_open"
        elif step == "good":
            breaker.succeeded(now)
            probes = 0
            assert breaker.state(now) == "closed"
        else:
            (breaker.failed if step == "bad" else breaker.abandoned)(now)
            probes = 0
        assert probes <= 1
        reopens = breaker.opens_again_at
        assert (reopens is None) == (breaker.state(now) == "closed")
        assert reopens is None or reopens <= now + 80.0


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_it_never_stays_shut_for_ever(steps):
    breaker, now = Breaker(), 0.0
    for step, seconds in steps:
        now += seconds
        if step == "ask":
            breaker.allow(now)
        elif step == "good":
            breaker.succeeded(now)
        else:
            breaker.failed(now)
    breaker.abandoned(now)  # whatever probe was out has come back

    assert breaker.allow(now + 300.0)
    breaker.succeeded(now + 300.0)
    assert breaker.state(now + 300.0) == "closed"
