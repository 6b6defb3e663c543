"""Addresses of agents are compared in one spelling, and platforms and agents make one list."""

import json

import pytest

from service.places import agent_address, places


@pytest.mark.parametrize(
    ("url", "spelling"),
    [
        ("https://a.example", "https://a.example"),
        ("HTTPS://A.Example:443/", "https://a.example"),
        ("http://a.example:80/Path/", "http://a.example/Path"),
        ("http://a.example:8080/x?b=1;c", "http://a.example:8080/x?b=1%3Bc"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_an_address_has_one_spelling_which_is_its_own(url, spelling):
    assert agent_address(url) == spelling
    assert agent_address(spelling) == spelling


@pytest.mark.parametrize(
    "text", ["", "a.example", "ftp://a.example", "http://", "http://a b", "http://a.example:0", "http://u@a.example"]
)
def test_what_is_no_address_is_none(text):
    assert agent_address(text) is None


def test_platforms_and_agents_of_a_row_are_one_list():
    deployments = json.dumps(
        [{"type": "platform", "platform": "dv360"}, {"type": "agent", "agent_url": "https://A.x/"}]
    )

    assert places(";dv360;", deployments) == ";dv360;https://a.x;"
    assert places("", json.dumps([{"type": "agent", "agent_url": "https://a.x"}])) == ";https://a.x;"
    assert places(";dv360;", "[]") == ";dv360;"
