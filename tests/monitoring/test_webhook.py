"""Telling a webhook about an alert."""

import base64
import json
import logging
import threading

import httpx
import pytest

from service.monitoring.rules import RULES
from service.monitoring.watch import Transition
from service.monitoring.webhook import alert_document, post_alert

RULE = RULES[0]
FIRES = Transition(RULE.name, "pending", "firing", 0.1234567, 1_795_379_400.0)
SECRET = "https://user:pa55@hooks.example/services/T0K3N"


def post(answer, url=SECRET, **options):
    return post_alert(url, FIRES, RULE, instance="web-1", transport=httpx.MockTransport(answer), **options)


class Endpoint:
    """Answers with these statuses in turn, or raises them, and keeps what was posted."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)


def test_the_document_says_what_fires_where_and_how_badly():
    assert alert_document(FIRES, RULE, "web-1") == {
        "text": "HighErrorRate fires on web-1: 5xx of all answers, 0.1235 ratio (fires > 0.1, clears at 0.08)",
        "alert": "HighErrorRate",
        "description": "5xx of all answers",
        "severity": "critical",
        "unit": "ratio",
        "fires": 0.10,
        "clears": 0.08,
        "instance": "web-1",
        "from": "pending",
        "to": "firing",
        "value": 0.1234567,
        "at": "2026-11-22T20:30:00.000Z",
    }


def test_an_alert_without_a_value_is_told_as_unknown():
    over = Transition(RULE.name, "clearing", "resolved", None, 0.0)

    assert alert_document(over, RULE, "web-1")["text"].startswith(
        "HighErrorRate is resolved on web-1: 5xx of all answers, unknown ratio"
    )


def test_an_alert_is_posted_once_as_json_with_the_credentials_of_the_url():
    endpoint = Endpoint(204)

    assert post(endpoint) == "ok"
    [request] = endpoint.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"user:pa55").decode()
    assert json.loads(request.content)["alert"] == "HighErrorRate"


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([500, 200], "ok"),
        ([500, 503], "status 503"),
        ([404], "status 404"),
        ([302], "status 302"),
        ([httpx.ConnectError(SECRET), 200], "ok"),
        ([httpx.ConnectError(SECRET), httpx.ConnectError(SECRET)], "ConnectError"),
        ([httpx.ReadTimeout(""), httpx.ReadTimeout("")], "timeout"),
        ([OSError(SECRET), OSError(SECRET)], "OSError"),
    ],
)
def test_a_failure_is_tried_once_more_and_then_told_without_the_url(answers, outcome):
    endpoint = Endpoint(*answers)

    assert post(endpoint) == outcome
    assert endpoint.answers == []


@pytest.mark.parametrize("url", ["ftp://hooks.example/x", "no url", "http://", "https://[::1/", "http://a:b@c:port/"])
def test_what_is_no_web_address_is_told_not_raised(url):
    assert post(Endpoint(), url) == "invalid url"


def test_an_endpoint_that_never_answers_holds_nobody_up():
    released = threading.Event()

    def hang(request):
        assert released.wait(5)
        return httpx.Response(200)

    assert post(hang, timeout_seconds=0.05) == "timeout"
    released.set()


def test_the_url_is_never_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        post(Endpoint(500, 500))

    assert "T0K3N" not in caplog.text
    assert "pa55" not in caplog.text


def test_a_real_connection_that_is_refused_is_told():
    assert post_alert("http://127.0.0.1:9/secret", FIRES, RULE, instance="web-1") == "ConnectError"
