"""The table of routes: one budget per endpoint however its path is spelt, HEAD where GET, ``Allow`` that is true."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.routes import ROUTES, UNKNOWN, Route, matcher, normal

MATCH = matcher()

CONTRACT = [
    ("GET", "/api/signals", "signals", False),
    ("POST", "/api/signals", "signals", False),
    ("GET", "/api/signals/auto-suv", "signals", False),
    ("GET", "/health", "express", False),
    ("GET", "/api/monitoring/health", "express", False),
    ("GET", "/api/monitoring/metrics", "operator", True),
    ("GET", "/api/monitoring/stats", "operator", True),
    ("GET", "/api/monitoring/warmup", "operator", True),
    ("POST", "/api/monitoring/warmup", "operator", True),
    ("DELETE", "/api/monitoring/blocks/192.0.2.1", "operator", True),
    ("GET", "/api/debug", "operator", True),
    ("POST", "/api/catalogue", "bulk", True),
    ("GET", "/openapi.json", "plain", False),
    ("GET", "/", "plain", False),
]


@pytest.mark.parametrize(("method", "path", "walk", "operator"), CONTRACT)
def test_every_endpoint_of_the_contract_is_there(method, path, walk, operator):
    found = MATCH(method, path)

    assert (found.route.method, found.walk, found.route.operator) == (method, walk, operator)
    assert found.endpoint == found.route.endpoint


def test_names_and_places_are_unique():
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.endpoint) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize(
    "path", ["/api/signals", "//api/signals/", "/api/signals/", "/api//signals", "///api///signals///", "api/signals"]
)
def test_slashes_open_no_second_door(path):
    assert MATCH("GET", path) == MATCH("GET", "/api/signals")


@given(st.lists(st.sampled_from(["/", "//", "api", "signals", "x", ".", "%2f"])).map("".join))
def test_a_normal_path_stays_as_it_is(path):
    plain = normal(path)

    assert normal(plain) == plain
    assert plain.startswith("/")
    assert "//" not in plain


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=lambda route: route.name)
def test_head_works_where_get_does(route):
    path = route.endpoint.replace("{id}", "some-id")

    assert MATCH("HEAD", path).route is route
    assert "HEAD" in MATCH("HEAD", path).allow.split(", ")


@pytest.mark.parametrize(
    ("method", "path", "allow", "walk"),
    [
        ("PUT", "/api/signals", "GET, HEAD, OPTIONS, POST", "plain"),
        ("DELETE", "/api/signals/a", "GET, HEAD, OPTIONS", "plain"),
        ("HEAD", "/api/catalogue", "OPTIONS, POST", "plain"),
        ("GET", "/api/monitoring/blocks/a", "DELETE, OPTIONS", "express"),
        ("POST", "/health", "GET, HEAD, OPTIONS", "express"),
        ("OPTIONS", "/api/signals", "GET, HEAD, OPTIONS, POST", "plain"),
        ("POST", "/", "GET, HEAD, OPTIONS", "plain"),
    ],
)
def test_a_wrong_method_learns_what_is_allowed_and_is_counted_under_its_endpoint(method, path, allow, walk):
    found = MATCH(method, path)

    assert (found.route, found.allow, found.walk) == (None, allow, walk)
    assert found.endpoint != UNKNOWN


@pytest.mark.parametrize(
    "path", ["/nothing", "/api", "/api/signals/a/b", "/api/./signals", "/API/signals", "*", "/api/signals\x00", "/é☂"]
)
def test_unknown_paths_share_one_label_and_are_plain(path):
    found = MATCH("GET", path)

    assert (found.route, found.endpoint, found.walk, found.allow) == (None, "other", "plain", "")


@pytest.mark.parametrize("argument", ["auto-suv", "2001:db8:0:1::", "a b", "..", "{id}", "<script>", "a\nb", "é"])
def test_the_variable_part_of_a_path_is_handed_over_as_it_is(argument):
    found = MATCH("GET", f"/api/signals/{argument}")

    assert (found.argument, found.endpoint) == (argument, "/api/signals/{id}")


def test_a_pattern_must_be_filled():
    assert MATCH("GET", "/api/signals/").endpoint == "/api/signals"
    assert MATCH("DELETE", "/api/monitoring/blocks/").endpoint == "other"


def test_what_strangers_ask_for_does_not_fill_the_memory():
    match = matcher([Route("index", "GET", "/", "plain", "")])
    tracemalloc.start()
    try:
        for number in range(6_000):
            match("GET", f"/{number}" + "x" * 4_000)
            match(f"M{number}" + "X" * 4_000, "/")
            match(f"M{number}", "/")
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert taken < 4_000_000
