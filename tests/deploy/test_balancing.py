"""What the real HAProxy and the real nginx make of instances that end, of paths, and of what may not be repeated."""

import contextlib
import http.client
import http.server
import itertools
import json
import signal
import ssl
import subprocess
import threading

import pytest

from service.routes import ROUTES
from tests.deploy.proxies import BOTH, haproxy, needs
from tests.running import OPERATOR, TOKEN, Process, free_port, wait_for

QUESTION = {"signal_spec": "cars", "max_results": 1}
SPELLINGS = (
    "/api/monitoring/stats",
    "//api/monitoring/stats",
    "/api/monitoring//stats/",
    "/api/%6donitoring/stats",
    "/api%2fmonitoring%2fstats",
    "/api/signals/../monitoring/stats",
    "/api/signals/%2e%2e/monitoring/stats",
    "/api/signals/..%2fmonitoring/stats",
    "/api/monitoring/health/../stats",
    "/api/monitoring/stats/../../signals",
    "/health/../api/debug",
    "/API/debug",
)


@pytest.fixture(params=BOTH)
def start(request):
    """Start one of the two proxies."""
    return request.param


@contextlib.contextmanager
def two_instances(tmp_path, **settings):
    with contextlib.ExitStack() as stack:
        instances = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            # Of those who may wait for one answer, a client is a part of QUEUE_SIZE: here all come from one address.
            service = Process(tmp_path / name, TRUSTED_PROXIES=1, INSTANCE_ID=name, QUEUE_SIZE=100, **settings)
            instances.append(stack.enter_context(service))
        yield instances


class Load:
    """Threads that search through a proxy, by turns with GET and POST, until they are told to end."""

    def __init__(self, proxy, threads=4):
        self.statuses = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(proxy,), daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, proxy):
        try:
            while not self._over.is_set():
                self.statuses.append(proxy.get("/api/signals?spec=cars&max_results=1").status)
                self.statuses.append(proxy.post(QUESTION).status)
        except Exception as error:  # a connection that broke is a failed request
            self.statuses.append(repr(error))

    def goes_on(self, more=60):
        """Wait for so many more answers."""
        count = len(self.statuses) + more
        wait_for(lambda: len(self.statuses) >= count or not any(thread.is_alive() for thread in self._threads))

    def end(self):
        self._over.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()
        return self.statuses


def test_instances_restarted_one_after_the_other_under_load_cost_no_failed_request(tmp_path, start):
    with two_instances(tmp_path) as instances, contextlib.ExitStack() as stack:
        proxy = stack.enter_context(start(tmp_path, *[instance.address for instance in instances]))
        load = Load(proxy)
        stack.callback(load.end)
        load.goes_on()
        for instance in instances:
            instance.signal(signal.SIGTERM)
            assert instance.ended() == 0
            load.goes_on()
            folder = instance.folder.with_name("again-" + instance.folder.name)
            folder.mkdir()
            again = stack.enter_context(Process(folder, PORT=instance.address[1], TRUSTED_PROXIES=1, QUEUE_SIZE=100))
            # The next one may not go before this one is asked again.
            wait_for(lambda again=again: again.events("request", endpoint="/api/signals"))

        statuses = load.end()

    assert len(statuses) > 200
    assert set(statuses) == {200}


@needs("haproxy")
def test_an_instance_that_is_short_of_processor_stays_one_of_those_that_are_asked(tmp_path):
    checks = itertools.count(1)
    told = []

    def starved():
        number = next(checks)
        # Longer than the second that HAProxy gives a check unless it is told otherwise.
        threading.Event().wait(1.3)
        told.append(number)

    with a_server(200, well_after=starved) as (slow, asked), haproxy(tmp_path, slow) as proxy:
        wait_for(lambda: len(told) >= 2)

        assert proxy.search("cars").status == 200
        assert asked
        assert "signals-1 is DOWN" not in proxy.log.read_text()


def test_a_killed_instance_costs_no_search_that_was_asked_afterwards(tmp_path, start):
    with (
        two_instances(tmp_path) as instances,
        start(tmp_path, *[instance.address for instance in instances]) as proxy,
    ):
        assert {proxy.search("cars").status for _ in range(10)} == {200}
        instances[0].kill()

        assert [proxy.search("cars").status for _ in range(20)] == [200] * 20
        assert [proxy.post(QUESTION).status for _ in range(20)] == [200] * 20


