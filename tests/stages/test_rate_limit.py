import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import InvalidInput, RateLimited, Refused
from service.messages import Response
from service.sliding_window import SlidingWindow
from service.stages.rate_limit import limited, rate_limit
from tests.doubles import FakeClock, a_request


class Door:
    """The stage over a window of ``limit`` requests in ``seconds``; monotonic and Unix time run together."""

    def __init__(self, limit=2, seconds=60, now=1000.0):
        self.clock = FakeClock(now)
        self.stage = rate_limit(SlidingWindow(limit, seconds, self.clock), limit, seconds, self.unix)

    def unix(self):
        return 1.7e9 + self.clock.now

    def ask(self, client="192.0.2.1", proceed=lambda request: Response(200)):
        return self.stage(a_request(client=client), proceed)

    def refusal(self, client="192.0.2.1"):
        with pytest.raises(RateLimited) as refusal:
            self.ask(client)
        return refusal.value


def test_every_answer_tells_the_policy_and_what_is_left():
    door = Door()

    first, second = dict(door.ask().headers), dict(door.ask().headers)

    assert first["RateLimit-Policy"] == '"default";q=2;w=60'
    assert first["RateLimit"] == '"default";r=1;t=60'
    assert first["X-RateLimit-Limit"] == "2"
    assert (first["X-RateLimit-Remaining"], second["X-RateLimit-Remaining"]) == ("1", "0")
    assert first["X-RateLimit-Reset"] == "1700001060"


def test_a_429_carries_the_headers_and_a_retry_after():
    door = Door(limit=1)
    door.ask()

    headers = dict(door.refusal().headers)

    assert headers["Retry-After"] == "60"
    assert headers["RateLimit"] == '"default";r=0;t=60'
    assert headers["X-RateLimit-Remaining"] == "0"
    assert headers["X-RateLimit-Reset"] == "1700001060"
    assert headers["RateLimit-Policy"] == '"default";q=1;w=60'


def test_a_later_refusal_carries_the_headers_too():
    def refuse(request):
        raise InvalidInput("bad", field="spec")

    with pytest.raises(InvalidInput) as refusal:
        Door().ask(proceed=refuse)

    assert [name for name, _ in refusal.value.headers] == [
        "RateLimit-Policy",
        "RateLimit",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    ]


def test_each_client_has_its_own_window():
    door = Door(limit=1)

    assert door.ask("192.0.2.1").status == door.ask("192.0.2.2").status == 200
    assert door.refusal("192.0.2.1").retry_after == door.refusal("192.0.2.2").retry_after == 60


def test_a_refused_request_goes_no_further():
    door = Door(limit=1)
    door.ask()

    with pytest.raises(Refused):
        door.ask(proceed=pytest.fail)


# In eighths of a second, which a float holds exactly.
gaps = st.lists(st.integers(0, 200).map(lambda eighths: eighths / 8), min_size=5, max_size=25)


@given(gaps=gaps, limit=st.integers(1, 4), seconds=st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_waiting_as_long_as_retry_after_says_succeeds_and_a_second_less_does_not(gaps, limit, seconds):
    door = Door(limit, seconds)
    for gap in gaps:
        door.clock.advance(gap)
        try:
            door.ask()
        except RateLimited as refusal:
            assert 1 <= refusal.retry_after <= seconds
            door.clock.advance(refusal.retry_after - 1)
            if refusal.retry_after > 1:
                door.refusal()
            door.clock.advance(1)
            assert door.ask().status == 200


@given(fraction=st.integers(0, 999), gap=st.integers(0, 59_999))
@settings(max_examples=60, deadline=None)
def test_whoever_returns_at_the_reset_time_is_admitted(fraction, gap):
    door = Door(limit=1, now=1000 + fraction / 1000)
    door.ask()
    door.clock.advance(gap / 1000)
    reset = int(dict(door.refusal().headers)["X-RateLimit-Reset"])

    assert reset - 1 <= math.ceil(door.unix()) + 60
    door.clock.now = reset - 1.7e9
    assert door.ask().status == 200


def test_the_headers_follow_the_grammar_of_structured_fields():
    headers = dict(Door(limit=100).ask().headers)

    assert re.fullmatch(r'"default";q=[0-9]+;w=[0-9]+', headers["RateLimit-Policy"])
    assert re.fullmatch(r'"default";r=[0-9]+;t=[0-9]+', headers["RateLimit"])


def test_of_two_limits_both_tell_their_policies_and_the_inner_one_the_other_headers():
    clock = FakeClock()
    outer = rate_limit(SlidingWindow(9, 60, clock), 9, 60, clock)
    inner = limited(SlidingWindow(1, 60, clock), 1, 60, clock, name="key")

    def ask():
        return outer(a_request(), lambda request: inner("key/1", request, lambda request: Response(200)))

    headers = ask().headers
    assert [value for name, value in headers if name == "RateLimit"] == ['"key";r=0;t=60', '"default";r=8;t=60']
    assert [value for name, value in headers if name == "X-RateLimit-Limit"] == ["1"]

    with pytest.raises(RateLimited) as refusal:
        ask()
    told = [(name, value) for name, value in refusal.value.headers if name.startswith(("X-", "Retry"))]
    assert told[:2] == [("Retry-After", "60"), ("X-RateLimit-Limit", "1")]
    assert len(told) == 4
