import contextlib
import socket
import threading

import psutil
import pytest

from service.ai.deadline import Deadline
from tests.doubles import Crowd, FakeClock


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_it_counts_down_to_zero():
    clock = FakeClock()
    deadline = Deadline(2.0, clock)

    clock.advance(1.5)
    assert (deadline.remaining(), deadline.passed) == (0.5, False)
    clock.advance(1.0)
    assert (deadline.remaining(), deadline.passed) == (0.0, True)


def test_who_waits_on_a_watched_socket_is_woken_when_it_is_over(pair):
    with Deadline(0.02) as deadline:
        deadline.watch(pair[0])
        pair[0].settimeout(10)
        assert pair[0].recv(1) == b""
        assert deadline.passed


def test_a_socket_that_is_watched_too_late_is_shut_at_once(pair):
    with Deadline(0.0) as deadline:
        deadline._watchdog.join(10)
        deadline.watch(pair[0])
        assert pair[0].recv(1) == b""


def test_one_that_the_other_side_has_closed_does_no_harm(pair):
    pair[1].close()
    with Deadline(0.01) as deadline:
        deadline.watch(pair[0])
        pair[0].shutdown(socket.SHUT_RDWR)
        deadline._watchdog.join(10)


def test_in_time_nothing_is_shut_and_no_thread_or_descriptor_stays(pair):
    before, files = threading.active_count(), _descriptors()
    for _ in range(20):
        with contextlib.suppress(ZeroDivisionError), Deadline(30.0) as deadline:
            deadline.watch(pair[0])
            raise ZeroDivisionError

    pair[0].sendall(b"x")
    assert pair[1].recv(1) == b"x"
    assert threading.active_count() == before
    assert _descriptors() == files


def test_many_threads_may_watch_at_once(pair):
    crowd = Crowd()
    with Deadline(0.01) as deadline:
        for _ in range(8):
            crowd.start(deadline.watch, pair[0])
        assert crowd.join() == [None] * 8
        assert pair[0].recv(1) == b""


def _descriptors():
    return psutil.Process().num_fds()
