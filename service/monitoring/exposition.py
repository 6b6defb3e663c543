"""The metrics port: a small HTTP server of its own for ``GET /metrics``, apart from the one that serves the API.

It answers while the API is overloaded. ``prometheus_client.start_http_server`` would keep a thread for each connection
for as long as a client likes; here ``PLACES`` connections at most are served at once, each for ``DEADLINE_SECONDS`` in
all, and the next one is closed unanswered.
"""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import BoundedSemaphore, Thread, Timer
from typing import Any

from prometheus_client import CollectorRegistry

from service.monitoring.metrics import render

PLACES = 8
DEADLINE_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.1
PATH = "/metrics"

log = logging.getLogger(__name__)


class MetricsServer:
    """A running metrics port. ``port`` is the one really bound; ``close`` frees it and ends its thread."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.port: int = server.server_address[1]
        self._thread = Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="metrics-port", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            server.server_close()
            raise

    def close(self) -> None:
        """Stop listening and return when the port is free; a second call does nothing."""
        self._server.shutdown()
        self._thread.join(STOP_SECONDS)
        self._server.server_close()


def serve_metrics(
    registry: CollectorRegistry, host: str, port: int, *, deadline_seconds: float = DEADLINE_SECONDS
) -> MetricsServer:
    """Serve ``registry`` at ``host``:``port`` (0: any free one) from a daemon thread.

    Raises OSError when the port is taken or the host is none of this machine, RuntimeError when no thread can be had.
    """
    return MetricsServer(_Server(registry, host, port, deadline_seconds))


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def handle(self) -> None:
        # The time-out of a socket begins anew with each byte, so a deadline has to be a clock of its own.
        end = Timer(self.server.deadline_seconds, _cut, (self.connection,))
        end.daemon = True
        end.start()
        try:
            super().handle()
        finally:
            end.cancel()

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer as the service does: without a banner, and never taken for a page."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())
        self.send_header("X-Content-Type-Options", "nosniff")

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        body, content_type = render(self.server.registry, self.headers.get("Accept", ""))
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: a scrape every few seconds is no news."""


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 16

    def __init__(self, registry: CollectorRegistry, host: str, port: int, deadline_seconds: float) -> None:
        self.registry = registry
        self.deadline_seconds = deadline_seconds
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._places = BoundedSemaphore(PLACES)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            # No thread could be started: the place would never be given back.
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            log.warning("a scrape failed", exc_info=True)


def _cut(connection: socket.socket) -> None:
    # It may have gone by itself.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
