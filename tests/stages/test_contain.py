import json

import pytest

from service.errors import InvalidInput, RateLimited, Refused
from service.messages import Response
from service.stages.contain import contain
from tests.doubles import a_request

REFUSALS = [
    child
    for parent in (Refused, *Refused.__subclasses__())
    for child in (parent, *parent.__subclasses__())
    if child.__init__ is Refused.__init__
]


def contained(proceed):
    bugs = []
    stage = contain(lambda request, bug: bugs.append((request.id, bug)))
    return stage(a_request(), proceed), bugs


def raiser(error):
    def proceed(request):
        raise error

    return proceed


def test_an_answer_passes_untouched():
    response = Response(200, b"ok")

    assert contained(lambda request: response) == (response, [])


@pytest.mark.parametrize("kind", dict.fromkeys(REFUSALS))
def test_each_refusal_becomes_its_problem_document(kind):
    answer, bugs = contained(raiser(kind("because", field="spec")))
    document = json.loads(answer.body)

    assert answer.status == document["status"] == kind.status
    assert document["type"] == f"/problems/{kind.type}"
    assert document["title"] == kind.title
    assert (document["detail"], document["field"], document["request_id"]) == ("because", "spec", "request-1")
    assert ("Content-Type", "application/problem+json") in answer.headers
    assert ("Cache-Control", "no-store") in answer.headers
    assert answer.fields["rejection"] == kind.rejection
    assert not bugs


def test_a_refusal_keeps_its_own_headers():
    refusal = RateLimited("wait", retry_after=7)
    refusal.headers.append(("X-Other", "1"))

    answer, _ = contained(raiser(refusal))

    assert ("Retry-After", "7") in answer.headers
    assert ("X-Other", "1") in answer.headers


def test_a_field_that_was_not_named_is_absent():
    answer, _ = contained(raiser(InvalidInput("bad")))

    assert "field" not in json.loads(answer.body)


@pytest.mark.parametrize(
    "bug", [ValueError("password=hunter2"), RecursionError(), MemoryError(), KeyError("x"), StopIteration()]
)
def test_a_bug_is_reported_with_the_request_and_tells_the_caller_nothing(bug):
    answer, bugs = contained(raiser(bug))

    assert answer.status == 500
    assert bugs == [("request-1", bug)]
    assert json.loads(answer.body)["type"] == "/problems/internal"
    assert json.loads(answer.body)["request_id"] == "request-1"
    assert b"hunter2" not in answer.body
    assert "hunter2" not in str(answer.fields)


@pytest.mark.parametrize("end", [SystemExit(), KeyboardInterrupt()])
def test_the_end_of_the_process_is_not_held_up(end):
    with pytest.raises(type(end)):
        contained(raiser(end))


def test_a_refusal_does_not_hold_the_frames_that_it_was_raised_in():
    refusal = RateLimited("full", retry_after=1)

    def proceed(request):
        raise refusal

    contain(lambda request, bug: None)(a_request(), proceed)

    assert refusal.__traceback__ is None
