"""Telling a webhook about an alert."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.monitoring.rules import RULES
from service.monitoring.watch import Transition
from service.monitoring.webhook import (
    CAPACITY,
    LONGEST_PAUSE_SECONDS,
    TRIES,
    Postbox,
    alert_document,
    pause_after,
)
from service.outgoing import Outcome
from tests.doubles import until

RULE = RULES[0]
FIRES = Transition(RULE.name, "pending", "firing", 0.1234567, 1_795_379_400.0)
OK, DOWN, GONE = Outcome("ok"), Outcome("status 503"), Outcome("status 404")


class Hook:
    """A postbox before a receiver that gives these outcomes in turn, and then ``ok``.

    With ``hold`` each post waits until it is let go.
    """

    def __init__(self, *outcomes, hold=False):
        self.outcomes, self.posts, self.pauses, self.reports = list(outcomes), [], [], []
        self.free = threading.Event()
        if not hold:
            self.free.set()
        self.box = Postbox(
            self.post, lambda *report: self.reports.append(report), wait=self.pauses.append, random=lambda: 1.0
        )

    def post(self, document):
        self.posts.append(document["id"])
        assert self.free.wait(5)
        return self.outcomes.pop(0) if self.outcomes else OK

    def put(self, *names):
        for name in names:
            self.box.put({"id": name, "alert": name})

    def close(self):
        self.box.close(5.0)
        return self.posts


def test_the_document_says_what_fires_where_and_how_badly():
    assert alert_document(FIRES, RULE, "web-1") == {
        "text": "HighErrorRate fires on web-1: 5xx of all answers, 0.1235 ratio (fires > 0.1, clears at 0.08)",
        "id": "web-1/HighErrorRate/firing/1795379400.000",
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


def test_each_document_is_posted_once_in_the_order_of_the_changes():
    hook = Hook()
    hook.put("a", "b", "c")

    assert hook.close() == ["a", "b", "c"]
    assert (hook.pauses, hook.reports) == ([], [])


def test_what_may_pass_is_tried_again_with_growing_pauses_and_said_once():
    hook = Hook(DOWN, DOWN, Outcome("timeout"))
    hook.put("a", "b")
    until(lambda: len(hook.posts) == 5)

    assert hook.close() == ["a", "a", "a", "a", "b"]
    assert hook.pauses == [2.0, 4.0, 8.0]
    assert hook.reports == [("a", "status 503", False)]


def test_after_the_last_try_it_is_given_up_and_said_and_the_next_one_goes():
    hook = Hook(*[DOWN] * TRIES)
    hook.put("a", "b")
    until(lambda: "b" in hook.posts)

    assert hook.close() == ["a"] * TRIES + ["b"]
    assert hook.reports == [("a", "status 503", False), ("a", "status 503", True)]


def test_what_is_refused_is_not_tried_again():
    hook = Hook(GONE)
    hook.put("a")

    assert hook.close() == ["a"]
    assert hook.reports == [("a", "status 404", True)]


def test_the_queue_is_bounded_and_the_oldest_gives_way():
    hook = Hook(hold=True)
    hook.put("first")
    until(lambda: hook.posts)
    hook.put(*(str(number) for number in range(CAPACITY + 2)))

    assert hook.reports == [("0", "too many wait", True), ("1", "too many wait", True)]
    hook.free.set()
    assert hook.close() == ["first", *(str(number) for number in range(2, CAPACITY + 2))]


def test_whoever_tells_of_an_alert_never_waits_for_the_receiver():
    hook = Hook(hold=True)

    hook.put("a", "b")
    until(lambda: hook.posts == ["a"])
    hook.box.close(0.0)
    hook.free.set()
    until(lambda: hook.posts == ["a", "b"])


def test_closing_ends_a_pause_and_tries_what_waits_once_more():
    hook = Hook(DOWN, DOWN, DOWN)
    hook.box = Postbox(hook.post, lambda *report: hook.reports.append(report), random=lambda: 1.0)
    hook.put("a", "b")
    until(lambda: hook.reports)

    assert hook.close() == ["a", "a", "b"]
    assert hook.reports == [("a", "status 503", False), ("a", "status 503", True), ("b", "status 503", True)]


def test_a_closed_postbox_takes_nothing_more():
    hook = Hook()
    hook.box.close(0.0)
    hook.put("a")

    assert hook.close() == []


@given(st.integers(0, TRIES), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_a_pause_is_never_shorter_than_was_asked_for_nor_longer_than_a_minute(attempt, random, asked):
    pause = pause_after(attempt, Outcome("status 503", asked), random)

    assert 1.0 <= pause <= LONGEST_PAUSE_SECONDS
    assert pause >= min(asked or 0.0, LONGEST_PAUSE_SECONDS)


@pytest.mark.parametrize("attempt", range(4))
def test_jitter_is_half_of_the_pause(attempt):
    assert [pause_after(attempt, DOWN, random) for random in (0.0, 1.0)] == [2.0**attempt, 2.0 ** (attempt + 1)]
