"""Requests to somebody else: one outcome, in time, whatever the other side does."""

import base64
import json
import logging
import socket
import threading

import httpx
import pytest

from service.outgoing import Outcome, send

SECRET = "https://user:pa55@hooks.example/services/T0K3N"


class Endpoint:
    """Answers with a status or raises an exception, and keeps what came."""

    def __init__(self, answer=200, **headers):
        self.answer, self.headers, self.requests = answer, headers, []

    def __call__(self, request):
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.answer, headers=self.headers)

    def send(self, url=SECRET, **options):
        usual = {"seconds": 5.0, "json": {"text": "hello"}}
        return send("POST", url, transport=httpx.MockTransport(self), **(usual | options))


def test_a_document_goes_as_json_with_the_credentials_of_the_url():
    endpoint = Endpoint(204)

    assert endpoint.send(headers={"User-Agent": "me"}) == Outcome("ok")
    [request] = endpoint.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "me"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"user:pa55").decode()
    assert json.loads(request.content) == {"text": "hello"}


@pytest.mark.parametrize(
    ("answer", "text", "passing"),
    [
        (200, "ok", False),
        (302, "status 302", False),
        (404, "status 404", False),
        (408, "status 408", True),
        (429, "status 429", True),
        (503, "status 503", True),
        (httpx.ConnectError(SECRET), "ConnectError", True),
        (httpx.ReadTimeout(""), "timeout", True),
        (OSError(SECRET), "OSError", True),
    ],
)
def test_a_failure_is_told_without_the_url_and_whether_it_may_pass(answer, text, passing):
    outcome = Endpoint(answer).send()

    assert (outcome.text, outcome.passing, outcome.ok) == (text, passing, text == "ok")


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("-1", None), ("Wed, 25 Nov 2026 10:00:00 GMT", None)])
def test_what_the_other_side_asks_for_is_told_in_seconds(header, seconds):
    assert Endpoint(429, **{"Retry-After": header}).send().retry_after == seconds


@pytest.mark.parametrize("url", ["ftp://hooks.example/x", "no url", "http://", "https://[::1/", "http://a:b@c:port/"])
def test_what_is_no_web_address_is_told_not_raised(url):
    endpoint = Endpoint()

    assert endpoint.send(url) == Outcome("invalid url")
    assert (endpoint.send(url).passing, endpoint.requests) == (False, [])


def test_the_whole_is_bounded_where_each_byte_would_begin_a_new_wait():
    """A server that sends its head a byte at a time outlives every time-out for a single read."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def dribble():
            connection, _ = server.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000:
                    if over.wait(0.01):
                        return
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        return

        thread = threading.Thread(target=dribble, daemon=True)
        thread.start()
        outcome = send("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=0.2)
        over.set()
        thread.join(5)

    assert outcome == Outcome("timeout")


def test_the_url_is_never_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        Endpoint(500).send()

    assert "T0K3N" not in caplog.text
    assert "pa55" not in caplog.text


def test_a_real_connection_that_is_refused_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert send("GET", f"http://127.0.0.1:{port}/secret", seconds=5.0) == Outcome("ConnectError")
