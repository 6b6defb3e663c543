import threading

import pytest

from service.ai.breaker import Breaker
from service.ai.calls import Calls
from service.ai.provider import AiFailure
from service.ai.reports import Reports
from service.ai.verdict import Verdict
from service.messages import Brief
from tests.ai.signals import candidates
from tests.doubles import Crowd, FakeClock, until

SIGNALS = candidates(3)
ANSWER = '{"ranking": [{"id": "auto-2", "score": 0.9, "reason": "fits"}], "irrelevant": []}'


class Steered:
    """A provider that says what it is told to; ``hold`` keeps its calls until ``go``."""

    name, model = "steered", "one"

    def __init__(self):
        self.says, self.broken, self.asked = ANSWER, None, 0
        self.hold, self.go = False, threading.Event()

    def load(self):
        if self.broken is not None:
            raise self.broken

    def complete(self, prompt, deadline):
        self.asked += 1
        if self.hold:
            assert self.go.wait(10)
        if isinstance(self.says, BaseException):
            raise self.says
        return self.says


class Room:
    """Calls of a steered provider, with all that they report."""

    def __init__(self, load=True, **options):
        self.clock, self.provider = FakeClock(), Steered()
        self.counted, self.told, self.landed = [], [], []
        reports = Reports(lambda outcome, seconds: self.counted.append((outcome, seconds)), self.told.append)
        options = {"timeout_seconds": 5.0, "concurrency": 2} | options
        attempt = lambda provider, prompt, deadline: provider.complete(prompt, deadline)  # noqa: E731
        self.calls = Calls(self.provider, reports, self.clock, attempt=attempt, **options)
        if load:
            self.calls.load()
            until(lambda: self.calls.phase() != "loading")

    def begin(self, spare=0, signals=SIGNALS):
        """Begin a call and wait for its end unless it is held."""
        expected = len(self.landed) + 1
        begun = self.calls.begin(Brief("cars"), lambda: signals, self.landed.append, spare=spare)
        if not self.provider.hold:
            until(lambda: len(self.landed) == expected and self.calls.under_way == 0)
        return begun

    def held(self, count):
        self.provider.hold = True
        for _ in range(count):
            assert self.begin()
        until(lambda: self.provider.asked >= count)

    def release(self):
        self.provider.go.set()
        until(lambda: self.calls.under_way == 0)


def test_a_call_lands_with_a_verdict_and_is_counted():
    room = Room()

    assert room.begin()

    (verdict,) = room.landed
    assert isinstance(verdict, Verdict)
    assert verdict.places[0].reason == "fits"
    assert room.counted == [("ok", 0.0)]


def test_until_its_package_is_there_nothing_is_asked():
    room = Room(load=False)
    room.clock.advance(3.0)

    assert not room.begin()
    assert (room.landed, room.counted) == (["not_ready"], [("not_ready", None)])
    assert room.calls.phase() == "loading"


def test_a_package_that_cannot_be_imported_is_told_of_and_never_asked():
    room = Room(load=False)
    room.provider.broken = ImportError("no module named so")
    room.calls.load()
    until(lambda: room.told)
    room.clock.advance(9.0)

    assert room.told == ["steered cannot be used: ImportError: no module named so"]
    assert (room.calls.phase(), room.calls.loading_seconds()) == ("loading", 9.0)


def test_no_more_calls_are_made_at_once_than_agreed():
    room = Room(concurrency=2)
    room.held(2)

    assert not room.begin()
    assert room.landed == ["overloaded"]
    assert room.counted == [("overloaded", None)]
    room.release()
    assert len(room.landed) == 3


def test_a_warm_up_leaves_a_place_free():
    room = Room(concurrency=2)
    room.held(1)

    assert not room.begin(spare=1)
    assert room.begin(spare=0)
    room.release()


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        (AiFailure("quota", "429"), "quota"),
        (AiFailure("timeout", "late"), "timeout"),
        ("prose and nothing else", "bad_answer"),
        (ZeroDivisionError("a secret"), "error"),
    ],
)
def test_a_failure_lands_under_its_name(says, outcome):
    room = Room()
    room.provider.says = says

    assert room.begin()

    assert room.landed == [outcome]
    assert room.counted == [(outcome, 0.0)]
    assert len(room.told) == 1
    assert "secret" not in room.told[0]


def test_a_catalogue_that_went_away_lands_as_an_error():
    room = Room()
    room.begin(signals=[])

    assert (room.landed, room.provider.asked) == (["error"], 0)


