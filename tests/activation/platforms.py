"""Platforms as tests run them: real HTTP servers on a loopback port that keep what they got and answer as told."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Got(NamedTuple):
    """One request as the platform saw it."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def document(self):
        return json.loads(self.body)


class PlatformServer:
    """Answers POST with ``status`` and GET with ``word``; ``got`` is what came. ``hold`` keeps answers back."""

    def __init__(self):
        self.got = []
        self.status = 200
        self.headers = {}
        self.word = b"{}"
        self.arrived = threading.Semaphore(0)
        self.free = threading.Event()
        self.free.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.got.append(Got(self.command, self.path, dict(self.headers), body))
                server.arrived.release()
                server.free.wait(20)
                word = server.word if self.command == "GET" else b"thank you"
                try:
                    self.send_response(server.status)
                    for name, value in server.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(word)))
                    self.end_headers()
                    self.wfile.write(word)
                except OSError:  # whoever asked has gone
                    pass

            do_GET = do_POST = answer

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def ids(self):
        """The ids of the deliveries that came, in order."""
        return [got.headers["X-Delivery-ID"] for got in self.got if got.method == "POST"]

    def close(self):
        self.free.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
