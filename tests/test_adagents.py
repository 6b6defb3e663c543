"""``adagents.json``: what is true and public of the provider's own signals, in the shape that AdCP wants."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from service import adagents
from service.adagents import agent_url_of, document
from service.messages import Signal
from tests.catalogue.signals import GOLF, SUV
from tests.ranking.library import MemoryLibrary
from tests.running import Running

AGENT = "https://signals.example/mcp"
BOUGHT = replace(SUV, id="bought", signal_type="marketplace")


@pytest.fixture
def told():
    """Return a function that gives the document of some signals."""

    def make(*signals, agent=AGENT, sample=False):
        with closing(sqlite3.connect(":memory:")) as connection:
            MemoryLibrary(connection, signals, "v1")
            return document(connection, agent, sample=sample)

    return make


def test_the_providers_own_signals_are_listed_and_nobody_elses(told):
    found = told(SUV, BOUGHT, GOLF)

    assert found["signals"] == [
        {"id": "golf", "name": "Golf players", "value_type": "binary", "tags": ["owned"]},
        {
            "id": "suv",
            "name": "SUV intenders",
            "value_type": "binary",
            "tags": ["owned"],
            "description": "People comparing sport utility vehicles",
            "countries": ["US", "CA"],
        },
    ]
    assert found["signal_tags"].keys() == {"owned"}


def test_this_service_is_their_agent_by_its_tag(told):
    [agent] = told(SUV)["authorized_agents"]

    assert agent.keys() == {"url", "authorized_for", "authorization_type", "signal_tags"}
    assert (agent["url"], agent["authorization_type"], agent["signal_tags"]) == (AGENT, "signal_tags", ["owned"])


def test_sample_data_says_so_and_authorises_nobody(told):
    found = told(SUV, sample=True)

    assert (found["sample"], found["authorized_agents"]) == (True, [])
    assert "invented" in found["message"]
    assert "sample" not in told(SUV)


def test_a_service_that_does_not_know_its_address_authorises_nobody(told):
    assert told(SUV, agent=None)["authorized_agents"] == []


def test_without_owned_signals_there_is_no_document(told):
    assert told(BOUGHT) is None


def test_of_very_many_signals_the_first_are_listed_and_it_says_so(told, monkeypatch):
    monkeypatch.setattr(adagents, "LISTED", 2)

    found = told(SUV, GOLF, Signal("a", "A"))

    assert [signal["id"] for signal in found["signals"]] == ["a", "golf"]
    assert "more signals" in found["message"]


@pytest.mark.parametrize(
    ("base", "endpoints", "url"),
    [
        (None, {"/mcp"}, None),
        ("http://signals.example", {"/mcp"}, None),
        ("https://signals.example/", {"/mcp"}, "https://signals.example/mcp"),
        ("https://signals.example/base", set(), "https://signals.example/base"),
    ],
)
def test_the_agents_address_is_https_and_one_that_is_served(base, endpoints, url):
    assert agent_url_of(base, frozenset(endpoints)) == url


def test_it_is_served_with_a_tag_and_follows_the_catalogue(tmp_path):
    with Running(tmp_path) as service:
        first = service.get("/.well-known/adagents.json")
        assert (first.status, first.document["sample"], first.document["authorized_agents"]) == (200, True, [])
        assert service.get("/.well-known/adagents.json", If_None_Match=first.header("ETag")).status == 304

        service.upload(b"id,name,visible_to\nsecret,Secret,acme\n", headers={})
        assert service.get("/.well-known/adagents.json").body == first.body
        service.upload(b"id,name,signal_type\nbought,Bought,marketplace\n", "?replace=true", headers={})
        assert service.get("/.well-known/adagents.json").status == 404
