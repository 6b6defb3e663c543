import tracemalloc
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.messages import Response
from service.stages.identify import canonical, client_of, finder, identify, is_loopback, is_private, is_within
from tests.doubles import a_request

PROXY = "10.0.0.7"
NETWORKS = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))

addresses = st.ip_addresses().map(str)
hops = st.lists(st.one_of(addresses, st.text(alphabet="0123456789abcdef:.[]%/ <>x", max_size=20)), max_size=5)


def identified(environ=None, proxies=0, peer="192.0.2.1"):
    """Return the request as the next stage sees it, and the answer."""
    seen = []

    def proceed(request):
        seen.append(request)
        return Response(200)

    stage = identify(proxies, lambda peer: None)
    answer = stage(a_request(environ=environ or {}, peer=peer, id="", client=""), proceed)
    return seen[0], answer


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", "198.51.100.9", 0, "192.0.2.1"),
        (PROXY, "", 1, PROXY),
        (PROXY, "198.51.100.9", 1, "198.51.100.9"),
        (PROXY, "6.6.6.6, 198.51.100.9", 1, "198.51.100.9"),
        (PROXY, "6.6.6.6,198.51.100.9,10.0.0.3", 2, "198.51.100.9"),
        (PROXY, "198.51.100.9", 2, PROXY),
        (PROXY, "198.51.100.9, junk<script>", 1, PROXY),
        (PROXY, "junk<script>, 198.51.100.9", 1, "198.51.100.9"),
        (PROXY, "198.51.100.9, ", 1, PROXY),
        (PROXY, "unknown", 1, PROXY),
        (PROXY, "198.51.100.09", 1, PROXY),
        (PROXY, "3325256713", 1, PROXY),
        (PROXY, "198.51.100.9:5678", 1, "198.51.100.9"),
        (PROXY, "[2001:db8:0:1::5]:80", 1, "2001:db8:0:1::"),
        (PROXY, "[2001:db8:0:1::5]", 1, "2001:db8:0:1::"),
        (PROXY, "[[2001:db8::5]]", 1, PROXY),
        (PROXY, "[]", 1, PROXY),
        (PROXY, "198.51.100.9:123456", 1, PROXY),
        (PROXY, "198.51.100.9:80:80", 1, PROXY),
        (PROXY, "::1%junk<script>", 1, "::1"),
        (PROXY, "fe80::1:2%eth0", 1, "fe80::"),
        (PROXY, "::ffff:198.51.100.9", 1, "198.51.100.9"),
        (PROXY, "2001:db8:0:1::/64", 1, PROXY),
        ("192.0.2.1", "198.51.100.9", NETWORKS, "192.0.2.1"),
        (PROXY, "198.51.100.9", NETWORKS, "198.51.100.9"),
        (PROXY, "6.6.6.6, 198.51.100.9, 10.9.9.9, 2001:db8:ffff::2", NETWORKS, "198.51.100.9"),
        (PROXY, "6.6.6.6, 198.51.100.9, 10.9.9.9:4711", NETWORKS, "198.51.100.9"),
        ("::ffff:10.0.0.7", "198.51.100.9", NETWORKS, "198.51.100.9"),
        (PROXY, "10.1.1.1, 10.2.2.2", NETWORKS, "10.1.1.1"),
        (PROXY, "6.6.6.6, junk, 10.2.2.2", NETWORKS, PROXY),
        ("2001:db8:0:1:2:3:4:5", "", 0, "2001:db8:0:1::"),
        ("::1", "", 0, "::1"),
        ("", "", 0, ""),
    ],
)
def test_the_client_is_found_walking_from_the_right(peer, forwarded, proxies, client):
    assert client_of(peer, forwarded, proxies) == client


@given(forged=hops, true=addresses)
@settings(max_examples=100, deadline=None)
def test_what_a_client_writes_itself_never_changes_who_it_is(forged, true):
    said = ", ".join([*forged, true])

    assert client_of(PROXY, said, 1) == canonical(true)
    if not is_within(true, NETWORKS):
        assert client_of(PROXY, said, NETWORKS) == canonical(true)


@given(said=hops, proxies=st.one_of(st.integers(0, 5), st.just(NETWORKS)))
@settings(max_examples=100, deadline=None)
def test_a_client_name_is_always_an_address_without_a_slash(said, proxies):
    name = client_of(PROXY, ",".join(said), proxies)

    assert str(ip_address(name)) == name
    assert "/" not in name
    assert "%" not in name


