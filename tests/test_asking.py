"""Which requests somebody elsewhere is asked about: those that the walk would ask about itself."""

import pytest

from service import door
from service.at_once import LONGEST_FORWARDED
from service.settings import Settings
from tests.test_web import environ_of


class Asked:
    """Remembers about whom it was asked."""

    def __init__(self):
        self.clients = []

    def enter(self, seats):
        """Need no seat."""

    def ask(self, client, environ, then):
        self.clients.append(client)
        return True

    def turn(self, now):
        return 0.0

    def leave(self):
        """Go."""


def asked_about(path="/api/signals", method="GET", late=False, **headers):
    asked = Asked()
    asking = door.asking(Settings.from_env({}), asked, lambda peer, forwarded: forwarded or peer, lambda environ: late)
    environ = environ_of(method=method, path=path, host="localhost", **headers) | {"CONTENT_TYPE": "application/json"}
    assert asking.ask(environ, lambda: None) is bool(asked.clients)
    return asked.clients


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/signals"),
        ("POST", "/api/signals"),
        ("HEAD", "//api/signals/"),
        ("GET", "/api/signals/one"),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("DELETE", "/api/signals"),
    ],
)
def test_whatever_has_a_limit_is_asked_about(method, path):
    assert asked_about(path, method, x_forwarded_for="192.0.2.7") == ["192.0.2.7"]


@pytest.mark.parametrize(
    "path", ["/health", "/api/monitoring/health", "/api/monitoring/stats", "/api/debug", "/api/catalogue"]
)
def test_what_has_none_is_not(path):
    method = "POST" if path == "/api/catalogue" else "GET"
    assert asked_about(path, method) == []


def test_a_long_list_of_proxies_is_read_by_a_worker():
    assert asked_about(x_forwarded_for="1" * (LONGEST_FORWARDED + 1)) == []


def test_who_comes_too_late_is_asked_about_only_where_that_is_answered_all_the_same():
    assert asked_about(late=True) == []
    assert len(asked_about("/", late=True)) == 1


def test_an_agent_of_a_foreign_site_is_not_asked_about():
    assert asked_about("/mcp", "POST", origin="https://elsewhere.example") == []
    assert len(asked_about("/mcp", "POST")) == 1
