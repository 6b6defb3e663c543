import json
from datetime import datetime, timedelta, timezone

import pytest

from keep_alive import Answer, Ping, exit_code, json_of, line_of
from tests.keep_alive.samples import FAILED, a_ping, an_answer, document

NOW = datetime(2026, 11, 25, 14, 59, 4, tzinfo=timezone(timedelta(hours=1)))
ILL = an_answer(503, document("unhealthy", queue="unhealthy", alerts="degraded"))
DEGRADED = an_answer(200, document("degraded", alerts="degraded"))


@pytest.mark.parametrize(
    ("ping", "line"),
    [
        (a_ping(), "2026-11-25 14:59:04  ● 200     100 ms  awake"),
        (a_ping(seconds=12.34), "2026-11-25 14:59:04  ◐ 200   12340 ms  awake after cold start 12.3 s"),
        (a_ping(seconds=9.0, tries=2), "2026-11-25 14:59:04  ◐ 200    9000 ms  awake after cold start 9.0 s"),
        (a_ping(DEGRADED), "2026-11-25 14:59:04  ◐ 200     100 ms  awake (degraded: alerts)"),
        (a_ping(an_answer(404, b"")), "2026-11-25 14:59:04  ● 404     100 ms  awake (HTTP 404)"),
        (a_ping(ILL), "2026-11-25 14:59:04  ▲ 503     100 ms  ill: queue, alerts"),
        (a_ping(ILL, 2, 30.0), "2026-11-25 14:59:04  ▲ 503   30000 ms  ill after cold start 30.0 s: queue, alerts"),
        (Ping(FAILED, 4, 61.0), "2026-11-25 14:59:04  ✗   –   61000 ms  FAILED after 4 tries: connection refused"),
        (Ping(FAILED, 1, 0.0), "2026-11-25 14:59:04  ✗   –       0 ms  FAILED after 1 try: connection refused"),
    ],
)
def test_a_ping_is_one_line_of_time_sign_status_duration_and_words(ping, line):
    assert line_of(ping, NOW) == line


@pytest.mark.parametrize(("seconds", "tries", "cold"), [(5.0, 1, False), (5.1, 1, True), (0.1, 2, True)])
def test_a_slow_first_answer_or_one_after_failed_tries_is_a_cold_start(seconds, tries, cold):
    assert a_ping(seconds=seconds, tries=tries).cold is cold


def test_an_outage_is_no_cold_start():
    assert not Ping(FAILED, 4, 61.0).cold


def test_the_line_for_machines_says_the_same():
    document = json.loads(json_of(a_ping(ILL, 2, 30.0), NOW, "https://a.example"))

    assert document == {
        "event": "ping",
        "time": "2026-11-25T13:59:04Z",
        "url": "https://a.example",
        "state": "ill",
        "status": 503,
        "ms": 30000.0,
        "tries": 2,
        "cold_start": True,
        "health": "unhealthy",
        "failing": ["queue", "alerts"],
        "what": "ill after cold start 30.0 s: queue, alerts",
    }


def test_the_line_for_machines_is_plain_ascii_without_control_characters():
    evil = an_answer(503, document("unhealthy", **{"\x1b[2J\u2028\x00é": "unhealthy"}))

    text = json_of(a_ping(evil), NOW, "https://a.example")
    assert text.isascii()
    assert text.isprintable()


def test_what_is_not_known_is_null():
    document = json.loads(json_of(Ping(FAILED, 1, 0.0), NOW, "https://a.example"))

    assert (document["status"], document["health"], document["failing"]) == (None, None, [])


@pytest.mark.parametrize(
    ("answer", "lax", "strict"),
    [
        (an_answer(), 0, 0),
        (DEGRADED, 0, 0),
        (an_answer(403, b""), 0, 0),
        (ILL, 0, 1),
        (an_answer(502, b""), 1, 1),
        (Answer(0.0, problem="connection refused"), 1, 1),
    ],
)
def test_the_exit_code_of_one_ping(answer, lax, strict):
    assert (exit_code(a_ping(answer), False), exit_code(a_ping(answer), True)) == (lax, strict)
