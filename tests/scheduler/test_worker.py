"""One thread that works off a queue."""

import threading

import pytest

from scheduler.worker import Worker


@pytest.fixture
def worker():
    worker = Worker("test", capacity=2)
    yield worker
    worker.shutdown()
    assert worker.join(5)


class Door:
    """A call that stays inside until it is opened."""

    def __init__(self):
        self.inside = threading.Event()
        self.opened = threading.Event()

    def __call__(self):
        self.inside.set()
        assert self.opened.wait(5)


def test_calls_are_made_one_at_a_time_in_order(worker):
    made = []

    futures = [worker.submit(made.append, number) for number in range(20)]

    assert [future.result(5) for future in futures] == [None] * 20
    assert made == list(range(20))


def test_a_call_that_raises_hands_its_error_back_and_the_next_is_made(worker):
    failed = worker.submit(int, "x")

    assert isinstance(failed.exception(5), ValueError)
    assert worker.submit(int, "7").result(5) == 7


def test_offers_are_refused_while_too_many_wait_but_the_timetable_finds_room(worker):
    door, made = Door(), []
    first = worker.submit(door)
    assert door.inside.wait(5)

    assert [worker.offer(made.append, number) for number in range(3)] == [True, True, False]
    last = worker.submit(made.append, "job")
    door.opened.set()

    assert first.result(5) is None
    assert last.result(5) is None
    assert made == [0, 1, "job"]


def test_an_end_waits_for_the_call_under_way_and_drops_the_rest():
    worker, door, made = Worker("test", capacity=5), Door(), []
    worker.submit(door)
    assert door.inside.wait(5)
    worker.offer(made.append, 1)

    worker.shutdown(wait=True)

    assert not worker.join(0)
    assert not worker.offer(made.append, 2)
    with pytest.raises(RuntimeError, match="the worker was stopped"):
        worker.submit(made.append, 3)
    door.opened.set()
    assert worker.join(5)
    assert made == []
