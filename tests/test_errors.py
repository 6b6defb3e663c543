"""Refusals: each carries its status, problem type and headers; the problem document is RFC 9457."""

import json

import pytest

from service import errors
from service.errors import REJECTIONS, InvalidInput, MethodNotAllowed, RateLimited, Refused, SuspiciousInput, problem

CONTRACT = [
    ("InvalidInput", 400, "invalid-input", "invalid"),
    ("CursorExpired", 400, "cursor-expired", "invalid"),
    ("SuspiciousInput", 400, "suspicious-input", "suspicious"),
    ("Unauthorized", 401, "unauthorized", None),
    ("Blocked", 403, "blocked", "blocked"),
    ("WrongSite", 403, "wrong-site", None),
    ("NotFound", 404, "not-found", None),
    ("MethodNotAllowed", 405, "method-not-allowed", None),
    ("RequestTimeout", 408, "request-timeout", None),
    ("ContentTooLarge", 413, "content-too-large", None),
    ("UnsupportedMediaType", 415, "unsupported-media-type", None),
    ("RateLimited", 429, "rate-limited", "rate_limited"),
    ("HeaderFieldsTooLarge", 431, "header-fields-too-large", None),
    ("InternalError", 500, "internal", None),
    ("Overloaded", 503, "overloaded", "overloaded"),
    ("Draining", 503, "draining", "draining"),
    ("Unavailable", 503, "unavailable", None),
]


@pytest.mark.parametrize(("name", "status", "type_", "rejection"), CONTRACT)
def test_each_refusal_has_the_status_and_type_of_the_contract(name, status, type_, rejection):
    refusal = getattr(errors, name)

    assert (refusal.status, refusal.type, refusal.rejection) == (status, type_, rejection)
    assert refusal.title


def test_every_rejection_that_is_counted_has_a_refusal_and_every_type_is_its_own():
    children = Refused.__subclasses__()

    assert {child.rejection for child in children} - {None} == set(REJECTIONS)
    # A missing token and a missing key are one problem: who asks did not say who it is.
    assert len({child.type for child in children}) == len(children) - 1
    assert errors.KeyRefused.type == errors.Unauthorized.type


def test_a_problem_says_type_title_status_detail_and_request_id():
    refusal = RateLimited("Too fast.", retry_after=7)

    assert json.loads(problem(refusal, "req-1")) == {
        "type": "/problems/rate-limited",
        "title": "Too many requests",
        "status": 429,
        "detail": "Too fast.",
        "request_id": "req-1",
    }
    assert refusal.headers == [("Retry-After", "7")]


def test_a_problem_names_the_field_where_there_is_one():
    assert json.loads(problem(InvalidInput("Bad.", field="spec"), ""))["field"] == "spec"
    assert "field" not in json.loads(problem(InvalidInput("Bad."), ""))


def test_waiting_is_proposed_only_where_it_helps():
    assert InvalidInput("Bad.").headers == []
    assert RateLimited("Wait.", retry_after=0).headers == [("Retry-After", "0")]


def test_suspicious_input_names_field_and_class_of_attack():
    refusal = SuspiciousInput("sqli", "spec")

    assert (refusal.attack, refusal.field) == ("sqli", "spec")
    assert "sqli" in refusal.detail
    assert "spec" in refusal.detail


def test_the_headers_that_http_asks_for_are_there():
    assert MethodNotAllowed("No.", "GET, HEAD").headers == [("Allow", "GET, HEAD")]
    assert errors.Unauthorized("No.", wrong_token=True).headers == [("WWW-Authenticate", 'Bearer realm="operator"')]
    assert errors.Unauthorized("No.").wrong_token is False


def test_two_refusals_never_share_their_headers():
    first, second = InvalidInput("a"), InvalidInput("b")
    first.headers.append(("X-Of", "first"))

    assert second.headers == []


@pytest.mark.parametrize("detail", ["Ünïcode ☂", 'quotes " and \\', "line\nend", "\udcff a lone surrogate"])
def test_any_detail_makes_a_valid_problem_document(detail):
    document = json.loads(problem(InvalidInput(detail), "req-1").decode("utf-8"))

    assert document["detail"] == detail.replace("\udcff", "?")


def test_a_document_that_was_made_before_differs_in_the_request_id_alone():
    refusals = (RateLimited("Wait.", retry_after=seconds) for seconds in (1, 1))
    first, second = map(json.loads, map(problem, refusals, ("one-4711", "two-4711")))

    assert first | {"request_id": ""} == second | {"request_id": ""}
    assert [first["request_id"], second["request_id"]] == ["one-4711", "two-4711"]
