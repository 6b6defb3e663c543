import contextlib
import errno
import select
import socket
import struct
from contextlib import contextmanager

import pytest

from service.errors import RequestTimeout
from service.wire.channel import Channel
from tests.running import wait_for
from tests.serving import LIMITS, Clock, built


@contextmanager
def connected():
    """One connection of a server whose loop does not run; the client's end, and the clock."""
    clock = Clock()
    with built(clock) as server, socket.create_connection(server.address, 5) as client:
        accepted, address = server.socket.accept()
        yield Channel(server, accepted, address, server.adj, map=server._map), client, clock


def test_a_new_connection_has_the_deadline_of_a_request_to_say_something():
    with connected() as (channel, _, clock):
        assert not channel.overdue(clock.now + LIMITS.request_deadline_seconds - 0.1)
        assert channel.overdue(clock.now + LIMITS.request_deadline_seconds)


def test_a_served_connection_may_idle_longer():
    with connected() as (channel, _, clock):
        channel.served = True

        assert not channel.overdue(clock.now + LIMITS.idle_seconds - 0.1)
        assert channel.overdue(clock.now + LIMITS.idle_seconds)


def owe(channel, size):
    """Have the channel send more than the kernel takes."""
    channel.outbufs[-1].append(b"x" * size)
    channel.total_outbufs_len = size
    channel.handle_write()
    assert 0 < channel.total_outbufs_len < size


def take(channel, client, size):
    """Read some bytes and let the channel send on."""
    while size > 0:
        size -= len(client.recv(size))
        channel.handle_write()


def test_an_answer_that_nobody_reads_is_overdue_after_a_while():
    with connected() as (channel, _, clock):
        owe(channel, 30_000_000)

        assert not channel.overdue(clock.now)
        assert not channel.overdue(clock.now + LIMITS.stall_seconds - 0.1)
        assert channel.overdue(clock.now + LIMITS.stall_seconds)


def test_a_client_that_reads_a_byte_now_and_then_does_not_put_that_off():
    with connected() as (channel, client, clock):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        owe(channel, 30_000_000)
        for second in range(int(LIMITS.stall_seconds)):
            assert not channel.overdue(clock.now + second)
            take(channel, client, 10)

        assert channel.overdue(clock.now + LIMITS.stall_seconds)


def test_a_slow_client_that_reads_fast_enough_is_not_dropped():
    with connected() as (channel, client, clock):
        owe(channel, 30_000_000)
        for _ in range(5):
            assert not channel.overdue(clock.now)
            owed = channel.total_outbufs_len
            take(channel, client, 4_000_000)
            # The kernel tells what was read when its buffers have some room again.
            wait_for(lambda owed=owed: channel.handle_write() or channel.total_outbufs_len < owed - LIMITS.stall_bytes)
            clock.now += LIMITS.stall_seconds

        assert not channel.overdue(clock.now)


def in_the_kernel(channel, client, size):
    """Have the kernel take an answer in whole whose client does not read."""
    channel.served = True
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    channel.outbufs[-1].append(b"x" * size)
    channel.total_outbufs_len = size
    wait_for(lambda: channel.handle_write() or channel.total_outbufs_len == 0)


def test_an_answer_that_nobody_takes_out_of_the_kernel_is_overdue_too():
    with connected() as (channel, client, clock):
        in_the_kernel(channel, client, 500_000)

        assert not channel.overdue(clock.now)
        assert channel.overdue(clock.now + LIMITS.stall_seconds)


def test_an_answer_on_its_way_outlasts_the_time_to_idle():
    with connected() as (channel, client, clock):
        in_the_kernel(channel, client, 500_000)
        channel.overdue(clock.now)
        clock.now += LIMITS.idle_seconds - 1
        size = 0
        while size < 400_000:
            size += len(client.recv(50_000))

        clock.now += 1
        assert not channel.overdue(clock.now)
        while size < 500_000:
            size += len(client.recv(50_000))
        wait_for(lambda: channel.overdue(clock.now))


def test_who_is_given_up_gets_a_reset_and_leaves_nothing_to_the_kernel():
    with connected() as (channel, client, _):
        owe(channel, 30_000_000)
        channel.give_up()

        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET


def test_who_has_taken_everything_is_closed_politely():
    with connected() as (channel, client, _):
        channel.give_up()

        assert client.recv(1) == b""


def test_the_next_of_many_requests_waits_until_the_answers_before_it_were_taken():
    with connected() as (channel, client, _):
        channel.requests = [object()]
        owe(channel, 30_000_000)
        channel.server.add_task(channel)
        assert not channel.server.task_dispatcher.queue
        assert channel.postponed and channel.writable()

        take(channel, client, 30_000_000 - LIMITS.backlog_bytes)
        assert [*channel.server.task_dispatcher.queue] == [channel]
        assert not channel.postponed
        channel.server.task_dispatcher.queue.clear()
        channel.requests = []


def test_a_request_is_late_when_its_deadline_has_passed_and_not_before():
    with connected() as (channel, _, clock):
        channel.received(b"GET /")
        channel.cut_late_request(clock.now + LIMITS.request_deadline_seconds - 0.1)
        assert not channel.requests
        assert not channel.overdue(clock.now + 1000)
        channel.cut_late_request(clock.now + LIMITS.request_deadline_seconds)

        assert [type(request.error) for request in channel.requests] == [RequestTimeout]
        assert channel.unanswered() == 1


@pytest.mark.parametrize("sent", [b"", b"GET"])
def test_bytes_that_the_kernel_still_holds_are_seen(sent):
    with connected() as (channel, client, _):
        client.sendall(sent)

        assert channel.unread() is bool(sent)
        assert channel.idle()


def test_a_false_alarm_of_the_loop_closes_nothing():
    with connected() as (channel, _, _):
        channel.handle_read()

        assert channel.connected


def test_a_client_that_resets_its_connection_is_let_go():
    with connected() as (channel, client, _):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        channel.handle_read()

        assert not channel.connected
        assert channel.server.connections == 0


def test_a_read_that_fails_closes_the_connection():
    def recv(_):
        raise OSError(110, "timed out")

    with connected() as (channel, _, _):
        channel.recv = recv
        channel.handle_read()

        assert not channel.connected


def test_a_refused_client_that_has_gone_is_not_waited_for():
    with connected() as (channel, client, _):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        channel.lingers = channel.close_when_flushed = True
        channel.handle_write()

        assert not channel.connected


def test_a_long_refusal_is_sent_before_the_connection_is_ended():
    with connected() as (channel, client, _):
        channel.lingers = channel.close_when_flushed = True
        channel.outbufs[-1].append(b"x" * 16_000_000)
        channel.total_outbufs_len = 16_000_000
        channel.handle_write()
        assert channel.close_when_flushed
        assert channel.linger_until is None

        received = 0
        while received < 16_000_000:
            select.select([client], [], [], 0.01)
            with contextlib.suppress(BlockingIOError):
                received += len(client.recv(1 << 20, socket.MSG_DONTWAIT))
            channel.handle_write()
        assert channel.linger_until is not None
        assert channel.unanswered() == 0
        assert client.recv(1) == b""
