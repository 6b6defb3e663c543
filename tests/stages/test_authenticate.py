"""Whose key a request brings: right, wrong, none, two, and the operator's token."""

import pytest

from service.errors import InvalidInput, KeyRefused, RateLimited, Unavailable
from service.keys.verifier import Verifier
from service.messages import Response
from service.reading import Rate
from service.sliding_window import SlidingWindow
from service.stages.authenticate import Authenticator, authenticate, required
from service.stages.key_limit import KeyLimits
from service.state import State
from tests.doubles import FakeClock, a_request
from tests.stages.test_operator import Charges

OPERATOR = "correct-horse-battery"


class Door:
    """The stage over a real book of keys; ``seen`` are the requests that got through, ``counted`` the names."""

    def __init__(self, path):
        self.clock, self.blocks = FakeClock(1_700_000_000.0), Charges()
        self.state = State(path, self.clock, [].append)
        self.state.open()
        verifier = Verifier(self.state.keys, self.state.is_usable, self.clock, self.clock)
        mistakes = SlidingWindow(5, 60, self.clock)
        self.limits = KeyLimits(Rate(3, 60), lambda rate: SlidingWindow(*rate, self.clock), self.clock)
        self.seen, self.counted = [], []
        found = Authenticator(verifier, lambda: OPERATOR, self.blocks, mistakes)
        self.stage = authenticate(found.key_of, self.limits, self.counted.append)

    def ask(self, authorization=None, own=None, proceed=None, **overrides):
        environ = {"HTTP_AUTHORIZATION": authorization, "HTTP_X_ADCP_AUTH": own}
        environ = {name: value for name, value in environ.items() if value is not None}
        return self.stage(a_request(environ=environ, **overrides), proceed or self.through)

    def through(self, request):
        self.seen.append(request)
        return Response(200)

    def key(self, *arguments):
        return self.state.keys.create(*arguments)[1]


@pytest.fixture
def door(tmp_path):
    door = Door(tmp_path / "state.db")
    yield door
    door.state.close()


def test_a_key_names_the_principal_whichever_header_brings_it(door):
    text = door.key("acme")

    for headers in (
        {"authorization": f"bearer  {text}"},
        {"own": text},
        {"authorization": f"Bearer {text}", "own": text},
    ):
        answer = door.ask(**headers)
        assert answer.fields["key"] == "acme"
    assert {request.principal.name for request in door.seen} == {"acme"}
    assert door.counted == ["acme"] * 3


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz"])
def test_without_a_key_a_request_goes_on_as_anybodys(door, authorization):
    answer = door.ask(authorization)

    assert door.seen[0].principal is None
    assert "key" not in answer.fields
    assert (door.counted, door.blocks.charged) == ([], [])


def test_two_different_keys_are_refused_and_nobody_is_charged(door):
    with pytest.raises(InvalidInput) as refusal:
        door.ask(f"Bearer {door.key('acme')}", own=door.key("globex"))

    assert refusal.value.field == "X-Adcp-Auth"
    assert (door.seen, door.blocks.charged) == ([], [])


@pytest.mark.parametrize("wrong", ["secret", "sa_0123456789ab_" + "x" * 43, "x" * 5000, "ÿþ", "\ud800"])
def test_a_wrong_key_is_401_with_a_challenge_and_charged_as_abuse(door, wrong):
    with pytest.raises(KeyRefused) as refusal:
        door.ask(f"Bearer {wrong}", client="192.0.2.9")

    challenge = dict(refusal.value.headers)["WWW-Authenticate"]
    assert challenge == 'Bearer realm="signals", error="invalid_token", error_description="The API key is not valid."'
    assert door.blocks.charged == [("192.0.2.9", 10.0, "wrong API key")]
    assert door.seen == []


def test_a_key_that_has_ended_is_401_and_costs_its_holder_little(door):
    ended, revoked = door.key("acme", door.clock.now + 1), door.key("acme")
    door.state.keys.revoke(revoked.split("_")[1])
    door.clock.advance(1)

    for text, said in ((ended, "expired"), (revoked, "revoked")):
        with pytest.raises(KeyRefused, match=said):
            door.ask(own=text)
    assert [points for _, points, _ in door.blocks.charged] == [1.0, 1.0]


def test_after_five_wrong_keys_a_minute_a_further_one_is_429_and_a_right_one_works(door):
    text = door.key("acme")
    for _ in range(5):
        with pytest.raises(KeyRefused):
            door.ask(own="wrong-wrong")

    with pytest.raises(RateLimited) as refusal:
        door.ask(own="wrong-wrong")
    assert refusal.value.retry_after == 60
    assert door.ask(own=text).status == 200
    with pytest.raises(KeyRefused):
        door.ask(own="wrong-wrong", client="192.0.2.77")


def test_the_operators_token_opens_the_signals_as_nobodys_key(door):
    assert door.ask(f"Bearer {OPERATOR}").status == 200
    assert door.seen[0].principal is None
    assert door.blocks.charged == []


def test_a_key_has_a_limit_of_its_own_over_all_addresses_and_its_headers_tell(door):
    text = door.key("acme")
    for host in range(3):
        answer = door.ask(own=text, client=f"192.0.2.{host}")
    assert ("RateLimit", '"key";r=0;t=60') in answer.headers
    assert ("RateLimit-Policy", '"key";q=3;w=60') in answer.headers

    with pytest.raises(RateLimited) as refusal:
        door.ask(own=text, client="198.51.100.1")
    assert dict(refusal.value.headers)["Retry-After"] == "60"
    assert refusal.value.noted["key"] == "acme"

    door.clock.advance(refusal.value.retry_after)
    assert door.ask(own=text).status == 200


def test_a_limit_of_a_keys_own_holds_in_place_of_the_setting(door):
    few, many = door.key("acme", None, Rate(1, 60)), door.key("globex", None, Rate(10, 60))

    door.ask(own=few)
    with pytest.raises(RateLimited):
        door.ask(own=few)
    for _ in range(10):
        door.ask(own=many)
    assert [(use.name, use.used, use.limit) for use in door.limits.top(5)] == [("acme", 1, 1), ("globex", 10, 10)]


def test_whoever_is_refused_further_in_is_named_in_the_log(door):
    def refuse(request):
        raise Unavailable("No catalogue.")

    with pytest.raises(Unavailable) as refusal:
        door.ask(own=door.key("acme"), proceed=refuse)
    assert refusal.value.noted["key"] == "acme"


def test_what_needs_a_key_is_refused_without_one_and_not_as_an_error():
    with pytest.raises(KeyRefused) as refusal:
        required(a_request())
    assert dict(refusal.value.headers)["WWW-Authenticate"] == 'Bearer realm="signals"'