def test_with_no_instance_left_the_proxy_refuses_in_the_form_of_the_service(tmp_path, start):
    with start(tmp_path) as proxy:
        answer = proxy.search("cars", X_Request_ID="nobody-there")

    assert answer.status == 503
    assert answer.header("Content-Type") == "application/problem+json"
    assert int(answer.header("Retry-After")) > 0
    assert answer.header("X-Request-ID") == "nobody-there"
    assert answer.document["type"] == "/problems/unavailable"
    assert answer.document["request_id"] == "nobody-there"


@contextlib.contextmanager
def a_server(status, well_after=lambda: None):
    """A stand-in for an instance: it is well, and answers all else with one status; yields what it was asked.

    ``well_after`` is called before it says how it is.
    """
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            well = self.path == "/api/monitoring/health"
            if well:
                well_after()
            # What the proxy asks for itself comes from nobody.
            if self.headers["X-Forwarded-For"]:
                asked.append(f"{self.command} {self.path}")
            body = json.dumps({"status": status}).encode()
            self.send_response(200 if well else status)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_GET

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.mark.parametrize(
    ("method", "path", "repeated"),
    [
        ("GET", "/api/signals?spec=cars", True),
        ("GET", "/api/signals/one", True),
        ("POST", "/api/signals", True),
        ("POST", "/mcp", False),
        ("POST", "/api/signals/one/activate", False),
    ],
)
def test_only_what_changes_nothing_is_asked_again_of_another_instance(tmp_path, start, method, path, repeated):
    with (
        a_server(503) as (one, asked_one),
        a_server(503) as (two, asked_two),
        start(tmp_path, one, two) as proxy,
    ):
        answer = proxy.ask(method, path, b"{}" if method == "POST" else None)

        assert answer.status == 503
        # What comes is the service's own refusal, which says more than a proxy could.
        assert answer.document == {"status": 503}
        times = [len(asked_one), len(asked_two)]
        assert min(times) >= 1 if repeated else sorted(times) == [0, 1]


def test_every_public_route_passes_and_no_operators_route_does(tmp_path, start):
    with a_server(200) as (address, asked), start(tmp_path, address) as proxy:
        for route in ROUTES:
            asked.clear()
            path = route.endpoint.replace("{id}", "auto-suv-intenders").replace("{client}", "192.0.2.1")
            answer = proxy.ask(route.method, path, b"{}" if route.method == "POST" else None, OPERATOR)
            public = not route.operator
            assert answer.status == (200 if public else 404), route
            assert asked == ([f"{route.method} {path}"] if public else []), route


def test_no_spelling_of_an_operators_path_gets_through(tmp_path, start):
    with (
        Process(tmp_path, TRUSTED_PROXIES=1, OPERATOR_TOKEN=TOKEN) as service,
        start(tmp_path, service.address) as proxy,
    ):
        assert service.get("/api/monitoring/stats", **OPERATOR).status == 200
        for path in SPELLINGS:
            assert proxy.ask("GET", path, headers=OPERATOR).status in (400, 404), path
        assert b"404" in proxy.send(b"GET http://localhost/api/debug HTTP/1.1\r\nHost: localhost\r\n\r\n").body


@needs("haproxy")
def test_haproxy_tells_prometheus_about_its_instances_on_a_port_of_its_own(tmp_path):
    port = free_port()
    with (
        Process(tmp_path, TRUSTED_PROXIES=1) as service,
        haproxy(tmp_path, service.address, BALANCER_METRICS_BIND=f"127.0.0.1:{port}") as proxy,
    ):
        assert proxy.get("/metrics").status == 404
        proxy.address = ("127.0.0.1", port)
        assert b'haproxy_server_status{proxy="signals",server="signals-1"' in proxy.get("/metrics").body
        assert proxy.get("/").status == 404


@needs("haproxy")
def test_with_a_certificate_haproxy_speaks_tls_and_sends_everybody_there(tmp_path):
    name = tmp_path / "pair.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "1",
            ),
            *("-subj", "/CN=localhost", "-keyout", name, "-out", tmp_path / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    name.write_bytes(name.read_bytes() + (tmp_path / "certificate.pem").read_bytes())
    port = free_port()
    with (
        Process(tmp_path, TRUSTED_PROXIES=1) as service,
        haproxy(tmp_path, service.address, TLS_BIND=f"127.0.0.1:{port}", TLS_CERTIFICATE=str(name)) as proxy,
    ):
        moved = proxy.search("cars")
        assert (moved.status, moved.header("Location")[:8]) == (308, "https://")
        context = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
        with contextlib.closing(connection):
            connection.request("GET", "/health")
            answer = connection.getresponse()
            assert answer.status == 200
            assert answer.headers["Strict-Transport-Security"]
