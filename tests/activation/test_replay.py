"""Idempotency: the same key answers the same once and for all of a day, and is nobody else's."""

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.activation.canonical import payload_hash
from service.activation.replay import INSERTS_A_MINUTE, REMEMBERED_SECONDS, REPLAY_SECONDS, Scope
from service.errors import (
    IdempotencyConflict,
    IdempotencyExpired,
    IdempotencyInFlight,
    InvalidInput,
    RateLimited,
    Unavailable,
)
from tests.activation.parts import ALICE
from tests.doubles import Crowd

KEY = "key-0123456789abcdef"
SCOPE = Scope(ALICE.id, "")
ONE, OTHER = b"1" * 32, b"2" * 32


class Counted:
    """What is done once: answers with the number of the call."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return b"answer %d" % self.calls


def never():
    raise AssertionError("it was done again")


def test_the_same_request_is_answered_from_what_was_stored_also_after_a_restart(make):
    parts, do = make(), Counted()
    assert parts.replay.once(SCOPE, KEY, ONE, do) == (b"answer 1", False)
    parts.again()

    assert parts.replay.once(SCOPE, KEY, ONE, never) == (b"answer 1", True)


def test_another_request_under_the_same_key_is_a_conflict_that_tells_nothing(make):
    parts = make()
    parts.replay.once(SCOPE, KEY, ONE, lambda: b"secret")

    with pytest.raises(IdempotencyConflict) as refusal:
        parts.replay.once(SCOPE, KEY, OTHER, never)
    assert "secret" not in refusal.value.detail


@pytest.mark.parametrize("scope", [Scope("p-bob", ""), Scope(ALICE.id, "acc-1")])
def test_a_key_belongs_to_its_principal_and_account(make, scope):
    parts, do = make(), Counted()
    parts.replay.once(SCOPE, KEY, ONE, do)

    assert parts.replay.once(scope, KEY, OTHER, do) == (b"answer 2", False)


def test_refusals_leave_no_trace(make):
    parts, do = make(), Counted()

    def refuse():
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        parts.replay.once(SCOPE, KEY, ONE, refuse)
    assert parts.replay.once(SCOPE, KEY, OTHER, do) == (b"answer 1", False)


def test_a_key_is_replayed_for_a_day_and_then_known_to_be_used(make):
    parts = make()
    parts.replay.once(SCOPE, KEY, ONE, Counted())

    parts.clock.advance(REPLAY_SECONDS - 1)
    assert parts.replay.once(SCOPE, KEY, ONE, never).replayed
    parts.clock.advance(1)
    for payload in (ONE, OTHER):
        with pytest.raises(IdempotencyExpired):
            parts.replay.once(SCOPE, KEY, payload, never)


def test_cleaning_forgets_old_bodies_but_not_that_the_key_was_used(make):
    parts = make()
    parts.replay.once(SCOPE, KEY, ONE, Counted())
    assert parts.replay.clean() == 0

    parts.clock.advance(REPLAY_SECONDS)
    assert (parts.replay.clean(), parts.replay.clean()) == (1, 0)
    with pytest.raises(IdempotencyExpired):
        parts.replay.once(SCOPE, KEY, ONE, never)
    parts.clock.advance(REMEMBERED_SECONDS - REPLAY_SECONDS)
    assert parts.replay.clean() == 1
    assert not parts.replay.once(SCOPE, KEY, ONE, Counted()).replayed


def test_while_a_request_is_answered_the_same_key_is_told_to_come_again(make):
    parts, crowd = make(), Crowd()
    inside, leave = threading.Event(), threading.Event()

    def slow():
        inside.set()
        leave.wait(10)
        return b"done"

    crowd.start(parts.replay.once, SCOPE, KEY, ONE, slow)
    assert inside.wait(10)
    with pytest.raises(IdempotencyInFlight) as refusal:
        parts.replay.once(SCOPE, KEY, ONE, never)
    leave.set()

    assert crowd.join() == [(b"done", False)]
    assert refusal.value.retry_after == 1
    assert parts.replay.once(SCOPE, KEY, ONE, never) == (b"done", True)


def test_of_many_at_once_one_is_done(make):
    parts, crowd, do = make(), Crowd(), Counted()
    for _ in range(20):
        crowd.start(parts.replay.once, SCOPE, KEY, ONE, do)
    results = crowd.join()

    assert do.calls == 1
    answered = [result for result in results if not isinstance(result, IdempotencyInFlight)]
    assert {result.body for result in answered} == {b"answer 1"}
    assert [result.replayed for result in answered].count(False) == 1


def test_too_many_new_keys_are_refused_and_known_ones_are_not(make):
    parts = make()
    for number in range(INSERTS_A_MINUTE):
        parts.replay.once(SCOPE, f"{KEY}{number}", ONE, Counted())

    with pytest.raises(RateLimited) as refusal:
        parts.replay.once(SCOPE, KEY, ONE, never)
    assert refusal.value.retry_after == 60
    assert parts.replay.once(SCOPE, f"{KEY}0", ONE, never).replayed
    parts.clock.advance(60)
    assert not parts.replay.once(SCOPE, KEY, ONE, Counted()).replayed


def test_what_cannot_be_written_is_not_done(make):
    parts = make()
    parts.state.close()

    with pytest.raises(Unavailable):
        parts.replay.once(SCOPE, KEY, ONE, never)


@pytest.mark.parametrize(
    "added",
    [
        {"idempotency_key": KEY},
        {"context": {"trace": 1}},
        {"governance_context": "g"},
    ],
)
def test_the_hash_leaves_out_what_says_nothing_of_the_wish(added):
    assert payload_hash({"a": 1}) == payload_hash({"a": 1} | added)


def test_of_a_push_notification_only_the_credentials_do_not_count():
    def hashed(url, credentials):
        config = {"url": url, "authentication": {"schemes": ["Bearer"], "credentials": credentials}}
        return payload_hash({"push_notification_config": config})

    assert hashed("https://a.example", "one") == hashed("https://a.example", "two")
    assert hashed("https://a.example", "one") != hashed("https://b.example", "one")


@pytest.mark.parametrize("value", [2**53, float("inf"), "\ud800"])
def test_what_json_cannot_keep_exactly_is_refused(value):
    with pytest.raises(InvalidInput):
        payload_hash({"a": value})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcde", max_size=3), inner, max_size=4),
    max_leaves=12,
)
PAYLOADS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), JSON, max_size=6)


@given(PAYLOADS, st.randoms())
def test_the_order_of_members_does_not_count(payload, random):
    names = [*payload]
    random.shuffle(names)

    assert payload_hash({name: payload[name] for name in names}) == payload_hash(payload)


@given(PAYLOADS, PAYLOADS)
def test_different_payloads_have_different_hashes(one, other):
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (payload_hash(one) == payload_hash(other)) == same
