from dataclasses import dataclass

from service.wire.yielding import YOUNG_SECONDS, Yielding
from tests.doubles import FakeClock


@dataclass
class FakeConnection:
    name: str
    since: float = 0.0
    client: str = "192.0.2.1"
    served: bool = True
    kept: bool = True
    busy: bool = False
    bytes_came: bool = False

    @property
    def addr(self):
        return self.client, 1234

    def waits(self):
        return not self.busy

    def waits_since(self):
        return self.since

    def idle(self):
        return self.kept

    def unread(self):
        return self.bytes_came


def order_of(*connections):
    """Return the names of the connections in the order in which they give way."""
    crowd = [connection.client for connection in connections].count
    open_still = [*connections]
    yielding = Yielding(lambda: open_still, crowd, FakeClock(1000.0))
    names = []
    while (gone := yielding.next()) is not None:
        open_still.remove(gone)
        names.append(gone.name)
    return names


def test_kept_connections_give_way_before_requests_that_have_not_arrived():
    assert order_of(FakeConnection("half a request", kept=False), FakeConnection("kept", since=900.0)) == [
        "kept",
        "half a request",
    ]


def test_a_connection_that_never_said_a_thing_is_not_a_kept_one():
    assert order_of(FakeConnection("silent", served=False), FakeConnection("kept", since=900.0)) == ["kept", "silent"]


def test_of_the_client_with_the_most_connections_the_one_that_waits_longest_goes_first():
    crowd = [FakeConnection(f"crowd {age}", since=500.0 - age, client="192.0.2.66") for age in (10, 30, 20)]

    assert order_of(FakeConnection("alone", since=1.0), *crowd) == ["crowd 30", "crowd 20", "crowd 10", "alone"]


def test_nobody_gives_way_who_is_being_served_or_has_come_just_now_or_has_just_asked():
    busy = FakeConnection("busy", busy=True)
    young = FakeConnection("young", since=1000.0 - YOUNG_SECONDS / 2)
    asking = FakeConnection("asking", bytes_came=True)

    assert order_of(busy, young, asking) == []


def test_who_was_found_and_is_busy_by_now_is_passed_over():
    one, two = FakeConnection("one", since=1.0), FakeConnection("two", since=2.0)
    yielding = Yielding(lambda: [one, two], lambda client: 1, FakeClock(1000.0))
    assert yielding.next() is one
    two.busy = one.busy = True

    assert yielding.next() is None
