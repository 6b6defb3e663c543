from datetime import UTC

import pytest

from dashboard.model.connection import Contact, connection_of
from dashboard.model.words import clock_time
from tests.dashboard.model.samples import FakeService, failure

URL = "http://localhost:8000"
ANSWER = FakeService().snapshot(at=100.0)


def at(now, **known):
    return connection_of(Contact(URL, 1.0, **known), now, UTC)


def test_before_the_first_answer_it_connects():
    found = at(5.0)
    assert (found.state, found.words, found.age_seconds, found.data_ok) == (
        "connecting",
        f"connecting to {URL}",
        None,
        False,
    )


def test_data_is_ok_until_it_is_older_than_three_intervals():
    assert (at(100.4, latest=ANSWER).state, at(100.4, latest=ANSWER).words) == ("ok", "data 0.4s ago")
    assert at(103.0, latest=ANSWER).data_ok
    assert at(103.1, latest=ANSWER).state == "stale"


def test_a_late_answer_is_said_to_be_late():
    found = at(109.0, latest=ANSWER)
    assert found.words == f"stale 9s · waiting for an answer · last answer {clock_time(ANSWER.wall, UTC)}"
    assert (found.age_seconds, found.data_ok) == (9.0, False)


def test_a_single_poll_that_fails_is_no_news():
    assert at(102.0, latest=ANSWER, failure=failure(101.5), down_since=101.5).state == "ok"


def test_a_lost_service_says_since_when_when_next_and_what_the_last_answer_was():
    found = at(137.0, latest=ANSWER, failure=failure(131.0), down_since=100.0, next_try=141.0)
    clock = clock_time(ANSWER.wall, UTC)
    assert found.words == f"unreachable 37s · next try in 4s · last answer {clock} · connection refused"
    assert (found.state, found.data_ok) == ("unreachable", False)


def test_a_service_that_never_answered_gets_the_reason_first():
    found = at(12.0, failure=failure(8.0), down_since=0.0, next_try=11.0)
    assert found.words == "unreachable 12s · connection refused · trying now · no answer yet"


@pytest.mark.parametrize(
    ("kind", "state", "begins"),
    [
        ("timeout", "unreachable", "unreachable"),
        ("unauthorized", "unauthorized", "unauthorized"),
        ("garbage", "garbage", "no usable answer"),
        ("redirect", "garbage", "no usable answer"),
        ("anything", "garbage", "no usable answer"),
    ],
)
def test_each_kind_of_failure_has_its_word(kind, state, begins):
    found = at(3.0, failure=failure(1.0, kind, "because\x1b[31m"))
    assert found.state == state
    assert found.words.startswith(f"{begins} 2s · because·[31m")


def test_several_instances_behind_one_url_are_said():
    words = at(100.4, latest=ANSWER, instances=("web-2", "web-1")).words
    assert words == "data 0.4s ago · 2 instances answer at this URL, shown is web-2"
