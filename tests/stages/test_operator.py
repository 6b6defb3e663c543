import pytest

from service.blocks import Blocks
from service.errors import RateLimited, Unauthorized
from service.messages import Response
from service.stages.operator import WRONG_TOKENS_WITHOUT_BLOCKING, gatekeeper, is_local, operator
from tests.doubles import FakeClock, a_request

TOKEN = "correct-horse-battery"
HERE = {"HTTP_HOST": "localhost:8000"}


class Charges(Blocks):
    """Remembers only what was charged."""

    def __init__(self):
        self.charged = []

    def charge(self, client, points, reason):
        self.charged.append((client, points, reason))


class Door:
    """The stage over a token that may change."""

    def __init__(self, token=TOKEN):
        self.token, self.clock, self.blocks = token, FakeClock(), Charges()
        self.stage = operator(gatekeeper(lambda: self.token, self.blocks, self.clock))

    def ask(self, authorization=None, **overrides):
        environ = {} if authorization is None else {"HTTP_AUTHORIZATION": authorization}
        return self.stage(a_request(environ=environ, **overrides), lambda request: Response(200)).status

    def refusal(self, authorization=None, **overrides):
        with pytest.raises((Unauthorized, RateLimited)) as refusal:
            self.ask(authorization, **overrides)
        return refusal.value


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN} "])
def test_the_right_token_opens(authorization):
    assert Door().ask(authorization) == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer   ", TOKEN, f"Basic {TOKEN}", f"Bearer{TOKEN}"]
)
def test_without_a_bearer_token_the_answer_is_401_and_nobody_is_charged(authorization):
    door = Door()

    refusal = door.refusal(authorization)

    assert refusal.status == 401
    assert not refusal.wrong_token
    assert ("WWW-Authenticate", 'Bearer realm="operator"') in refusal.headers
    assert door.blocks.charged == []


@pytest.mark.parametrize(
    "wrong", [TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ÿþ", "é" * 500, f"{TOKEN} {TOKEN}", "\ud800"]
)
def test_a_wrong_token_is_401_and_charged_as_abuse(wrong):
    door = Door()

    refusal = door.refusal(f"Bearer {wrong}", client="192.0.2.9")

    assert refusal.status == 401
    assert refusal.wrong_token
    assert door.blocks.charged == [("192.0.2.9", 10.0, "wrong operator token")]
    assert TOKEN not in refusal.detail


def test_after_five_wrong_tokens_a_minute_a_wrong_one_gets_429_and_the_right_one_still_works():
    door = Door()
    statuses = [door.refusal("Bearer wrong-token").status for _ in range(7)]

    assert statuses == [401] * 5 + [429] * 2
    assert door.ask(f"Bearer {TOKEN}") == 200
    assert len(door.blocks.charged) == 7


def test_more_wrong_tokens_may_be_allowed_where_blocking_is_off():
    door = Door()
    door.stage = operator(gatekeeper(lambda: TOKEN, door.blocks, door.clock, WRONG_TOKENS_WITHOUT_BLOCKING))

    statuses = [door.refusal("Bearer wrong-token").status for _ in range(WRONG_TOKENS_WITHOUT_BLOCKING + 1)]

    assert statuses == [401] * WRONG_TOKENS_WITHOUT_BLOCKING + [429]


def test_the_429_of_a_wrong_token_says_exactly_when_the_next_may_be_tried():
    door = Door()
    for _ in range(5):
        door.refusal("Bearer wrong-token")
        door.clock.advance(1)
    refusal = door.refusal("Bearer wrong-token")

    door.clock.advance(refusal.retry_after - 1)
    assert door.refusal("Bearer wrong-token").status == 429
    door.clock.advance(1)
    assert door.refusal("Bearer wrong-token").status == 401


def test_one_client_does_not_use_up_the_tries_of_another():
    door = Door()
    for _ in range(6):
        door.refusal("Bearer wrong-token", client="192.0.2.66")

    assert door.refusal("Bearer wrong-token", client="192.0.2.1").status == 401


def test_a_token_that_was_changed_is_in_force_at_once():
    door = Door()
    door.token = "another-token"

    assert door.refusal(f"Bearer {TOKEN}").status == 401
    assert door.ask("Bearer another-token") == 200


def test_an_empty_token_in_force_lets_nobody_in():
    door = Door(token="")

    assert {door.refusal(said).status for said in (None, "Bearer", "Bearer ", "Bearer  ", "Bearer x")} == {401}


def test_a_local_caller_needs_the_token_too_when_one_is_set():
    with pytest.raises(Unauthorized):
        Door().stage(a_request(peer="127.0.0.1", environ=HERE), pytest.fail)


def test_without_a_token_a_local_caller_passes_and_a_remote_one_gets_401():
    door = Door(token=None)

    assert door.stage(a_request(peer="127.0.0.1", environ=HERE), lambda request: Response(200)).status == 200
    assert door.refusal(f"Bearer {TOKEN}").status == 401
    assert door.blocks.charged == []


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"]
)
def test_loopback_by_its_usual_names_is_local(peer, host):
    assert is_local(a_request(peer=peer, environ={"HTTP_HOST": host}))


@pytest.mark.parametrize("peer", ["192.0.2.1", "10.0.0.1", "::2", "", "localhost", "127.0.0.1.evil.example"])
def test_another_machine_is_not_local(peer):
    assert not is_local(a_request(peer=peer, client="127.0.0.1", environ=HERE))


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:80",
        "127.0.0.2",
        "0.0.0.0",
        "localhost:",
        "localhost:x",
        "localhost:123456",
        "user@localhost",
        "localhost@evil.example",
        "::1",
        "localhost\n",
    ],
)
def test_a_name_that_somebody_may_have_rebound_is_not_local(host):
    assert not is_local(a_request(peer="127.0.0.1", environ={"HTTP_HOST": host}))


def test_a_missing_host_is_not_local():
    assert not is_local(a_request(peer="127.0.0.1", environ={}))


@pytest.mark.parametrize(
    "header",
    [
        "FORWARDED",
        "X_FORWARDED_FOR",
        "X_FORWARDED_HOST",
        "X_FORWARDED_PROTO",
        "X_FORWARDED_ANYTHING",
        "X_REAL_IP",
        "VIA",
    ],
)
@pytest.mark.parametrize("value", ["127.0.0.1", ""])
def test_each_header_of_a_proxy_refuses_even_when_it_is_empty(header, value):
    assert not is_local(a_request(peer="127.0.0.1", environ=HERE | {"HTTP_" + header: value}))


@pytest.mark.parametrize(
    ("origin", "local"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("https://[::1]:8000", True),
        ("null", False),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://localhost:80@evil.example", False),
        ("http://[", False),
        ("http://[::1", False),
        ("chrome-extension://localhost", False),
        ("localhost", False),
        ("http://localhost, https://evil.example", False),
    ],
)
def test_a_page_of_a_foreign_origin_is_not_local(origin, local):
    assert is_local(a_request(peer="127.0.0.1", environ=HERE | {"HTTP_ORIGIN": origin})) is local


@pytest.mark.parametrize(
    ("site", "local"),
    [
        ("same-origin", True),
        ("none", True),
        ("cross-site", False),
        ("Cross-Site", False),
        ("same-site", False),
        ("x", False),
    ],
)
def test_a_page_of_another_site_is_not_local(site, local):
    assert is_local(a_request(peer="127.0.0.1", environ=HERE | {"HTTP_SEC_FETCH_SITE": site})) is local
