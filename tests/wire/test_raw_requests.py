"""What the server makes of bytes on the wire: every row of ``raw_cases``, one connection each."""

import contextlib
import re

import pytest

from tests.running import Running, wait_for
from tests.serving import read_answer, serving, statuses
from tests.wire.raw_cases import CASES, CLOSE, GET, HOST, POST, SMUGGLED, TE

REFUSED = [case for case in CASES if case.status != 200]
ANSWERED = [case for case in CASES if case.status == 200]


def named(cases):
    return [pytest.param(case, id=case.name) for case in cases]


@pytest.fixture(scope="module")
def running():
    with serving() as server:
        yield server


def test_each_case_has_a_name_of_its_own_and_a_reason():
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    assert all(case.why for case in CASES)


@pytest.mark.parametrize("case", named(REFUSED))
def test_what_two_servers_might_read_differently_gets_one_refusal_and_the_connection_is_closed(running, case):
    received = running.exchange(case.raw + SMUGGLED)

    assert statuses(received) == [case.status], case.why
    assert b"application/problem+json" in received
    assert b"X-Request-Id: refused-1" in received
    assert b"Connection: close" in received


@pytest.mark.parametrize("case", named(case for case in REFUSED if len(case.raw) < 1000))
def test_a_refused_request_in_single_bytes_is_refused_all_the_same(running, case):
    with running.connect() as client:
        try:
            for at in range(len(case.raw)):
                client.sendall(case.raw[at : at + 1])
            client.sendall(SMUGGLED)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before its end
        received = client.recv(65536)

    assert statuses(received) == [case.status], case.why


@pytest.mark.parametrize("case", named(ANSWERED))
def test_a_good_request_stays_good(running, case):
    with running.connect() as client:
        client.sendall(case.raw)
        head, body = read_answer(client)
        following = b""
        # Whoever speaks to a closed connection may be reset.
        with contextlib.suppress(ConnectionError):
            client.sendall(GET + HOST + CLOSE + b"\r\n")
            following = client.recv(65536)

    assert (head.startswith("HTTP/1."), body) == (True, case.says), case.why
    assert statuses(head.encode()) == [200]
    assert statuses(following) == ([] if case.closes else [200])


def test_the_whole_service_refuses_each_of_them_by_its_contract_and_counts_and_logs_it(tmp_path):
    rows = [case for case in REFUSED if case.status in (400, 431)]
    with Running(tmp_path) as service:
        for case in rows:
            with service.connect() as client:
                client.sendall(case.raw + SMUGGLED)
                received = b"".join(iter(lambda: client.recv(65536), b""))
            assert statuses(received) == [case.status], case.name
            assert b"application/problem+json" in received and b"X-Request-Id: " in received, case.name
        metrics = service.get("/api/monitoring/metrics").body.decode()
        wait_for(lambda: len(service.events("request", endpoint="none")) >= len(rows))
        logged = service.events("request", endpoint="none")
        served = service.events("request", endpoint="other")

    counted = re.findall(r'http_requests_total\{endpoint="none",[^}]*\} ([0-9.]+)', metrics)
    assert sum(map(float, counted)) == len(rows)
    assert len(logged) == len(rows)
    assert served == []


@pytest.mark.parametrize("name", [b"X_Forwarded_For", b"Content_Length", b"Transfer_Encoding"])
def test_a_header_name_with_an_underscore_cannot_pass_for_the_one_with_a_hyphen(name):
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    with serving(app) as running:
        running.exchange(GET + HOST + CLOSE + name + b": 7\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")

    assert seen["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    assert "CONTENT_LENGTH" not in seen
    assert seen["REMOTE_ADDR"] == "127.0.0.1"


def test_a_request_in_single_bytes_is_read_like_one_in_a_piece(running):
    raw = POST + HOST + CLOSE + TE + b"\r\n5\r\nhello\r\n0\r\n\r\n"
    with running.connect() as client:
        for at in range(len(raw)):
            client.sendall(raw[at : at + 1])
        received = client.makefile("rb").read()

    assert received.endswith(b"/a 5")
