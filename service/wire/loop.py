"""Waits for the sockets that have something to do, whatever the number of those that have not.

Waitress builds its list of all connections anew for every event: with 2,000 idle ones a request costs two thousand
looks. Here the kernel keeps the list (epoll), and a connection is looked at again only when something of it may have
changed: after its own events, and when a worker says ``changed``. Where there is no epoll, Waitress' own loop serves.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Iterable, MutableMapping
from typing import Any

from waitress import wasyncore

Map = MutableMapping[int, Any]

READS = select.POLLIN | select.POLLPRI
UNKNOWN = -1


def wanted(connection: Any) -> int:
    """Return the events that a connection waits for, as Waitress' loop would ask for them."""
    flags = READS if connection.readable() else 0
    if connection.writable() and not connection.accepting:
        flags |= select.POLLOUT
    return flags


class Epoll:
    """The loop over epoll. All but ``changed`` belongs to the thread that turns it.

    What is watched for stands in the connection's ``watched`` too. It is unknown while the loop is looking, so that a
    worker that compares (see ``Channel.tell``) cannot take what was for what will be.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._watched: dict[int, Any] = {}
        self._changed: deque[Any] = deque()

    def changed(self, connection: Any) -> None:
        """Have a connection looked at in the next turn; from any thread."""
        self._changed.append(connection)

    def forget(self, descriptor: int) -> None:
        """Strike off a connection before its descriptor is closed, and may become another's."""
        connection = self._watched.pop(descriptor, None)
        if connection is not None and connection.watched:
            self._epoll.unregister(descriptor)
            connection.watched = UNKNOWN

    def turn(self, seconds: float, connections: Map, always: Iterable[Any]) -> None:
        """Wait at most ``seconds`` for events and deal with them; ``always`` is looked at in every turn."""
        for connection in always:
            self._watch(connection)
        while self._changed:
            self._watch(self._changed.popleft())
        for descriptor, flags in self._epoll.poll(seconds):
            connection = self._watched.get(descriptor)
            # Closed, and perhaps opened anew for somebody else, by what came before it in this turn.
            if connection is not None and connections.get(descriptor) is connection:
                wasyncore.readwrite(connection, flags)
                self._watch(connection)

    def look_at(self, connections: Iterable[Any]) -> None:
        """Look at each of these anew: the net under whatever was not told."""
        for connection in connections:
            self._watch(connection)

    def close(self) -> None:
        self._epoll.close()

    def _watch(self, connection: Any) -> None:
        descriptor = connection._fileno
        if descriptor is None:
            return
        known = self._watched.get(descriptor) is connection
        before = connection.watched if known else 0
        connection.watched = UNKNOWN
        flags = wanted(connection)
        if flags != before:
            # Without a flag it must not be registered at all: epoll tells of hang-ups unasked.
            if not flags:
                self._epoll.unregister(descriptor)
            elif before:
                self._epoll.modify(descriptor, flags)
            else:
                self._epoll.register(descriptor, flags)
        self._watched[descriptor] = connection
        connection.watched = flags


class Poll:
    """Waitress' own loop, in the same shape."""

    def changed(self, connection: Any) -> None:
        """Need no telling."""

    def forget(self, descriptor: int) -> None:
        """Keep nothing."""

    def turn(self, seconds: float, connections: Map, always: Iterable[Any]) -> None:
        """Wait at most ``seconds`` for events and deal with them."""
        wasyncore.poll2(seconds, connections)

    def look_at(self, connections: Iterable[Any]) -> None:
        """Look at all in every turn anyway."""

    def close(self) -> None:
        """Hold nothing."""


Loop = Epoll | Poll
Best: type[Loop] = Epoll if hasattr(select, "epoll") else Poll
