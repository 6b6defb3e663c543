import errno
import socket
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.wire.listener import PAUSE_SECONDS, Peers, listen, peer_address
from tests.serving import LIMITS, Clock, built


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40))
def test_peers_are_counted_as_they_come_and_go_and_nobody_is_kept_who_has_left(steps):
    peers, expected = Peers(), Counter()
    for peer, enters in steps:
        if enters:
            peers.enter(peer)
            expected[peer] += 1
        elif expected[peer]:
            peers.leave(peer)
            expected[peer] -= 1

    assert {peer: peers.count(peer) for peer in "abc"} == {peer: expected[peer] for peer in "abc"}
    assert len(peers._open) == len(+expected)


def test_a_peer_with_a_whole_ipv6_network_is_one_client():
    peers = Peers()
    peers.enter("2001:db8:0:1::1")
    peers.enter("2001:db8:0:1:ffff::2%eth0")

    assert peers.count("2001:db8:0:1::3") == 2
    assert peers.count("2001:db8:0:2::3") == 0


def test_an_ipv4_client_of_a_dual_stack_socket_is_named_as_ipv4():
    assert peer_address(("::ffff:10.0.0.1", 80, 0, 0)) == ("10.0.0.1", 80, 0, 0)
    assert peer_address(("2001:db8::1", 80, 0, 0))[0] == "2001:db8::1"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_a_host_that_means_any_ipv6_address_takes_ipv4_as_well():
    with listen(replace(LIMITS, host="::")) as bound, socket.create_connection(("127.0.0.1", bound.getsockname()[1])):
        connection, address = bound.accept()
        connection.close()

    assert peer_address(address)[0] == "127.0.0.1"


@pytest.mark.parametrize("fault", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_out_of_descriptors_the_server_stops_listening_for_a_moment_and_says_so_once(fault, caplog):
    clock = Clock()
    with built(clock) as server:

        def accept():
            raise OSError(fault, "exhausted")

        server.accept = accept
        server.handle_accept()
        assert server.accepting
        assert not server.readable()

        clock.now += PAUSE_SECONDS
        assert server.readable()
        server.handle_accept()

    assert len(caplog.records) == 1


def test_another_fault_of_accept_is_passed_over():
    with built(Clock()) as server:

        def accept():
            raise OSError(errno.EPROTO, "protocol error")

        server.accept = accept
        server.handle_accept()

        assert server.readable()


def test_a_client_that_has_gone_before_it_is_let_in_leaves_no_trace():
    with built(Clock()) as server:
        ours, theirs = socket.socketpair()
        theirs.close()
        ours.close()
        server.accept = iter([(ours, ("10.0.0.1", 1)), None]).__next__
        server.handle_accept()

        assert server.connections == 0
        assert server._peers.count("10.0.0.1") == 0


def test_a_bug_while_accepting_does_not_close_the_door(caplog):
    with built(Clock()) as server:
        try:
            raise KeyError("a bug")
        except KeyError:
            server.handle_error()

        assert server.readable()
        assert "Could not accept" in caplog.text


@pytest.mark.parametrize(("draining", "left"), [(False, 0), (True, 1)])
def test_in_a_drain_nobody_gives_way(draining, left):
    clock = Clock()
    with built(clock) as server, socket.create_connection(server.address, 5):
        server.handle_accept()
        clock.now += 1
        server.adj.connection_limit = 1
        server.draining = draining
        server._make_room()

        assert server.connections == left
        server.draining = False
