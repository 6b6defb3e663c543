"""What the application is told of a request: its WSGI environ (PEP 3333), as Waitress would make it, for a third of it.

What is the same for all requests of a server is made once; the names of headers that everybody sends are known.
"""

from __future__ import annotations

import sys
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer

RECEIVED = "signals.received"
"""Where the environ tells when the first byte of the request came, in the server's monotonic seconds."""

_UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_USUAL = (
    *("host", "user-agent", "accept", "accept-encoding", "accept-language", "authorization", "cache-control"),
    *("connection", "cookie", "forwarded", "if-none-match", "origin", "pragma", "referer", "via", "x-adcp-auth"),
    *("sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "traceparent", "tracestate", "x-real-ip"),
    *("x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-request-id"),
)


def _key(name: str) -> str:
    return "HTTP_" + name.upper().replace("-", "_")


_KEYS = {name: _key(name) for name in _USUAL} | _UNPREFIXED


def common(server: Any) -> dict[str, Any]:
    """Return what every environ of a server holds."""
    return {
        "SERVER_PORT": str(server.effective_port),
        "SERVER_NAME": server.server_name,
        "SERVER_SOFTWARE": server.adj.ident,
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": server.adj.url_scheme,
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": ReadOnlyFileBasedBuffer,
        "wsgi.input_terminated": True,
    }


def environ_of(channel: Any, request: Any) -> dict[str, Any]:
    """Return the environ of a request whose head is sound."""
    environ: dict[str, Any] = channel.server.common_environ.copy()
    peer = channel.addr
    environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = peer[0]
    environ["REMOTE_PORT"] = str(peer[1])
    environ["REQUEST_METHOD"] = request.command
    environ["SERVER_PROTOCOL"] = "HTTP/" + request.version
    environ["PATH_INFO"] = request.path
    environ["REQUEST_URI"] = request.request_uri
    environ["QUERY_STRING"] = request.query
    environ["wsgi.input"] = request.get_body_stream()
    environ["waitress.client_disconnected"] = channel.check_client_disconnected
    environ[RECEIVED] = request.started
    for name, value in request.head.headers.items():
        environ[_KEYS.get(name) or _key(name)] = value
    # Waitress' own words for these: what was meant, and the length of a body whose chunks were put together.
    for name, value in request.headers.items():
        environ["HTTP_CONNECTION" if name == "CONNECTION" else name] = value
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ
