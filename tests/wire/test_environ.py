"""The environ of a request: what Waitress would have made of it, and when its first byte came."""

import socket

import pytest

from service.wire.channel import Channel
from service.wire.environ import RECEIVED
from service.wire.tasks import AppTask
from tests.serving import Clock, built

HEADS = [
    b"GET /a%20b?q=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x:8000\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: ::1\r\nX-Odd-Name: \xe9\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\nabc",
    b"POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, Close\r\n\r\n",
]


@pytest.mark.parametrize("raw", HEADS)
def test_an_environ_holds_what_that_of_waitress_does(raw):
    clock = Clock()
    with built(clock) as server, socket.create_connection(server.address, 5) as client:
        accepted, address = server.socket.accept()
        channel = Channel(server, accepted, address, server.adj, map=server._map)
        parser = channel.parser_class(server.adj)
        while raw:
            raw = raw[parser.received(raw) :]
        channel.requests = [parser]
        ours = dict(channel.environ())
        task = AppTask(channel, parser)
        # Waitress reads all headers in its own spelling.
        parser.headers = {
            name.upper().replace("-", "_"): value
            for name, value in parser.head.headers.items()
            if name != "transfer-encoding"
        } | parser.headers
        theirs = dict(task.get_environment())

        assert ours.pop(RECEIVED) == clock.now
        assert ours.pop("wsgi.input").read() == (b"abc" if parser.command == "POST" else b"")
        theirs.pop("wsgi.input")
        assert ours == theirs
        assert client.getsockname()[1] == int(ours["REMOTE_PORT"])


def test_an_environ_is_made_once():
    with built(Clock()) as server, socket.create_connection(server.address, 5):
        accepted, address = server.socket.accept()
        channel = Channel(server, accepted, address, server.adj, map=server._map)
        parser = channel.parser_class(server.adj)
        parser.received(HEADS[0])
        channel.requests = [parser]

        assert channel.environ() is channel.environ()
