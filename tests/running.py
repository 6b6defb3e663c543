"""The whole service as tests run it: in this process on a free port, or as a process of its own.

``python -m tests.running`` is the service with the ranker of this file, for tests that need a slow request in it.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from service.app import build
from service.catalogue.store import Store
from service.life import own_process
from service.messages import Deployment, Signal
from service.ranking.local import LocalRanker
from service.settings import Settings

PATIENCE = 30.0
TOKEN = "a-token-of-operators"
OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
DEFAULTS = {
    "PORT": "0",
    "METRICS_PORT": "0",
    "SLOTS": "2",
    "QUEUE_SIZE": "8",
    "RATE_LIMIT": "1000000/60",
    "WARM_QUERIES": "warmth",
    "LOCAL_RANKING": "text",
    "INSTANCE_ID": "test-1",
    "DRAIN_SECONDS": "10",
}


class Answer(NamedTuple):
    """What came back; header names are matched whatever their case, repeated ones are joined by a comma."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def document(self):
        return json.loads(self.body)

    @property
    def ids(self):
        return [signal["signal_agent_segment_id"] for signal in self.document["signals"]]


class Caller:
    """Asks the service at ``address``, with a new connection for each request."""

    address = ("127.0.0.1", 0)

    def ask(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def get(self, target, **headers):
        return self.ask("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def search(self, spec, **headers):
        return self.get(f"/api/signals?spec={spec}", **headers)

    def post(self, document, **headers):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.ask("POST", "/api/signals", body, {"Content-Type": "application/json"} | headers)

    def upload(self, body, query="", headers=OPERATOR, content_type="text/csv"):
        return self.ask("POST", f"/api/catalogue{query}", body, {"Content-Type": content_type} | headers)

    def connect(self):
        return socket.create_connection(self.address, PATIENCE)

    def send(self, raw):
        """Send bytes as they are and return the answer to them."""
        with self.connect() as connection:
            connection.sendall(raw)
            return receive(connection)

    def held(self, work):
        """Start asking in a thread; returns a function that waits for the answer."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(work()), daemon=True)
        thread.start()

        def wait():
            thread.join(PATIENCE)
            assert answers, "no answer came"
            return answers[0]

        return wait


class Running(Caller):
    """A service in this process, served by a thread until ``stop``."""

    def __init__(self, folder, ranker=None, catalogue=None, **settings):
        self.folder = folder
        self.database = folder / "signals.db"
        if catalogue is not None:
            Store(self.database).import_rows(catalogue)
        self.log = io.StringIO()
        self.service = build(Settings.from_env(environment(folder, settings)), self.log, ranker)
        self.address = self.service.server.address
        self.code = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        # The metrics port and the scheduler start beside the server, the scheduler last.
        wait_for(lambda: self.service.runner.states()[0].next_run_at is not None)
        wait_for(lambda: self.events("started"))

    def _run(self):
        self.code = self.service.run()

    def stop(self):
        """Drain, and return the exit code."""
        self.service.drain()
        return self.ended()

    def ended(self):
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the service did not end"
        return self.code

    def lines(self):
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def events(self, event, **fields):
        """Return the log lines of an event that hold these fields."""
        return [line for line in self.lines() if line["event"] == event and fields.items() <= line.items()]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()


class Process(Caller):
    """``python -m service`` (or ``tests.running``) as a process of its own; its log goes to a file."""

    start_seconds = PATIENCE

    def __init__(self, folder, module="service", **settings):
        self.folder = folder
        self.database = folder / "signals.db"
        self._log = folder / "log.jsonl"
        self._log.touch()
        # Whoever ran in this folder before has written there too.
        self.log_began = known = len(self._log.read_bytes())
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdout=output,
                stderr=output,
                env=os.environ | environment(folder, settings),
                cwd=Path(__file__).parent.parent,
            )
        try:
            started = wait_for(
                lambda: [line for line in self.lines(known) if line["event"] == "started"], self.start_seconds
            )
        except BaseException:
            self.kill()
            raise
        host, _, port = started[0]["address"].removeprefix("http://").rpartition(":")
        self.address = (host, int(port))

    def lines(self, offset=0):
        # The last line may be half written.
        whole = self._log.read_bytes()[offset:].rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def events(self, event, **fields):
        return [line for line in self.lines() if line["event"] == event and fields.items() <= line.items()]

    def signal(self, number):
        self.process.send_signal(number)

    def ended(self):
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.kill()


class TrickyRanker(LocalRanker):
    """Ranks as ever, but lets a brief wait that begins with ``slow`` and fails at one that begins with ``bug``."""

    def __init__(self):
        super().__init__()
        self.entered = threading.Semaphore(0)
        self.release = threading.Event()

    def rank(self, library, brief):
        if brief.spec.startswith("bug"):
            raise ZeroDivisionError("a secret inside: " + brief.spec)
        if brief.spec.startswith("slow"):
            self.hold()
        return super().rank(library, brief)

    def hold(self):
        self.entered.release()
        assert self.release.wait(PATIENCE)

    def busy(self):
        """Wait until one more brief waits."""
        assert self.entered.acquire(timeout=PATIENCE)


class FifoRanker(TrickyRanker):
    """Lets slow briefs wait until somebody has opened the FIFO for writing and closed it."""

    def __init__(self, fifo):
        super().__init__()
        self._fifo = fifo

    def hold(self):
        with Path(self._fifo).open("rb") as gate:
            gate.read()


def open_fifo(fifo):
    """Open a FIFO for writing as soon as a slow brief waits at it; closing it lets the brief go."""

    def attempt():
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads yet
            return None

    return wait_for(attempt)


def environment(folder, settings):
    paths = {"DATABASE_PATH": str(folder / "signals.db"), "STATE_PATH": str(folder / "state.db")}
    return DEFAULTS | paths | {name: str(value) for name, value in settings.items()}


def a_catalogue(count=30, word="gadget"):
    """Return signals that all match ``word``."""
    return [
        Signal(
            f"{word}-{number}",
            f"{word.capitalize()} fans {number}",
            f"People who like the {word} number {number}",
            deployments=(Deployment("dv360"),),
        )
        for number in range(count)
    ]


def multipart(*files):
    """Return the body of a form with files (name, content) and its content type."""
    parts = [
        b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n%b\r\n' % (name, content)
        for name, content in files
    ]
    return b"".join(parts) + b"--frontier--\r\n", "multipart/form-data; boundary=frontier"


def csv_of(count, word="gadget"):
    return b"id,name,description\n" + b"".join(
        b"%b-%d,%b number %d,all about one %b\n" % (word.encode(), n, word.encode(), n, word.encode())
        for n in range(count)
    )


def receive(connection):
    """Read one answer from a socket."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, response.getheaders(), response.read())


def request_bytes(method, target, headers=(), body=b""):
    """Return a request as bytes, whatever is in its target."""
    target = target if isinstance(target, bytes) else target.encode("latin-1")
    lines = [b"%b %b HTTP/1.1" % (method.encode(), target), b"Host: localhost"]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in headers]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def wait_for(find, seconds=PATIENCE):
    """Return what ``find()`` returns as soon as it is true; fail after some seconds.

    The longer it takes, the more seldom it looks: who asks a service two hundred times a second keeps it from its work.
    """
    began = time.monotonic()
    while not (found := find()):
        waited = time.monotonic() - began
        assert waited < seconds, "it never came true"
        threading.Event().wait(min(0.005 + waited / 20, 0.1))
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    service = build(Settings.from_env(os.environ), ranker=FifoRanker(os.environ["SLOW_FIFO"]))
    own_process(service)
    sys.exit(service.run())
