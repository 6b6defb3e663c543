from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily

from service.life import MetricsPort
from service.monitoring.exposition import PLACES, MetricsServer, serve_metrics
from tests.running import free_port

HOST = "127.0.0.1"
WAIT = 10


class OneGauge:
    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("up_here", "A gauge.", value=1)


class BrokenOnce:
    def __init__(self) -> None:
        self.broken = True

    def collect(self) -> Iterator[GaugeMetricFamily]:
        if self.broken:
            self.broken = False
            raise ValueError("a bug in a collector")
        yield from OneGauge().collect()


def a_registry(collector: object | None = None) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector or OneGauge())
    return registry


@contextmanager
def serving(**settings: float) -> Iterator[MetricsServer]:
    with closing(serve_metrics(a_registry(), HOST, 0, **settings)) as server:
        yield server


def connect(server: MetricsServer) -> socket.socket:
    return socket.create_connection((HOST, server.port), timeout=WAIT)


def rest(connection: socket.socket) -> bytes:
    """Return all that the server still says; empty as well if it cut the connection."""
    try:
        return b"".join(iter(lambda: connection.recv(65536), b""))
    except ConnectionResetError:
        return b""


def get(server: MetricsServer, path: str = "/metrics", **options) -> httpx.Response:
    return httpx.get(f"http://{HOST}:{server.port}{path}", timeout=WAIT, **options)


def test_metrics_are_served_as_classic_text():
    with serving() as server:
        answer = get(server)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "Server" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "up_here 1.0" in answer.text


def test_metrics_are_served_as_openmetrics_to_who_asks():
    with serving() as server:
        answer = get(server, headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_a_query_string_does_not_matter():
    with serving() as server:
        assert get(server, "/metrics?x=1").status_code == 200


def test_head_works_where_get_does():
    with serving() as server:
        answer = httpx.head(f"http://{HOST}:{server.port}/metrics", timeout=WAIT)

    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/metrics", 501)])
def test_nothing_else_is_served(method: str, path: str, status: int):
    with serving() as server:
        answer = httpx.request(method, f"http://{HOST}:{server.port}{path}", timeout=WAIT)

    assert answer.status_code == status


def test_a_taken_port_is_told_by_an_oserror():
    with serving() as server, pytest.raises(OSError, match="in use"):
        serve_metrics(a_registry(), HOST, server.port)


def test_closing_frees_the_port_and_may_be_done_twice():
    server = serve_metrics(a_registry(), HOST, 0)
    server.close()
    server.close()

    with closing(serve_metrics(a_registry(), HOST, server.port)) as again:
        assert again.port == server.port


def test_a_client_that_drips_bytes_is_cut_at_the_deadline():
    with serving(deadline_seconds=0.2) as server, closing(connect(server)) as slow:
        slow.sendall(b"GET /metrics HT")

        assert rest(slow) == b""


def test_a_connection_beyond_the_places_is_closed_and_served_again_when_one_is_free():
    with serving() as server:
        idle = [connect(server) for _ in range(PLACES)]
        with closing(connect(server)) as late:
            assert rest(late) == b""
        for connection in idle:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert b"up_here 1.0" in rest(connection)
            connection.close()


def test_a_client_that_goes_away_is_no_news(caplog: pytest.LogCaptureFixture):
    with serving(deadline_seconds=0.5) as server:
        connection = connect(server)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.sendall(b"GET /met")
        connection.close()
        assert get(server).status_code == 200

    assert caplog.records == []


def test_a_bug_in_a_collector_is_logged_and_the_next_scrape_is_served(caplog: pytest.LogCaptureFixture):
    with closing(serve_metrics(a_registry(BrokenOnce()), HOST, 0)) as server:
        with closing(connect(server)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert rest(connection) == b""
        assert get(server).status_code == 200

    assert "a scrape failed" in caplog.text


def test_a_connection_for_which_no_thread_starts_gives_its_place_back(monkeypatch: pytest.MonkeyPatch):
    def no_thread(**_: object) -> None:
        raise RuntimeError("can't start new thread")

    with serving() as server:
        with monkeypatch.context() as patch:
            patch.setattr("socketserver.threading.Thread", no_thread)
            for _ in range(PLACES + 1):
                with closing(connect(server)) as connection:
                    assert rest(connection) == b""
        assert get(server).status_code == 200


def test_a_port_that_gets_no_thread_is_closed_again_and_said():
    address = free_port()
    port = MetricsPort(CollectorRegistry, "127.0.0.1", address)
    before = threading.stack_size(1 << 46)  # more than any machine has
    try:
        port.open()
    finally:
        threading.stack_size(before)

    assert (port.port, port.fault) == (None, "can't start new thread")
    again = MetricsPort(CollectorRegistry, "127.0.0.1", address)
    again.open()
    assert (again.port, again.fault) == (address, None)
    again.close()
