"""The platform's word: authenticated by its signature, good for five minutes, and counted once."""

import json

import pytest

from service.activation.signing import TOLERANCE_SECONDS, is_genuine, signature, signed
from service.activation.targets import Targets
from service.activation.words import BODY_BYTES, read
from service.errors import BadSignature, InvalidInput, Unavailable
from tests.activation.parts import OTHER_PLATFORM, Platform, an_order

SECRET = b"0123456789abcdef"


class OtherPlatform(Platform):
    secret = b"the other platform's"


@pytest.fixture
def parts(make):
    return make(targets=Targets(platforms={"the-trade-desk": Platform(), "dv360": OtherPlatform()}))


@pytest.fixture
def one(parts):
    (one,) = parts.activations.order(an_order())
    parts.errands.run()
    return one


def test_the_signature_is_an_hmac_of_time_and_body():
    # printf '1800000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
    expected = "d3e17924cac4a72ca2ee9e5700df170fdb5733eaf69ecd909fb0c18a962b03a5"

    assert signature(SECRET, "1800000000", b'{"a":1}') == f"sha256={expected}"


@pytest.mark.parametrize("late", [-TOLERANCE_SECONDS, 0, TOLERANCE_SECONDS])
def test_a_callback_within_five_minutes_counts(parts, one, late):
    assert parts.told(one, at=parts.clock.now - late)
    assert parts.now(one).state == "live"


@pytest.mark.parametrize("late", [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1])
def test_an_older_or_a_newer_one_does_not(parts, one, late):
    with pytest.raises(BadSignature):
        parts.told(one, at=parts.clock.now - late)
    assert parts.now(one).state == "activating"


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "-1", "１８００００００００", "9" * 13])
def test_a_time_that_is_none_is_not_genuine(timestamp):
    assert not is_genuine(SECRET, timestamp, "sha256=" + "0" * 64, b"", 1_800_000_000.0)


@pytest.mark.parametrize("offered", ["", "sha256=", "sha256=" + "0" * 64, "ü", "\udc80"])
def test_another_signature_is_not_genuine(offered):
    headers = signed(SECRET, 1_800_000_000.0, b"body")

    assert is_genuine(SECRET, "1800000000", headers["X-ADCP-Signature"], b"body", 1_800_000_000.0)
    assert not is_genuine(SECRET, "1800000000", offered, b"body", 1_800_000_000.0)
    assert not is_genuine(SECRET, "1800000000", headers["X-ADCP-Signature"], b"bodY", 1_800_000_000.0)
    assert not is_genuine(SECRET, "1800000001", headers["X-ADCP-Signature"], b"body", 1_800_000_000.0)


def test_an_unknown_activation_and_a_wrong_signature_are_refused_with_the_same_words(parts, one):
    told = []
    for activation, secret in ((one, SECRET), (one, OtherPlatform.secret)):
        with pytest.raises(BadSignature) as refusal:
            parts.told(activation, secret=secret)
        told.append(refusal.value.detail)
    with pytest.raises(BadSignature) as refusal:
        parts.callbacks.tell("act_unknown", str(int(parts.clock.now)), "sha256=" + "0" * 64, b"{}")

    assert {*told, refusal.value.detail} == {told[0]}


def test_no_platform_speaks_for_another(parts, one):
    (other,) = parts.activations.order(an_order("suv", OTHER_PLATFORM))
    parts.errands.run()

    with pytest.raises(BadSignature):
        parts.told(other, secret=Platform.secret)
    with pytest.raises(BadSignature):
        parts.told(one, secret=OtherPlatform.secret)


def test_the_sandbox_takes_no_callbacks(make):
    parts = make()
    (one,) = parts.activations.order(an_order())

    for secret in (
        Platform.secret,
        b"checked all the same, so that an unknown activation takes as long as a known one",
    ):
        with pytest.raises(BadSignature):
            parts.told(one, secret=secret)


def test_a_callback_that_comes_again_changes_nothing(parts, one):
    assert parts.told(one)
    before = parts.now(one)
    parts.clock.advance(10)

    assert not parts.told(one)
    assert not parts.told(one, "failed")
    assert parts.now(one) == before


def test_a_recorded_callback_changes_nothing_after_the_next_order(parts, one):
    recorded = one.standing.delivery
    parts.told(one)
    parts.activations.order(an_order(action="deactivate"))
    parts.errands.run()
    parts.told(one, "deactivated")
    parts.activations.order(an_order())
    parts.errands.run()

    assert not parts.told(one, delivery=recorded)
    assert parts.now(one).state == "activating"


def test_a_platform_may_say_that_it_failed_and_why(parts, one):
    assert parts.told(one, "failed", reason="no such seat")
    assert (parts.now(one).state, parts.now(one).reason) == ("failed", "no such seat")


def test_a_platform_that_is_still_busy_changes_nothing(parts, one):
    assert not parts.told(one, "activating")
    assert parts.now(one).state == "activating"


def test_a_word_that_does_not_fit_the_order_is_refused(parts, one):
    with pytest.raises(InvalidInput) as refusal:
        parts.told(one, "deactivated")
    assert refusal.value.field == "state"


def test_a_word_that_cannot_be_written_is_to_be_sent_again(parts, one):
    delivery = one.standing.delivery
    parts.state.close()

    with pytest.raises(Unavailable):
        parts.told(one, delivery=delivery)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "body"),
        ({"state": "live"}, "delivery_id"),
        ({"delivery_id": 1, "state": "live"}, "delivery_id"),
        ({"delivery_id": "d", "state": "alive"}, "state"),
        ({"delivery_id": "d", "state": ["live"]}, "state"),
        ({"delivery_id": "d"}, "state"),
        ({"delivery_id": "d", "state": "failed", "reason": "a\x00b"}, "reason"),
        ({"delivery_id": "d", "state": "failed", "reason": "x" * 301}, "reason"),
        ({"delivery_id": "d", "state": "live", "activation_key": "seg-1"}, "activation_key"),
        ({"delivery_id": "d", "state": "live", "activation_key": {"type": []}}, "activation_key"),
        ({"delivery_id": "d", "state": "live", "activation_key": {"type": "segment_id"}}, "activation_key.segment_id"),
        (
            {"delivery_id": "d", "state": "live", "activation_key": {"type": "key_value", "key": "k", "value": "\n"}},
            "activation_key.value",
        ),
    ],
)
def test_what_is_wrong_in_a_word_is_named(document, field):
    with pytest.raises(InvalidInput) as refusal:
        read(json.dumps(document).encode())
    assert refusal.value.field == field


def test_members_that_are_not_known_are_left_alone():
    assert read(b'{"delivery_id":"d","state":"live","more":{"x":1}}')[0] == "d"
    assert BODY_BYTES == 16 * 1024
