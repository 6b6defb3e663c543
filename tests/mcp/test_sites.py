"""Which host names and pages may post to ``/mcp``, by what the operator said."""

import pytest

from service.mcp.sites import Sites
from service.settings import Settings

LOCAL = {"HOST": "127.0.0.1"}
OPEN = {"HOST": "0.0.0.0"}


def sites(**environ):
    return Sites(Settings.from_env(environ))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "localhost."])
def test_this_machine_goes_by_its_own_names(host):
    assert sites(**LOCAL).refusal(host, "") == ""


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:8000", "localhost.evil.example", "a b", "[::2]"])
def test_on_a_loopback_address_other_names_are_foreign(host):
    assert "ALLOWED_HOSTS" in sites(**LOCAL).refusal(host, "")


def test_the_public_name_and_those_that_the_operator_lists_are_known():
    known = sites(**LOCAL, BASE_URL="https://Signals.example:8443", ALLOWED_HOSTS="inside, [fd00::1]")

    for host in ("signals.example:8443", "signals.example", "inside:80", "[fd00::1]:80"):
        assert known.refusal(host, "") == ""


def test_on_all_addresses_any_name_will_do_until_names_are_listed():
    assert sites(**OPEN).refusal("anything.internal:8000", "") == ""
    assert sites(**OPEN, ALLOWED_HOSTS="a.example").refusal("anything.internal", "") != ""
    assert sites(**OPEN, ALLOWED_HOSTS="a.example").refusal("a.example", "") == ""


@pytest.mark.parametrize("environ", [LOCAL, OPEN])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "file://", "http://localhost.evil.example"])
def test_a_foreign_page_is_refused_wherever_the_service_listens(environ, origin):
    assert "ALLOWED_ORIGINS" in sites(**environ).refusal("localhost", origin)


def test_a_local_page_may_call_a_local_name_only():
    assert sites(**OPEN).refusal("localhost:8000", "http://127.0.0.1:6274") == ""
    assert sites(**OPEN).refusal("signals.example", "http://localhost:6274") != ""


def test_pages_of_the_service_itself_and_those_allowed_may_call():
    known = sites(**OPEN, BASE_URL="https://signals.example", ALLOWED_ORIGINS="https://App.example")

    assert known.refusal("signals.example", "https://signals.example") == ""
    assert known.refusal("signals.example", "https://app.example") == ""
    assert known.refusal("signals.example", "https://signals.example.evil") != ""
    assert sites(**OPEN, ALLOWED_ORIGINS="*").refusal("signals.example", "https://any.example") == ""