@given(text=st.one_of(st.text(), addresses))
@settings(max_examples=100, deadline=None)
def test_a_name_is_its_own_name(text):
    name = canonical(text)

    assert name is None or canonical(name) == name


@given(network=st.ip_addresses(v=6), low=st.integers(1, 2**64 - 1))
@settings(max_examples=100, deadline=None)
def test_all_addresses_of_one_64_are_one_client(network, low):
    base = int(network) >> 64 << 64
    if base:
        assert canonical(str(ip_address(base | low))) == str(ip_address(base))


def test_a_long_forged_list_changes_nothing_whether_proxies_are_trusted_or_not():
    environ = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, " * 1500 + "198.51.100.9"}

    assert identified(environ, 1, PROXY)[0].client == "198.51.100.9"
    assert identified(environ, 0, "2001:db8:0:1::5")[0].client == "2001:db8:0:1::"


def test_the_memo_is_bounded_however_many_lists_are_forged():
    stage = identify(1, lambda peer: None)
    requests = [
        a_request(peer=PROXY, environ={"HTTP_X_FORWARDED_FOR": f"{number:0240}, 6.6.6.6"}) for number in range(7000)
    ]
    for request in requests[:4500]:
        stage(request, lambda request: Response(200))
    tracemalloc.start()
    try:
        for request in requests[4500:]:
            stage(request, lambda request: Response(200))
        assert tracemalloc.get_traced_memory()[0] < 1_500_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("own", ["abcdefgh", "A-Za-z.0_9", "x" * 64])
def test_a_callers_request_id_is_kept_if_it_is_well_formed(own):
    request, answer = identified({"HTTP_X_REQUEST_ID": own})

    assert request.id == own
    assert ("X-Request-ID", own) in answer.headers


@pytest.mark.parametrize(
    "own", ["", "short", "x" * 65, "a a a a a", "abcdefgh\n", "abcdefgh<script>", "äöüäöüäö", "a/b/c/d/e"]
)
def test_any_other_request_id_is_replaced(own):
    request, answer = identified({"HTTP_X_REQUEST_ID": own})

    assert request.id != own
    assert len(request.id) == 20
    assert answer.headers == [("X-Request-ID", request.id)]


def test_made_request_ids_differ():
    stage = identify(0, lambda peer: None)
    ids = set()

    for _ in range(1000):
        stage(a_request(), lambda request: ids.add(request.id) or Response(200))

    assert len(ids) == 1000


@pytest.mark.parametrize(
    ("peer", "environ", "proxies", "told"),
    [
        (PROXY, {"HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 0, [PROXY]),
        ("::ffff:10.0.0.7", {"HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 0, ["::ffff:10.0.0.7"]),
        (PROXY, {"HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 1, []),
        (PROXY, {}, 0, []),
        ("8.8.8.8", {"HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 0, []),
        ("a socket", {"HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 0, []),
    ],
)
def test_a_private_peer_that_forwards_while_no_proxy_is_trusted_is_told_of(peer, environ, proxies, told):
    heard = []
    stage = identify(proxies, heard.append)

    stage(a_request(peer=peer, environ=environ), lambda request: Response(200))

    assert heard == told


@given(text=st.text(max_size=30))
@settings(max_examples=50, deadline=None)
def test_no_text_upsets_the_questions_about_addresses(text):
    assert is_within(text, NETWORKS) in (True, False)
    assert is_private(text) in (True, False)
    assert is_loopback(text) in (True, False)


def test_a_number_of_hops_holds_no_address():
    assert not is_within(PROXY, 3)


def test_loopback_is_known_in_every_spelling():
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("10.0.0.1", "::2", "", "localhost")))


@given(st.one_of(st.ip_addresses(v=4).map(str), st.text(alphabet="0123456789.\n ", max_size=16)))
def test_an_ipv4_address_is_read_without_taking_it_apart_and_nothing_else_is(text):
    try:
        expected = str(ip_address(text.strip()))
    except ValueError:
        expected = None

    assert canonical(text) == expected


def test_a_finder_remembers_and_believes_what_its_setting_believes():
    assert finder(0)("192.0.2.1", "203.0.113.9") == "192.0.2.1"
    assert finder(1)("192.0.2.1", "203.0.113.9") == "203.0.113.9"
    assert finder(1)("192.0.2.1", "9, " * 200 + "203.0.113.9") == "203.0.113.9"