def test_after_failures_in_a_row_nothing_is_asked_for_a_while_and_then_one():
    room = Room(breaker=Breaker(failures=2, open_seconds=15.0), concurrency=8)
    room.provider.says = AiFailure("error", "503")
    room.begin()
    room.begin()
    assert room.calls.phase() == "open"
    assert not room.begin()
    assert room.landed[-1] == "breaker_open"
    assert room.provider.asked == 2

    room.clock.advance(15.0)
    room.provider.says, room.provider.hold = ANSWER, True
    assert room.begin()
    assert not room.begin(), "one probe at a time"
    room.release()
    assert room.calls.phase() == "ready"


def test_an_outage_and_its_end_are_told_once_each():
    room = Room()
    room.provider.says = AiFailure("error", "503")
    room.begin()
    room.begin()
    room.provider.says = ANSWER
    room.begin()
    room.begin()

    assert room.told == ["steered failed (error): 503", "steered works again"]


def test_once_closed_it_begins_nothing_and_what_is_under_way_ends():
    room = Room()
    room.held(1)
    room.calls.close()

    assert not room.begin()
    assert room.landed == ["not_ready"]
    room.release()
    assert len(room.landed) == 2


def test_where_no_thread_can_be_started_the_answer_is_local(monkeypatch):
    room = Room()

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert not room.begin()

    assert room.landed == ["overloaded"]
    assert room.calls.under_way == 0


def test_many_at_once_never_pass_the_bound_and_leave_nothing_behind():
    room = Room(concurrency=3)
    crowd = Crowd()
    for _ in range(40):
        crowd.start(room.calls.begin, Brief("cars"), lambda: SIGNALS, room.landed.append)
    begun = crowd.join()

    until(lambda: len(room.landed) == 40)
    until(lambda: room.calls.under_way == 0)
    assert room.provider.asked == sum(begun)
    assert room.landed.count("overloaded") == 40 - sum(begun)


def test_a_call_that_hangs_where_nothing_can_wake_it_is_over_at_its_deadline():
    room = Room(timeout_seconds=0.02, concurrency=1)
    room.held(1)

    until(lambda: room.landed)

    assert (room.landed, room.calls.under_way) == (["timeout"], 0)
    assert [outcome for outcome, _ in room.counted] == ["timeout"]
    room.provider.go.set()
    until(lambda: room.calls.threads == 0)
    assert room.landed == ["timeout"], "nobody is told twice"


def test_threads_that_hang_are_bounded_too():
    room = Room(timeout_seconds=0.02, concurrency=1)
    room.held(1)
    until(lambda: room.landed == ["timeout"])
    room.held(1)
    until(lambda: room.landed == ["timeout"] * 2)

    assert not room.begin()
    assert room.landed[-1] == "overloaded"
    room.provider.go.set()
    until(lambda: room.calls.threads == 0)


def test_a_verdict_in_the_same_moment_as_the_deadline_is_told_once():
    room = Room(timeout_seconds=0.005, concurrency=4)
    for _ in range(30):
        room.begin()
    until(lambda: room.calls.threads == 0)

    assert len(room.landed) == len(room.counted) == 30


def test_where_no_watchdog_can_be_started_the_answer_is_local(monkeypatch):
    room = Room()
    start = threading.Thread.start

    def refuse(thread):
        if isinstance(thread, threading.Timer):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert room.begin()
    assert (room.landed, room.calls.under_way) == (["error"], 0)


def test_an_answer_that_whoever_waits_cannot_use_leaks_nothing():
    room = Room()

    def fail(result):
        raise IndexError("a secret")

    room.calls.begin(Brief("cars"), lambda: SIGNALS, fail)
    until(lambda: room.calls.threads == 0)

    assert room.calls.under_way == 0
    assert room.told == ["steered works, and its answer was not taken: IndexError"]


@pytest.mark.parametrize("how", ["the catalogue went away", "the provider declines the question"])
def test_what_says_nothing_of_the_provider_opens_no_breaker(how):
    room = Room(breaker=Breaker(failures=1))
    room.provider.says = AiFailure("bad_answer", "blocked for safety", declined=True)

    room.begin(signals=[] if how == "the catalogue went away" else SIGNALS)

    assert room.calls.phase() == "ready"


def test_nobody_is_asked_before_the_time_that_the_provider_named():
    room = Room()
    room.provider.says = AiFailure("quota", "429", retry_after=30.0, passing=True)
    room.begin()
    room.provider.says = ANSWER

    room.clock.advance(29.9)
    assert not room.begin()
    assert (room.landed[-1], room.calls.phase()) == ("breaker_open", "open")
    room.clock.advance(0.1)
    assert room.begin()
    assert room.calls.phase() == "ready"


def test_a_probe_that_says_nothing_of_the_provider_leaves_its_place_to_the_next():
    room = Room(breaker=Breaker(failures=1, open_seconds=15.0))
    room.provider.says = AiFailure("error", "503")
    room.begin()
    room.clock.advance(15.0)
    room.begin(signals=[])
    room.provider.says = ANSWER

    assert room.begin()
    assert room.calls.phase() == "ready"
