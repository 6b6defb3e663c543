"""The messages that walk: headers by their usual names, and briefs that are equal when they mean the same."""

import pytest

from service.messages import Brief, Query, never_gone
from tests.doubles import a_request


def test_a_header_is_found_by_its_usual_name_in_any_case():
    request = a_request(environ={"HTTP_X_REQUEST_ID": "abc"})

    assert request.header("X-Request-ID") == "abc"
    assert request.header("x-request-id") == "abc"
    assert request.header("Authorization") == ""


def test_a_request_and_a_query_cannot_be_changed_on_their_way():
    for message in (a_request(), Query(Brief("cars"))):
        with pytest.raises(AttributeError):
            message.client = "somebody else"


def test_equal_briefs_are_one_key():
    assert {Brief("cars", countries=("US",)): 1}[Brief("cars", countries=("US",))] == 1
    assert Brief("cars") != Brief("cars", max_cpm=0.0)


def test_a_query_waits_for_its_client_unless_told_otherwise():
    assert Query(Brief("cars")).gone is never_gone
    assert never_gone() is False


def test_an_identified_request_is_the_same_but_for_its_id_and_client():
    request = a_request(id="", client="")
    known = request.identified("request-9", "192.0.2.9")

    assert (known.id, known.client) == ("request-9", "192.0.2.9")
    assert (known.path, known.peer, known.environ) == (request.path, request.peer, request.environ)
    assert (request.id, request.client) == ("", "")
