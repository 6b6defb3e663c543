import errno
import socket

from hypothesis import given
from hypothesis import strategies as st

from service.wire.uptake import Uptake, reset_when_closed, unsent


def test_a_client_has_its_time_before_it_is_judged():
    uptake = Uptake(seconds=30, least=300)

    assert not uptake.too_slow(0, 100.0)
    assert not uptake.too_slow(0, 129.9)
    assert uptake.too_slow(299, 130.0)


def test_each_span_is_judged_by_itself():
    uptake = Uptake(seconds=30, least=300)

    assert not uptake.too_slow(0, 0.0)
    assert not uptake.too_slow(300, 30.0)
    assert not uptake.too_slow(600, 60.0)
    assert uptake.too_slow(899, 90.0)


def test_who_owed_nothing_meanwhile_begins_anew():
    uptake = Uptake(seconds=30, least=300)
    uptake.too_slow(0, 0.0)
    uptake.rest()

    assert not uptake.too_slow(0, 1000.0)
    assert uptake.too_slow(0, 1030.0)


@given(st.integers(11, 1000), st.integers(1, 50))
def test_whoever_reads_fast_enough_is_never_too_slow(pace, sweeps):
    uptake = Uptake(seconds=10, least=100)

    assert not any(uptake.too_slow(pace * second, float(second)) for second in range(sweeps))


def test_the_kernel_tells_what_a_client_has_not_taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with client, server:
        server.setblocking(False)
        assert unsent(server) == 0
        sent = 0
        try:
            while True:
                sent += server.send(b"x" * 65536)
        except BlockingIOError:
            assert 0 < unsent(server) <= sent

        reset_when_closed(server)
        server.close()
        assert unsent(server) == 0
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET
