"""How connections to Redis are made: plain, through TLS, or to the master that the sentinels name.

Every connection speaks RESP2, which every Redis and Valkey understands without a greeting; nothing is tried twice, and
each step has the one time-out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis.connection import Connection, ConnectionPool, SSLConnection
from redis.sentinel import Sentinel, SentinelConnectionPool

from service.redis_url import RedisUrl

Connect = Callable[[], Connection]


def connector(url: RedisUrl, seconds: float) -> Connect:
    """Return what makes a connection that is open, or raises what the client raises. May take several steps."""
    pool = _sentinels(url, seconds) if url.service else _server(url, seconds)

    def connect() -> Connection:
        connection: Connection = pool.connection_class(**pool.connection_kwargs)
        connection.connect()
        return connection

    return connect


def _server(url: RedisUrl, seconds: float) -> ConnectionPool:
    host, port = url.hosts[0]
    kind = SSLConnection if url.tls else Connection
    return ConnectionPool(connection_class=kind, host=host, port=port, **_options(url, seconds))


def _sentinels(url: RedisUrl, seconds: float) -> ConnectionPool:
    waits = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    sentinels = Sentinel(url.hosts, sentinel_kwargs=waits | {"protocol": 2, "driver_info": None})
    return SentinelConnectionPool(url.service, sentinels, **_options(url, seconds))


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
