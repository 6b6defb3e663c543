"""How an order is read: whatever is sent is an order or a refusal that names the field, never a fault."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.activation import asked, words
from service.activation.orders import Account, Destination
from service.errors import InvalidInput

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["platform", "agent", "live"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "platform", "agent_url", "account", "account_id", "brand", "domain", "operator"])
            | st.sampled_from(["sandbox", "delivery_id", "state", "activation_key", "segment_id", "reason"])
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)
READERS = (
    asked.action,
    asked.destinations,
    lambda value: asked.destinations(value, strict=False),
    asked.account,
    lambda value: asked.account(value, strict=False),
    asked.pricing_option_id,
    asked.idempotency_key,
)


@given(st.sampled_from(READERS), JUNK)
def test_whatever_is_sent_is_read_or_refused_by_name(read, value):
    try:
        read(value)
    except InvalidInput as refusal:
        assert refusal.field


@given(JUNK)
def test_whatever_a_platform_says_is_understood_or_refused_by_name(value):
    try:
        delivery, _ = words.read(json.dumps(value).encode())
        assert 1 <= len(delivery) <= words.ID_LENGTH
    except InvalidInput as refusal:
        assert refusal.field


@given(st.binary(max_size=200))
def test_bytes_that_are_no_word_are_refused(body):
    try:
        words.read(body)
    except InvalidInput as refusal:
        assert refusal.field


def test_a_place_that_is_named_twice_is_one():
    twice = [{"type": "platform", "platform": "DV360"}, {"type": "platform", "platform": "dv360"}]

    assert asked.destinations(twice) == (Destination("platform", "dv360"),)


def test_members_that_are_not_known_are_refused_only_where_that_is_strict():
    more = [{"type": "platform", "platform": "dv360", "note": "x"}]

    assert asked.destinations(more, strict=False) == (Destination("platform", "dv360"),)
    with pytest.raises(InvalidInput):
        asked.destinations(more)


def test_an_account_is_an_id_or_a_brand_with_its_operator():
    brand = {"brand": {"domain": "Acme.example"}, "operator": "agency.example", "sandbox": True}

    assert asked.account({"account_id": " acc-1 "}) == Account("acc-1")
    assert asked.account(brand) == Account("", "acme.example", "agency.example", True)
    assert asked.account(None) is None
