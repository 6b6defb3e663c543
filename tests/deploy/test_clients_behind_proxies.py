"""Which client the service sees behind the real HAProxy and nginx, with ``TRUSTED_PROXIES`` as the kit sets it."""

import pytest

from service.reading import proxies
from service.stages.identify import client_of
from tests.deploy.proxies import BOTH, has_ipv6
from tests.running import Process, wait_for

ASK = ("GET", "/api/signals?spec=cars")
ALICE, BOB = "127.0.0.2", "127.0.0.3"
ATTACK = "/api/signals?spec=%3Cscript%3Ealert(1)%3C/script%3E"


@pytest.fixture(params=BOTH)
def start(request):
    """Start one of the two proxies."""
    return request.param


def clients(service, searches):
    """Return the clients of so many searches, in the order of the log, which is written a moment later."""

    def found():
        return [line["client"] for line in service.events("request", endpoint="/api/signals")]

    wait_for(lambda: len(found()) >= searches)
    return found()


@pytest.mark.parametrize("trusted", ["1", "127.0.0.1/32"])
def test_a_client_is_known_by_its_own_address_whatever_it_forges(tmp_path, start, trusted):
    with Process(tmp_path, TRUSTED_PROXIES=trusted) as service, start(tmp_path, service.address) as proxy:
        for forged in ({}, {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "127.0.0.1, 127.0.0.1"}):
            assert proxy.ask_from(ALICE, *ASK, forged).status == 200
        assert proxy.ask_from(BOB, *ASK, {"Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}).status == 200

        assert clients(service, 4) == [ALICE, ALICE, ALICE, BOB]


def test_forged_lines_of_x_forwarded_for_stay_in_front_of_the_true_one(tmp_path, start):
    with Process(tmp_path, TRUSTED_PROXIES=1) as service, start(tmp_path, service.address) as proxy:
        lines = [b"X-Forwarded-For: 203.0.113.%d\r\n" % number for number in range(3)]
        answer = proxy.send(b"GET /api/signals?spec=cars HTTP/1.1\r\nHost: a\r\n" + b"".join(lines) + b"\r\n")

        assert answer.status == 200
        assert clients(service, 1) == ["127.0.0.1"]


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_client_of_ipv6_is_known_by_its_own_address(tmp_path, start):
    with Process(tmp_path, TRUSTED_PROXIES=1) as service, start(tmp_path, service.address) as proxy:
        assert proxy.ask_from("::1", *ASK, {"X-Forwarded-For": "2001:db8::7"}).status == 200

        assert clients(service, 1) == ["::1"]


def test_behind_one_more_proxy_two_hops_are_counted(tmp_path, start):
    with Process(tmp_path, TRUSTED_PROXIES=2) as service, start(tmp_path, service.address) as proxy:
        for chain in ("203.0.113.9", "198.51.100.1, 203.0.113.9", "2001:db8:1:2:3::4", "203.0.113.9:4711"):
            assert proxy.get(ASK[1], X_Forwarded_For=chain).status == 200

        assert clients(service, 4) == ["203.0.113.9", "203.0.113.9", "2001:db8:1:2::", "203.0.113.9"]


def test_nginx_before_haproxy_gives_the_client_of_nginx(tmp_path):
    """Two real proxies: a forged address is two entries too far to the left."""
    outer, inner = (param.values[0] for param in reversed(BOTH))
    for param in BOTH:
        for mark in param.marks:
            if mark.args[0]:
                pytest.skip(mark.kwargs["reason"])
    (tmp_path / "inner").mkdir()
    with (
        Process(tmp_path, TRUSTED_PROXIES=2) as service,
        inner(tmp_path / "inner", service.address) as haproxy,
        outer(tmp_path, haproxy.address) as nginx,
    ):
        assert nginx.ask_from(ALICE, *ASK, {"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}).status == 200

        assert clients(service, 1) == [ALICE]


def test_each_client_has_a_limit_of_its_own_and_a_forger_none_more(tmp_path, start):
    with Process(tmp_path, TRUSTED_PROXIES=1, RATE_LIMIT="2/60") as service, start(tmp_path, service.address) as proxy:
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


def test_an_attacker_is_blocked_alone_and_cannot_have_another_one_blocked(tmp_path, start):
    with (
        Process(tmp_path, TRUSTED_PROXIES=2, BLOCK_SCORE=25) as service,
        start(tmp_path, service.address) as proxy,
    ):
        # The proxy before this one appends the true address; the attacker wants Bob's blocked.
        forged = "198.51.100.20, 203.0.113.66"
        answers = [proxy.get(ATTACK, X_Forwarded_For=forged).status for _ in range(4)]

        assert answers == [400, 400, 400, 403]
        assert proxy.get(ASK[1], X_Forwarded_For="203.0.113.66").status == 403
        assert proxy.get(ASK[1], X_Forwarded_For="198.51.100.20").status == 200


def test_with_no_token_the_operators_endpoints_do_not_take_the_proxy_for_a_local_caller(tmp_path, start):
    with Process(tmp_path, TRUSTED_PROXIES=1) as service, start(tmp_path, service.address) as proxy:
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


def test_hosts_and_request_ids_pass_and_unfit_ids_are_replaced(tmp_path, start):
    with (
        Process(tmp_path, TRUSTED_PROXIES=1) as service,
        start(tmp_path, service.address) as proxy,
    ):
        assert proxy.get(ASK[1], X_Request_ID="order-4711.a").header("X-Request-ID") == "order-4711.a"
        for unfit in ("short", "<script>alert(1)</script>", "a" * 65):
            own = proxy.get(ASK[1], X_Request_ID=unfit).header("X-Request-ID")
            assert own != unfit
            assert len(own) >= 32
            assert wait_for(lambda own=own: service.events("request", request_id=own))
