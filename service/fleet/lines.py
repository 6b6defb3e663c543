"""How connections to Redis are made: plain, through TLS, or to the master that the sentinels name.

Every connection speaks RESP2, which every Redis and Valkey understands without a greeting; nothing is tried twice, and
each step has the one time-out.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from service.redis_url import RedisUrl
from service.wire.holding import HoldingSocket

Connect = Callable[[], Connection]


def connector(url: RedisUrl, seconds: float) -> Connect:
    """Return what makes a connection that is open, or raises what the client raises. May take several steps."""
    return _by_sentinels(url, seconds) if url.service else _straight(url, seconds)


def taken_over(connection: Connection) -> socket.socket:
    """Return the open socket of a connection, which never waits from now on; the connection itself is done with."""
    taken: socket.socket = connection._sock  # type: ignore[assignment]
    connection._sock = None
    connection.disconnect()
    taken.setblocking(False)
    return taken if isinstance(taken, ssl.SSLSocket) else HoldingSocket.of(taken)


def _straight(url: RedisUrl, seconds: float) -> Connect:
    kind = SSLConnection if url.tls else Connection
    (host, port), options = url.hosts[0], _options(url, seconds)

    def connect() -> Connection:
        connection = kind(host=host, port=port, **options)
        connection.connect()
        return connection

    return connect


def _by_sentinels(url: RedisUrl, seconds: float) -> Connect:
    waits = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    once = {"protocol": 2, "driver_info": None, "retry": Retry(NoBackoff(), 0)}
    sentinels = Sentinel(url.hosts, sentinel_kwargs=waits | once)
    pool = SentinelConnectionPool(url.service, sentinels, **_options(url, seconds))

    def connect() -> Connection:
        try:
            # Not by the pool, which makes no more than a hundred in its life.
            connection: Connection = pool.connection_class(**pool.connection_kwargs)
            connection.connect()
            return connection
        finally:
            # They are asked rarely, and not by this connection again.
            for sentinel in sentinels.sentinels:
                sentinel.connection_pool.disconnect()

    return connect


def _options(url: RedisUrl, seconds: float) -> dict[str, Any]:
    return {
        "db": url.database,
        "username": url.username,
        "password": url.password,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "socket_keepalive": True,
        "protocol": 2,
        "driver_info": None,  # two round trips fewer
    }
