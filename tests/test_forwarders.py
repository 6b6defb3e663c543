"""Peers that send X-Forwarded-For although no proxy is trusted: each is told of once, a hundred at most."""

from service.forwarders import KEPT, Forwarders


def test_each_peer_is_told_of_once():
    told = []
    forwarders = Forwarders(told.append)
    for peer in ("10.0.0.1", "10.0.0.2", "10.0.0.1"):
        forwarders.note(peer)

    assert told == ["10.0.0.1", "10.0.0.2"]
    assert forwarders.count() == 2


def test_beyond_a_hundred_nobody_is_remembered_or_told_of():
    told = []
    forwarders = Forwarders(told.append)
    for number in range(3 * KEPT):
        forwarders.note(f"10.0.{number // 256}.{number % 256}")

    assert len(told) == forwarders.count() == KEPT
