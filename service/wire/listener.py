"""The listening side of the server: a bound socket, Waitress' settings, and who may come in.

``Listener`` is what ``server.Server`` builds upon. Promises: a failed bind leaves nothing open, one client cannot hold
all connections, neither can many (see ``yielding``), counting costs the same however many are connected, and running
out of descriptors neither spins the loop nor closes the listening socket. Relies on ``accept``, ``_map``,
``active_channels`` and the hooks of Waitress 3.0.2's server.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from service.wire.channel import Channel
from service.wire.holding import HoldingSocket
from service.wire.loop import Loop
from service.wire.parser import Doorman, Limits
from service.wire.yielding import Yielding

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Clock = Callable[[], float]

ACCEPT_BURST = 64
PAUSE_SECONDS = 0.5
TELL_SECONDS = 60.0
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def listen(limits: Limits) -> socket.socket:
    """Return a listening socket; raises ``OSError`` if the address cannot be had."""
    family = socket.AF_INET6 if ":" in limits.host else socket.AF_INET
    dual = limits.host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((limits.host, limits.port), family=family, backlog=limits.backlog, dualstack_ipv6=dual)


def adjustments(listener: socket.socket, limits: Limits) -> Adjustments:
    """Return Waitress' settings. Deadlines, body limits and idle times are the server's own, not set here."""
    return Adjustments(
        sockets=[listener],
        backlog=limits.backlog,
        connection_limit=limits.connection_limit,
        # select() ends the process beyond descriptor 1024.
        asyncore_use_poll=True,
        # Reading on while a request runs is the only way to see that its client has gone.
        channel_request_lookahead=1,
        # REMOTE_ADDR stays the peer; the application judges forwarding headers.
        clear_untrusted_proxy_headers=False,
        log_socket_errors=False,
        expose_tracebacks=False,
        recv_bytes=16384,
        url_scheme="http",
        ident=None,
    )


def peer_address(address: Any) -> Any:
    """Return a socket address with the IPv4 client of a dual-stack socket named as IPv4."""
    return (address[0].removeprefix("::ffff:"), *address[1:])


class Peers:
    """How many connections each client has open: an IPv4 address or an IPv6 /64, as everywhere in the service."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def count(self, address: str) -> int:
        """Return the number of open connections of this address' client."""
        return self._open.get(_client(address), 0)

    def enter(self, address: str) -> None:
        """Count one more."""
        client = _client(address)
        self._open[client] = self._open.get(client, 0) + 1

    def leave(self, address: str) -> None:
        """Count one less, and forget who has none."""
        client = _client(address)
        left = self._open.get(client, 0) - 1
        if left > 0:
            self._open[client] = left
        else:
            self._open.pop(client, None)


def _client(address: str) -> str:
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts connections within the limits; ``clock`` gives monotonic seconds."""

    channel_class = Channel
    draining = False
    loop: Loop

    def __init__(
        self,
        application: WSGIApplication,
        bound: socket.socket,
        limits: Limits,
        doorman: Doorman,
        clock: Clock,
        dispatcher: Any,
    ) -> None:
        self.limits = limits
        self.doorman = doorman
        self.clock = clock
        self._paused_until = 0.0
        self._tell_at = 0.0
        self._peers = Peers()
        self._yielding = Yielding(lambda: [*self.active_channels.values()], self._peers.count, clock)
        sockinfo = (bound.family, bound.type, bound.proto, bound.getsockname())
        settings = adjustments(bound, limits)
        super().__init__(
            application, {}, True, bound, dispatcher=dispatcher, adj=settings, sockinfo=sockinfo, bind_socket=False
        )

    def del_channel(self, map: Any = None) -> None:  # noqa: A002
        """Listen no more."""
        if self._fileno is not None:
            self.loop.forget(self._fileno)
        super().del_channel(map)

    def readable(self) -> bool:
        """Return True if new connections are welcome."""
        full = len(self.active_channels) >= self.adj.connection_limit
        return self.accepting and not full and self.clock() >= self._paused_until

    def handle_accept(self) -> None:
        """Accept what has queued up, in bursts, so that the loop is built once for many connections."""
        for _ in range(ACCEPT_BURST):
            if not self.readable() or not self._accept_one():
                return

    def handle_error(self) -> None:
        """Log a bug met while accepting; Waitress would close the listening socket."""
        self.logger.exception("Could not accept a connection")

    def _accept_one(self) -> bool:
        try:
            accepted = self.accept()
        except OSError as error:
            if error.errno in _EXHAUSTED:
                self._paused_until = self.clock() + PAUSE_SECONDS
                self._tell(f"No connection can be accepted: {error.strerror}")
            return False
        if accepted is None:
            return False
        connection, address = accepted[0], peer_address(accepted[1])
        if self._crowded(address[0]):
            connection.close()
        else:
            self._admit(connection, address)
            self._make_room()
        return True

    def _make_room(self) -> None:
        """Have somebody give way if the last place was taken, for the next who comes; nobody in a drain."""
        if len(self.active_channels) < self.adj.connection_limit or self.draining:
            return
        self._tell(f"All {self.adj.connection_limit} connections are taken: waiting ones give way")
        channel = self._yielding.next()
        if channel is not None:
            channel.give_up()

    def _tell(self, message: str) -> None:
        """Log a warning, one in a minute: there may be thousands of reasons a second."""
        if self.clock() >= self._tell_at:
            self._tell_at = self.clock() + TELL_SECONDS
            self.logger.warning(message)

    def _crowded(self, peer: str) -> bool:
        limit = self.limits.client_connections
        return 0 < limit <= self._peers.count(peer) and self.doorman.limits_connections(peer)

    def _admit(self, connection: socket.socket, address: Any) -> None:
        self._peers.enter(address[0])
        try:
            self.set_socket_options(connection)
            connection = HoldingSocket.of(connection)
            self.channel_class(self, connection, address, self.adj, map=self._map)
        except OSError:
            # The client has gone already.
            connection.close()
            self.forget(address[0])

    def forget(self, peer: str) -> None:
        """Strike a closed connection off its peer's count."""
        self._peers.leave(peer)
