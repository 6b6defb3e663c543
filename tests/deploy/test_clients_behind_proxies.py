"""Which client the service sees behind the real HAProxy and nginx, with ``TRUSTED_PROXIES`` as the kit sets it."""

import contextlib

import pytest

from service.reading import proxies
from service.stages.identify import client_of
from tests.deploy.proxies import KINDS, NAMES, has_ipv6, needs
from tests.running import Process, wait_for

ASK = ("GET", "/api/signals?spec=cars")
ALICE, BOB = "127.0.0.2", "127.0.0.3"
ATTACK = "/api/signals?spec=%3Cscript%3Ealert(1)%3C/script%3E"


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    """Return a function (kind of proxy, settings) -> (service, proxy); each is started once for all tests."""
    with contextlib.ExitStack() as stack:
        services, fronts = {}, {}

        def house(kind, **settings):
            key = tuple(settings.items())
            if key not in services:
                services[key] = stack.enter_context(Process(tmp_path_factory.mktemp("service"), **settings))
            if (kind, key) not in fronts:
                start = KINDS[kind]
                fronts[kind, key] = stack.enter_context(start(tmp_path_factory.mktemp(kind), services[key].address))
            return services[key], fronts[kind, key]

        yield house


@pytest.fixture(params=NAMES)
def kind(request):
    """The name of one of the two proxies."""
    return request.param


def client(service, answer):
    """Return whom the service took for the client of an answer; the log is written a moment later."""
    assert answer.status == 200
    own = answer.header("X-Request-ID")
    [line] = wait_for(lambda: service.events("request", request_id=own))
    return line["client"]


@pytest.mark.parametrize("trusted", ["1", "127.0.0.1/32"])
def test_a_client_is_known_by_its_own_address_whatever_it_forges(houses, kind, trusted):
    service, proxy = houses(kind, TRUSTED_PROXIES=trusted)

    for forged in ({}, {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "127.0.0.1, 127.0.0.1"}):
        assert client(service, proxy.ask_from(ALICE, *ASK, forged)) == ALICE
    others = {"Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
    assert client(service, proxy.ask_from(BOB, *ASK, others)) == BOB


def test_forged_lines_of_x_forwarded_for_stay_in_front_of_the_true_one(houses, kind):
    service, proxy = houses(kind, TRUSTED_PROXIES="1")
    lines = b"".join(b"X-Forwarded-For: 203.0.113.%d\r\n" % number for number in range(3))
    answer = proxy.send(b"GET /api/signals?spec=cars HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n")

    assert client(service, answer) == "127.0.0.1"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_client_of_ipv6_is_known_by_its_own_address(houses, kind):
    service, proxy = houses(kind, TRUSTED_PROXIES="1")

    assert client(service, proxy.ask_from("::1", *ASK, {"X-Forwarded-For": "2001:db8::7"})) == "::1"


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("203.0.113.9:4711", "203.0.113.9"),
    ],
)
def test_behind_one_more_proxy_two_hops_are_counted(houses, kind, chain, expected):
    service, proxy = houses(kind, TRUSTED_PROXIES="2")

    assert client(service, proxy.get(ASK[1], X_Forwarded_For=chain)) == expected


@needs("haproxy")
@needs("nginx")
def test_nginx_before_haproxy_gives_the_client_of_nginx(houses, tmp_path):
    """Two real proxies: a forged address is two entries too far to the left."""
    service, haproxy = houses("haproxy", TRUSTED_PROXIES="2")

    with KINDS["nginx"](tmp_path, haproxy.address) as nginx:
        assert client(service, nginx.ask_from(ALICE, *ASK, {"X-Forwarded-For": "203.0.113.9, 127.0.0.1"})) == ALICE


def test_each_client_has_a_limit_of_its_own_and_a_forger_none_more(houses, kind):
    # The limit is written twice, so that each proxy has a service of its own.
    limit = {"haproxy": "2", "nginx": "2/60"}[kind]
    _, proxy = houses(kind, TRUSTED_PROXIES="1", RATE_LIMIT=limit)
    left = [
        proxy.ask_from(ALICE, *ASK, {"X-Forwarded-For": f"203.0.113.{number}"}).header("X-RateLimit-Remaining")
        for number in range(2)
    ]
    refused = proxy.ask_from(ALICE, *ASK, {"X-Forwarded-For": "203.0.113.7"})
    other = proxy.ask_from(BOB, *ASK)

    assert left == ["1", "0"]
    assert refused.status == 429
    assert int(refused.header("Retry-After")) > 0
    assert (other.status, other.header("X-RateLimit-Remaining")) == (200, "1")


def test_an_attacker_is_blocked_alone_and_cannot_have_another_one_blocked(houses, kind):
    _, proxy = houses(kind, TRUSTED_PROXIES="2", BLOCK_SCORE=25)
    attacker, other = {"haproxy": ("192.0.2.66", "192.0.2.20"), "nginx": ("192.0.2.67", "192.0.2.21")}[kind]
    # The proxy before this one appends the true address; the attacker wants the other one blocked.
    answers = [proxy.get(ATTACK, X_Forwarded_For=f"{other}, {attacker}").status for _ in range(4)]

    assert answers == [400, 400, 400, 403]
    assert proxy.get(ASK[1], X_Forwarded_For=attacker).status == 403
    assert proxy.get(ASK[1], X_Forwarded_For=other).status == 200


def test_with_no_token_the_operators_endpoints_do_not_take_the_proxy_for_a_local_caller(houses, kind):
    service, proxy = houses(kind, TRUSTED_PROXIES="1")

    assert service.get("/api/monitoring/stats").status == 200
    assert proxy.get("/api/monitoring/stats", Host="localhost").status == 404
    # Also where somebody publishes more than the file does.
    assert service.get("/api/monitoring/stats", X_Forwarded_For="127.0.0.1").status == 401


def test_trusting_the_whole_network_of_containers_would_believe_what_comes_through_its_gateway():
    """Why compose trusts the balancer's address alone: Docker shows some clients as the gateway of the network."""
    forged = "203.0.113.9, 172.30.0.1"

    assert client_of("172.30.0.2", forged, proxies("172.30.0.0/24")) == "203.0.113.9"
    assert client_of("172.30.0.2", forged, proxies("172.30.0.2/32")) == "172.30.0.1"
    # Nobody else in that network is believed either.
    assert client_of("172.30.0.7", "203.0.113.9", proxies("172.30.0.2/32")) == "172.30.0.7"


def test_request_ids_pass_and_unfit_ones_are_replaced(houses, kind):
    service, proxy = houses(kind, TRUSTED_PROXIES="1")
    fit = f"order-4711.{kind}"

    assert proxy.get(ASK[1], X_Request_ID=fit).header("X-Request-ID") == fit
    for unfit in ("short", "<script>alert(1)</script>", "a" * 65):
        answer = proxy.get(ASK[1], X_Request_ID=unfit)
        assert answer.header("X-Request-ID") != unfit
        assert len(answer.header("X-Request-ID")) >= 32
        assert client(service, answer) == "127.0.0.1"
