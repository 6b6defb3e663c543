import ctypes
import threading
import weakref
from contextlib import nullcontext

import pytest
from waitress.task import ThreadedTaskDispatcher

from service.wire.dispatcher import Dispatcher
from tests.doubles import until


class Task:
    def __init__(self):
        self.done = threading.Event()
        self.cancelled = False

    def service(self):
        self.thread = threading.current_thread()
        self.done.set()

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def dispatcher():
    made = Dispatcher()
    yield made
    made.shutdown(timeout=5)


def do(dispatcher):
    task = Task()
    dispatcher.add_task(task)
    assert task.done.wait(10)
    return task.thread


def kill(thread):
    """Have a thread die of an exception that no request has raised."""
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(MemoryError)) == 1


def test_a_thread_that_dies_is_said_and_replaced_and_what_it_was_woken_for_is_done(dispatcher, caplog):
    dispatcher.set_thread_count(1)
    for _ in range(5):
        thread = do(dispatcher)
        kill(thread)
        assert do(dispatcher) is not thread
        until(lambda thread=thread: not thread.is_alive())

    assert len(dispatcher.threads) == 1
    assert caplog.text.count("A worker thread died") == 5


def test_an_idle_thread_keeps_nothing_of_what_it_has_done(dispatcher):
    dispatcher.set_thread_count(3)
    tasks = [Task() for _ in range(3)]
    done = [task.done for task in tasks]
    kept = [weakref.ref(task) for task in tasks]
    for task in tasks:
        dispatcher.add_task(task)
    del task, tasks
    for event in done:
        assert event.wait(10)

    until(lambda: not any(reference() for reference in kept))


def test_of_many_idle_threads_the_one_that_was_busy_last_works(dispatcher):
    dispatcher.set_thread_count(8)
    until(lambda: len(dispatcher.queue_cv._waiters) == 8)
    workers = set()
    for _ in range(30):
        workers.add(do(dispatcher))
        until(lambda: len(dispatcher.queue_cv._waiters) == 8)

    assert len(workers) == 1


def test_a_task_that_raises_is_said_and_costs_no_thread(dispatcher, caplog):
    class Faulty(Task):
        def service(self):
            super().service()
            raise SystemExit(3)

    dispatcher.set_thread_count(1)
    dispatcher.add_task(Faulty())

    assert do(dispatcher).is_alive()
    assert "Exception when servicing" in caplog.text
    assert "A worker thread died" not in caplog.text


def test_a_system_that_allows_few_threads_is_worked_with(dispatcher, monkeypatch, caplog):
    start, allowed = ThreadedTaskDispatcher.start_new_thread, iter([True, True])

    def refusing(self, target, thread_no):
        if not next(allowed, False):
            raise RuntimeError("can't start new thread")
        start(self, target, thread_no)

    monkeypatch.setattr(ThreadedTaskDispatcher, "start_new_thread", refusing)
    dispatcher.set_thread_count(50)

    assert do(dispatcher).is_alive()
    assert "Only 2 of 50 worker threads could be started" in caplog.text


def test_a_system_that_allows_no_thread_at_all_is_an_error(dispatcher, monkeypatch):
    def refusing(self, target, thread_no):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(ThreadedTaskDispatcher, "start_new_thread", refusing)
    with pytest.raises(RuntimeError, match="no worker thread"):
        dispatcher.set_thread_count(3)


def test_nothing_is_logged_for_a_task_that_waits(caplog):
    Dispatcher().add_task(Task())

    assert not caplog.records


def test_a_shutdown_cancels_what_has_not_begun(caplog):
    dispatcher, waiting = Dispatcher(), Task()
    dispatcher.add_task(waiting)

    assert dispatcher.shutdown(timeout=0)
    assert waiting.cancelled


class Held(Task):
    """Works until it is let go; with ``rest`` it waits inside ``resting()``."""

    def __init__(self, dispatcher, rest=False):
        super().__init__()
        self.began, self.free = threading.Event(), threading.Event()
        self._around = dispatcher.resting if rest else nullcontext

    def service(self):
        self.began.set()
        with self._around():
            assert self.free.wait(10)
        self.done.set()


@pytest.fixture
def few():
    made = Dispatcher(most_awake=2)
    made.set_thread_count(6)
    yield made
    made.shutdown(timeout=5)


def held(dispatcher, count, **more):
    tasks = [Held(dispatcher, **more) for _ in range(count)]
    for task in tasks:
        dispatcher.add_task(task)
    return tasks


def let_go(tasks):
    for task in tasks:
        task.free.set()
    for task in tasks:
        assert task.done.wait(10)


def test_only_so_many_threads_work_at_a_time_and_the_rest_follow_in_order(few):
    tasks = held(few, 5)
    assert tasks[0].began.wait(10) and tasks[1].began.wait(10)
    until(lambda: len(few.queue) == 3)

    assert [task.began.is_set() for task in tasks] == [True, True, False, False, False]
    tasks[1].free.set()
    assert tasks[2].began.wait(10)
    assert not tasks[3].began.is_set()
    let_go(tasks)


def test_who_rests_makes_place_for_another(few):
    resting = held(few, 4, rest=True)
    assert all(task.began.wait(10) for task in resting)
    working = held(few, 2)
    assert all(task.began.wait(10) for task in working)

    let_go([*working, *resting])
    assert do(few).is_alive()
    more = held(few, 3)
    until(lambda: sum(task.began.is_set() for task in more) == 2)
    let_go(more)


def test_relief_lets_one_more_work_until_the_queue_is_empty(few):
    tasks = held(few, 4)
    until(lambda: len(few.queue) == 2)
    few.relieve()
    assert tasks[2].began.wait(10)
    assert not tasks[3].began.is_set()

    let_go(tasks)
    again = held(few, 3)
    until(lambda: sum(task.began.is_set() for task in again) == 2)
    assert len(few.queue) == 1
    let_go(again)


def test_a_thread_that_is_none_of_these_may_rest_too(few):
    with few.resting():
        tasks = held(few, 3)
        until(lambda: sum(task.began.is_set() for task in tasks) == 2)
        assert len(few.queue) == 1
    let_go(tasks)


def test_a_thread_that_dies_leaves_its_place(few):
    for _ in range(5):
        kill(do(few))
    tasks = held(few, 2)
    assert all(task.began.wait(10) for task in tasks)
    let_go(tasks)


def test_a_task_that_fails_leaves_its_place(few):
    class Failing(Task):
        def service(self):
            raise ValueError("a bug")

    for _ in range(5):
        few.add_task(Failing())
    tasks = held(few, 2)
    assert all(task.began.wait(10) for task in tasks)
    let_go(tasks)
