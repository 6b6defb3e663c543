"""A publisher on a real socket: serves a file with its marks, and misbehaves as it is told."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 20.0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Say nothing."""

    def do_GET(self):
        publisher = self.server.publisher
        publisher.asked.append(dict(self.headers) | {":path": self.path})
        with contextlib.suppress(OSError):
            getattr(self, f"say_{publisher.mode}")(publisher)
        self.close_connection = True

    def send(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def say_ok(self, publisher):
        marks = publisher.marks
        if any(self.headers.get(asked) == dict(marks).get(told) for asked, told in CONDITIONS if told in dict(marks)):
            self.send(304, headers=marks)
        else:
            self.send(200, publisher.body, marks)

    def say_gzip(self, publisher):
        self.send(200, gzip.compress(publisher.body), [("Content-Encoding", "gzip")])

    def say_brotli(self, publisher):
        self.send(200, publisher.body, [("Content-Encoding", "br")])

    def say_not_found(self, publisher):
        self.send(404, b"<h1>secret-path not here</h1>")

    def say_broken(self, publisher):
        self.send(500, b"oh")

    def say_truncated(self, publisher):
        self.send(200, publisher.body[: len(publisher.body) // 2], publisher.marks, len(publisher.body))

    def say_chunked(self, publisher):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (publisher.body[:1000], publisher.body[1000:], b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def say_unmeasured(self, publisher):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(publisher.body)

    def say_cut_unseen(self, publisher):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(publisher.body[: len(publisher.body) // 2])

    def say_drip(self, publisher):
        self.send(200, b"", length=len(publisher.body))
        for place in range(len(publisher.body)):
            if publisher.free.wait(0.02):
                return
            self.wfile.write(publisher.body[place : place + 1])

    def say_silent(self, publisher):
        publisher.free.wait(PATIENCE)

    def say_endless(self, publisher):
        self.send_response(200)
        self.end_headers()
        while not publisher.free.is_set():
            self.wfile.write(publisher.body)

    def say_huge(self, publisher):
        self.send(200, length=10**12)

    def say_moved(self, publisher):
        if self.path == publisher.moved_to:
            self.say_ok(publisher)
        else:
            self.send(302, headers=[("Location", publisher.moved_to)])

    def say_circle(self, publisher):
        self.send(302, headers=[("Location", self.path + "x")])


CONDITIONS = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))


class Publisher:
    """Serves ``body`` at ``url``; ``marks`` tells which of its marks it gives. ``asked`` are the headers that came."""

    def __init__(self, body=b""):
        self.body = body
        self.mode = "ok"
        self.gives = ("ETag",)
        self.moved_to = "/there.csv"
        self.asked = []
        self.free = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.publisher = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/catalogue.csv?key=s3cret"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def marks(self):
        digest = hashlib.sha256(self.body).hexdigest()[:16]
        every = {"ETag": f'"{digest}"', "Last-Modified": f"Mon, 01 Jan 2024 00:00:{int(digest, 16) % 60:02} GMT"}
        return [(name, every[name]) for name in self.gives]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.free.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)
