"""The end of the door walk: a question becomes a page, or a refusal; what is unchanged is not sent again."""

from __future__ import annotations

import json

import pytest

from service.errors import Draining, NotFound
from service.signals import matches
from tests.desks import Desk
from tests.doubles import a_request


def test_a_question_is_answered_counted_and_remembered():
    desk = Desk("hit")
    response = desk.answer.search(a_request(id="request-1"))

    document = json.loads(response.body)
    assert response.status == 200
    assert [signal["name"] for signal in document["signals"]] == ["SUV intenders"]
    assert (document["cached"], document["request_id"]) == (True, "request-1")
    assert desk.counted == ["hit", ("text", None)]
    assert [query.brief.spec for query in desk.questions] == ["cars"]
    assert response.fields["queue_wait"] == 0.25


def test_the_headers_tell_caches_what_they_may_do():
    headers = dict(Desk("stale").answer.search(a_request()).headers)

    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Authorization, X-Adcp-Auth, Origin"
    assert headers["X-Cache"] == "stale"
    assert headers["ETag"].startswith('W/"')


def test_an_unchanged_answer_is_not_sent_again():
    desk = Desk()
    etag = dict(desk.answer.search(a_request()).headers)["ETag"]
    again = desk.answer.search(a_request(environ={"HTTP_IF_NONE_MATCH": etag}))

    assert (again.status, again.body) == (304, b"")
    assert dict(again.headers)["ETag"] == etag
    assert "Content-Type" not in dict(again.headers)


def test_one_signal_is_found_by_its_id():
    response = Desk().answer.signal(a_request(), "suv")

    assert json.loads(response.body)["name"] == "SUV intenders"
    with pytest.raises(NotFound):
        Desk().answer.signal(a_request(), "nobody")


def test_a_service_that_shuts_down_takes_no_new_question():
    for ask in (lambda desk: desk.answer.search(a_request()), lambda desk: desk.answer.signal(a_request(), "suv")):
        with pytest.raises(Draining) as refusal:
            ask(Desk(draining=True))
        assert refusal.value.retry_after == 1


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ("", False),
        ('W/"abc"', True),
        ('"abc"', True),
        ("*", True),
        ('"x", W/"abc" , "y"', True),
        ('"abcd"', False),
        ("abc", False),
        ('w/"abc"', False),
        ('"x,abc"', False),
    ],
)
def test_an_entity_tag_is_compared_weakly(header, same):
    assert matches(header, 'W/"abc"') is same
