import threading
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.steady import SteadyScheduler
from tests.doubles import FakeClock, until


@pytest.fixture
def clocks():
    return FakeClock(1_700_000_000.0), FakeClock(50.0)


@pytest.fixture
def scheduler(clocks):
    made = SteadyScheduler(timezone=UTC, wall=clocks[0], now=clocks[1])
    made.start()
    yield made
    made.shutdown(wait=True)


def plan(scheduler, in_seconds):
    ran = threading.Event()
    first = datetime.now(UTC) + timedelta(seconds=in_seconds)
    scheduler.add_job(ran.set, IntervalTrigger(seconds=7200, timezone=UTC), id="job", next_run_time=first)
    return ran


def due_in(scheduler):
    return (scheduler.get_job("job").next_run_time - datetime.now(UTC)).total_seconds()


def test_a_clock_that_is_set_back_takes_the_timetable_with_it(scheduler, clocks):
    wall, _ = clocks
    ran = plan(scheduler, 3600)
    wall.advance(-3600)
    scheduler.wakeup()

    assert ran.wait(10)


def test_a_clock_that_is_set_forward_takes_the_timetable_with_it(scheduler, clocks):
    wall, _ = clocks
    plan(scheduler, 5)
    wall.advance(86_400)
    scheduler.wakeup()
    until(lambda: due_in(scheduler) > 86_000)

    assert due_in(scheduler) <= 86_405


def test_time_that_passes_moves_nothing(scheduler, clocks):
    plan(scheduler, 3600)
    for clock in clocks:
        clock.advance(600)
    scheduler.wakeup()

    assert 3590 < due_in(scheduler) <= 3600
