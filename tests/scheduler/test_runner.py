"""The timetable at work, on real threads with short periods."""

import contextlib
import logging
import queue
import threading
import time
from datetime import UTC, datetime

import pytest
from apscheduler.events import JobExecutionEvent

from scheduler.runner import WAITING_AT_MOST, Runner, shorten
from scheduler.timetable import Job

LONG = 3600


class Account:
    """Keeps what a runner tells."""

    def __init__(self):
        self.outcomes = queue.Queue()
        self.errors = queue.Queue()

    def outcome(self, job, outcome, seconds):
        self.outcomes.put((job, outcome, seconds))

    def error(self, job, text):
        self.errors.put((job, text))

    def next(self, outcome="ok"):
        while True:
            found = self.outcomes.get(timeout=5)
            if found[1] == outcome:
                return found


class Door:
    """A job that stays inside until it is opened."""

    def __init__(self):
        self.inside = threading.Event()
        self.opened = threading.Event()
        self.entered = 0

    def __call__(self):
        self.entered += 1
        self.inside.set()
        assert self.opened.wait(5)


@pytest.fixture
def account():
    return Account()


@contextlib.contextmanager
def running(account, *jobs):
    runner = Runner(jobs, account.outcome, account.error)
    runner.start()
    try:
        yield runner
    finally:
        assert runner.stop(5)


def test_a_job_runs_at_once_and_again_and_is_accounted_for(account):
    with running(account, Job("tick", 0.01, "sampling", int)) as runner:
        job, _, seconds = account.next()
        account.next()
        [state] = runner.states()

    assert job == "tick"
    assert 0 <= seconds < 1
    assert state.runs >= 1
    assert state.failures == 0
    assert state.last_outcome == "ok"
    assert abs(state.last_run_at - time.time()) < 10
    assert abs(state.next_run_at - time.time()) < 10


def test_a_job_that_raises_is_told_in_one_line_and_runs_again(account):
    def fail():
        raise ValueError("no luck")

    with running(account, Job("unlucky", 0.01, "work", fail)) as runner:
        account.next("error")
        account.next("error")
        [state] = runner.states()

    job, text = account.errors.get(timeout=5)
    assert job == "unlucky"
    assert text.startswith("ValueError: no luck (test_runner.py:")
    assert "\n" not in text
    assert state.failures == state.runs >= 1


def test_a_slow_job_on_one_thread_does_not_stop_the_other(account):
    door = Door()
    with running(account, Job("slow", LONG, "work", door), Job("tick", 0.01, "sampling", int)):
        assert door.inside.wait(5)
        assert account.next()[0] == "tick"
        door.opened.set()


def test_runs_of_one_job_never_overlap_and_skipped_ones_are_counted_quietly(account, caplog):
    door = Door()
    with running(account, Job("slow", 0.01, "work", door)), caplog.at_level(logging.INFO, "apscheduler.scheduler"):
        assert account.next("skipped") == ("slow", "skipped", None)
        assert door.entered == 1
        door.opened.set()

    assert "maximum number of running instances" not in caplog.text


def test_the_first_run_may_be_put_off_and_be_asked_for_earlier(account):
    with running(account, Job("warmup", LONG, "work", int, first_after=LONG, jitter=10)) as runner:
        [before] = runner.states()
        assert before.runs == 0
        assert before.next_run_at > time.time() + LONG - 60

        assert runner.run_now("warmup")
        assert account.next()[0] == "warmup"
        assert not runner.run_now("unknown")


def test_a_job_that_is_running_is_not_doubled(account):
    door = Door()
    with running(account, Job("warmup", LONG, "work", door)) as runner:
        assert door.inside.wait(5)
        assert runner.run_now("warmup")
        door.opened.set()
        account.next()
        assert door.entered == 1


def test_what_is_submitted_runs_once_on_the_work_thread_and_is_contained(account):
    names = queue.Queue()

    def post():
        names.put(threading.current_thread().name)
        raise OSError("unreachable")

    with running(account) as runner:
        assert runner.submit(post, "webhook")
        job, outcome, _ = account.next("error")

    assert (job, outcome) == ("webhook", "error")
    assert names.get(timeout=5) == "scheduler-work"
    assert account.errors.get(timeout=5)[1].startswith("OSError: unreachable")


def test_submissions_wait_in_a_bounded_queue(account):
    door = Door()
    with running(account) as runner:
        runner.submit(door)
        assert door.inside.wait(5)

        taken = [runner.submit(int) for _ in range(WAITING_AT_MOST + 1)]

        assert taken == [True] * WAITING_AT_MOST + [False]
        door.opened.set()


def test_the_end_waits_no_longer_than_it_may(account):
    door = Door()
    runner = Runner([Job("stuck", LONG, "work", door)], account.outcome, account.error)
    runner.start()
    assert door.inside.wait(5)

    assert not runner.stop(0.01)
    assert runner.stop(0)
    door.opened.set()


def test_a_runner_that_does_not_run_takes_nothing(account):
    runner = Runner([Job("tick", LONG, "work", int)], account.outcome, account.error)

    assert not runner.submit(int)
    assert not runner.run_now("tick")
    assert runner.states()[0].next_run_at is None


def test_silence_is_measured_from_the_last_end_of_a_run(account):
    now = [100.0]
    runner = Runner([Job("tick", LONG, "work", int)], account.outcome, account.error, clock=lambda: now[0])

    now[0] = 116.0

    assert runner.silent_for("tick") == 16.0


def test_a_run_that_came_too_late_is_counted_as_missed(account):
    runner = Runner([], account.outcome, account.error)

    runner._missed(JobExecutionEvent(1, "tick", "default", datetime.now(UTC)))

    assert account.outcomes.get(timeout=5) == ("tick", "missed", None)


def test_two_jobs_of_one_id_are_refused(account):
    job = Job("tick", 1, "work", int)

    with pytest.raises(ValueError, match="two jobs have the same id"):
        Runner([job, job], account.outcome, account.error)


def test_an_exception_that_was_never_raised_has_no_places():
    assert shorten(KeyError("x")) == "KeyError: 'x'"
