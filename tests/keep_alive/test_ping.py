import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keep_alive import ALIVE, BODY_SECONDS, HEALTH, LONGEST_WAIT, PING_SECONDS, TRY_SECONDS, Answer, ping, watch
from tests.doubles import FakeClock
from tests.keep_alive.samples import PAGE, a_ping, an_answer, document

REFUSED = Answer(0.0, problem="connection refused")


class Server:
    """Answers what it is given, the last again and again, each ``lasts`` seconds later on the clock."""

    def __init__(self, *answers, lasts=0.1):
        self.clock, self.answers, self.lasts = FakeClock(), list(answers), lasts
        self.asked, self.slept, self.notes = [], [], []

    async def ask(self, path, seconds):
        self.asked.append(path)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.clock.advance(min(self.lasts, max(seconds, 0.0)))
        return Answer(self.clock(), answer.status, answer.headers, answer.body, answer.problem)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.clock.advance(seconds)

    def ping(self, retries=3, chance=0.0):
        return asyncio.run(ping(self.ask, lambda: chance, retries, self.notes.append, self.clock, self.sleep))


def test_a_healthy_service_is_asked_once():
    server = Server(an_answer())
    done = server.ping()

    assert (done.what, done.tries, server.asked, server.slept) == ("awake", 1, [HEALTH], [])
    assert done.seconds == pytest.approx(0.1)


def test_an_ill_service_is_awake_and_not_asked_again():
    server = Server(an_answer(503, document("unhealthy", queue="unhealthy")))

    assert server.ping().what == "ill: queue"
    assert server.asked == [HEALTH]


def test_the_plain_address_is_asked_when_the_first_answers_404():
    server = Server(an_answer(404, b""), an_answer(200, b'{"status":"ok"}'))

    assert server.ping().what == "awake (by /health; /api/monitoring/health gave HTTP 404)"
    assert server.asked == [HEALTH, ALIVE]


def test_a_server_that_is_not_there_is_tried_with_growing_pauses_and_then_failed():
    server = Server(REFUSED)
    done = server.ping()

    assert done.what == "FAILED after 4 tries: connection refused"
    assert server.slept == [8.0, 16.0, 32.0]
    assert server.asked == [HEALTH] * 4
    assert server.notes[0] == "try 1 of 4: connection refused; again in 8 s"


def test_no_retries_means_one_try():
    assert Server(REFUSED).ping(retries=0).what == "FAILED after 1 try: connection refused"


def test_an_instance_that_comes_back_during_the_retries_was_a_cold_start():
    server = Server(an_answer(502, PAGE), an_answer(502, PAGE), REFUSED, an_answer())
    done = server.ping()

    assert (done.what, done.tries, done.cold) == ("awake after cold start 24.4 s", 3, True)


def test_a_loading_page_is_waited_for():
    server = Server(*[an_answer(200, PAGE)] * 4, an_answer())

    assert server.ping().what == "awake after cold start 24.5 s"


def test_a_page_that_stays_is_not_the_service():
    assert Server(an_answer(200, PAGE)).ping().what == "FAILED after 4 tries: HTTP 200 with a web page, not the service"


def test_a_slow_first_answer_is_a_cold_start():
    assert Server(an_answer(), lasts=52.14).ping().what == "awake after cold start 52.1 s"


def test_a_redirect_to_another_host_is_reported_at_once():
    server = Server(an_answer(301, b"", problem="redirects to https://b.example"))

    assert server.ping().what == "FAILED after 1 try: redirects to https://b.example"
    assert server.slept == []


def test_retry_after_is_honoured_within_reason():
    for told, waited in (("20", 20.0), ("3600", LONGEST_WAIT), ("1", 8.0)):
        server = Server(an_answer(503, b"", retry_after=told), an_answer(503, b"", retry_after=told), an_answer())
        server.ping()
        assert server.slept == [waited]


@given(st.floats(0, 1000), st.integers(0, 10), st.floats(0, 1, exclude_max=True), st.sampled_from([None, 404, 502]))
def test_a_ping_ends_in_time_however_long_each_answer_takes(lasts, retries, chance, status):
    server = Server(an_answer(status, PAGE) if status == 502 else REFUSED, lasts=lasts)
    began = server.clock()
    done = server.ping(retries, chance)

    assert server.clock() - began <= PING_SECONDS - BODY_SECONDS + 1e-6
    assert done.tries <= retries + 1


def test_no_try_begins_that_has_no_time_left():
    server = Server(REFUSED, lasts=90.0)

    assert server.ping(retries=10).tries == 2
    assert server.clock() - 1000.0 == 90.0 + 8.0 + 90.0


def test_one_address_gets_time_enough_for_a_cold_start():
    given = []

    async def ask(path, seconds):
        given.append(seconds)
        return REFUSED

    asyncio.run(ping(ask, lambda: 0.0, 0, lambda text: None, FakeClock(), asyncio.sleep))
    assert given == [TRY_SECONDS]
    assert TRY_SECONDS > 60


# --- Again and again -----------------------------------------------------------------------------------------------


class Watching:
    """Runs ``watch`` over pings that last as long as they are told, and stops it when they are spent."""

    def __init__(self, *lengths, interval=300.0, oversleep=0.0):
        self.clock, self.lengths, self.oversleep = FakeClock(0.0), list(lengths), oversleep
        self.started, self.shown = [], []
        self.tally = asyncio.run(watch(self.ping, self.shown.append, interval, self.clock, self.sleep))

    async def ping(self):
        if not self.lengths:
            raise asyncio.CancelledError
        self.started.append(self.clock())
        self.clock.advance(self.lengths.pop(0))
        return a_ping()

    async def sleep(self, seconds):
        assert seconds > 0
        self.clock.advance(seconds + self.oversleep)


def test_pings_keep_to_the_grid_whatever_they_take():
    watching = Watching(1.0, 200.0, 0.5, 1.0)

    assert watching.started == [0.0, 300.0, 600.0, 900.0]
    assert len(watching.shown) == watching.tally.pings == 4


def test_what_a_long_ping_missed_is_left_out():
    assert Watching(700.0, 1.0, 1.0).started == [0.0, 900.0, 1200.0]


def test_a_laptop_that_slept_makes_no_burst():
    assert Watching(1.0, 1.0, 1.0, oversleep=1000.0).started == [0.0, 1300.0, 2500.0]


def test_stopping_during_the_first_ping_counts_none():
    assert Watching().tally.pings == 0


def test_three_thousand_pings_take_the_memory_of_a_thousand():
    assert len(Watching(*[0.01] * 3000, interval=1.0).tally.recent) == 1000
