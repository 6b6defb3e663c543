"""Servers that speak the wire formats of Gemini and of OpenAI, on a real socket, and misbehave as they are told.

``with FakeGemini() as fake: fake.mode = "slow"``. A good answer has the candidates in reversed order, each with a
reason, so that a test sees whose order was used. ``calls`` are the requests as they came; ``open`` counts connections.
``thinks`` is how many seconds modes ``slow`` and ``silent`` take, ``stranger`` the id that mode ``unknown_ids`` puts
first; ``blab`` fails and tells all that it was sent.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 20.0
STATUSES = {"retry_after": 429, "error_500": 500, "error_503": 503, "forbidden": 403, "not_found": 404}
MODES = (
    *("ok", "slow", "retry_after", "error_500", "error_503", "dribble", "silent", "reset", "bad_json", "prose"),
    *("empty", "safety", "unknown_ids", "duplicated_ids", "scores_out_of_range", "missing_ids", "obedient", "huge"),
    *("truncated", "redirect", "forbidden", "not_found", "nothing_fits", "blab"),
)


class Handler(BaseHTTPRequestHandler):
    """One connection of a fake."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.fake.opened(self.connection)

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass
        finally:
            self.server.fake.closed(self.connection)

    def log_message(self, *arguments):
        """Say nothing."""

    def do_POST(self):
        fake = self.server.fake
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode = fake.came(self.path, dict(self.headers), body)
        try:
            if getattr(self, f"say_{mode}", self.say_ok)(fake, mode, body) is not None:
                self.close_connection = True
        except OSError:
            self.close_connection = True

    def send(self, status, body, headers=(), announced=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def say_ok(self, fake, mode, body):
        if mode in STATUSES:
            more = [("Retry-After", fake.retry_after)] if mode == "retry_after" else []
            self.send(STATUSES[mode], json.dumps({"error": {"code": STATUSES[mode], "message": "fake"}}).encode(), more)
            return
        self.send(200, fake.envelope(mode, fake.words(mode, body)))

    def say_redirect(self, fake, mode, body):
        self.send(307, b"{}", [("Location", f"{fake.url}/elsewhere")])

    def say_blab(self, fake, mode, body):
        told = f"the key of {dict(self.headers)} is wrong at {self.path}"
        self.send_response(400, told[:200])
        body = json.dumps({"error": {"code": 400, "message": told, "status": "INVALID_ARGUMENT"}}).encode()
        for name, value in (("Content-Length", str(len(body))), ("Location", f"{fake.url}/?key={told[:200]}")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def say_slow(self, fake, mode, body):
        fake.free.wait(fake.thinks)
        self.send(200, fake.envelope("ok", fake.words("ok", body)))

    def say_silent(self, fake, mode, body):
        fake.free.wait(fake.thinks)
        return "close"

    def say_dribble(self, fake, mode, body):
        self.send(200, b"", announced=100_000)
        while not fake.free.wait(fake.pause):
            self.wfile.write(b" ")
            self.wfile.flush()
        return "close"

    def say_reset(self, fake, mode, body):
        self.send(200, b'{"half": ', announced=1000)
        self.wfile.flush()
        # A reset instead of an end: SO_LINGER with no time.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        return "close"

    def say_bad_json(self, fake, mode, body):
        self.send(200, b'{"this is": not JSON')

    def say_truncated(self, fake, mode, body):
        whole = fake.envelope("ok", fake.words("ok", body))
        self.send(200, whole[: len(whole) // 2], announced=len(whole))
        return "close"

    def say_huge(self, fake, mode, body):
        self.send(200, fake.envelope("ok", "x" * 10_000_000))


class Fake:
    """What both formats share. ``mode`` may be changed at any time; ``modes`` are used up first, one a call."""

    orders = re.compile(r"ignore|rank.(this|me)|first place|score of 1", re.IGNORECASE)

    def __init__(self, mode="ok"):
        self.mode, self.modes, self.calls = mode, [], []
        self.retry_after, self.pause, self.stranger = "0", 0.02, "never-heard-of"
        self.thinks = PATIENCE
        self.free = threading.Event()
        self._lock = threading.Lock()
        self._connections = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads, self._server.fake = True, self
        self._server.handle_error = lambda *arguments: None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def open(self):
        return len(self._connections)

    def came(self, path, headers, body):
        with self._lock:
            self.calls.append({"path": path, "headers": headers, "body": body})
            return self.modes.pop(0) if self.modes else self.mode

    def opened(self, connection):
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection):
        with self._lock:
            self._connections.discard(connection)

    def words(self, mode, body):
        """Return what the model says."""
        text = self.prompt_of(body)
        ids = re.findall(r'"id":"((?:[^"\\]|\\.)*)"', text)
        ranking = [
            {"id": id_, "score": round(0.99 - 0.01 * n, 2), "reason": f"because {n}"} for n, id_ in enumerate(ids[::-1])
        ]
        answer = {"ranking": ranking, "irrelevant": []}
        if mode == "unknown_ids":
            answer["ranking"] = [{"id": self.stranger, "score": 1, "reason": "x"}, *ranking]
        elif mode == "missing_ids":
            answer["ranking"] = ranking[:1]
        elif mode == "duplicated_ids":
            answer["ranking"] = [item for item in ranking for _ in range(3)]
        elif mode == "scores_out_of_range":
            answer["ranking"] = [item | {"score": 7 - n} for n, item in enumerate(ranking)]
        elif mode == "nothing_fits":
            answer = {"ranking": [], "irrelevant": ids}
        elif mode == "obedient":
            answer["ranking"] = self.obey(text, ranking[::-1])
        if mode == "empty":
            return ""
        said = json.dumps(answer)
        return f"Sure! Here is the ranking:\n```json\n{said}\n```\nHope it helps." if mode == "prose" else said

    def rows_of(self, body):
        """Return what a prompt says of the candidates."""
        return "\n".join(re.findall(r'\{"id":[^\n]*', self.prompt_of(body)))

    def obey(self, text, ranking):
        """Rank first whatever row asks for it, as a model does that follows the data."""
        rows = {m[1]: m[0] for m in re.finditer(r'\{"id":"([^"]*)"[^\n]*', text)}
        obeyed = [item for item in ranking if self.orders.search(rows.get(item["id"], ""))]
        rest = [item for item in ranking if item not in obeyed]
        return [item | {"score": 1.0 if item in obeyed else 0.5} for item in (*obeyed, *rest)]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self.end()

    def end(self):
        """End it; once more does no harm."""
        self.free.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)


class FakeGemini(Fake):
    """``generateContent`` of the Gemini API, v1beta."""

    def prompt_of(self, body):
        return body["contents"][0]["parts"][0]["text"]

    def envelope(self, mode, words):
        if mode == "safety":
            return json.dumps({"promptFeedback": {"blockReason": "SAFETY"}, "candidates": []}).encode()
        content = {"role": "model", "parts": [{"text": words}]}
        usage = {"promptTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 8}
        candidate = {"content": content, "finishReason": "STOP", "index": 0}
        return json.dumps({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "fake"}).encode()


class FakeOpenAi(Fake):
    """``chat/completions`` as OpenAI and those compatible with it have it; ``understands`` fewer formats if told so."""

    understands = ("json_schema", "json_object", "text")

    def came(self, path, headers, body):
        mode = super().came(path, headers, body)
        asked = body.get("response_format", {"type": "text"})["type"]
        return mode if asked in self.understands else "misunderstood"

    def prompt_of(self, body):
        return body["messages"][-1]["content"]

    def envelope(self, mode, words):
        finish = "content_filter" if mode == "safety" else "stop"
        choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": finish}
        return json.dumps({"id": "fake-1", "object": "chat.completion", "choices": [choice]}).encode()


STATUSES["misunderstood"] = 400
