"""The door: which stages each class of route passes, what is counted and logged, and what the doorman says."""

import io
import json
import re

import pytest

from service import door
from service.blocks import ATTACK, Blocks
from service.errors import ContentTooLarge, InvalidInput, Overloaded, Refused, Unauthorized
from service.forwarders import Forwarders
from service.messages import Response
from service.observation import observation
from service.routes import ROUTES
from service.secret import Secrets
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.drain import drain
from service.stages.identify import finder
from service.stages.operator import gatekeeper, operator
from service.state import State
from service.wire.strict import Head
from tests.doubles import FakeClock
from tests.running import TOKEN, Running, TrickyRanker, request_bytes, wait_for
from tests.test_web import environ_of

CLIENT = "192.0.2.1"


class House:
    """A front over doubles of every handler, with real stages and a clock that stands still."""

    def __init__(self, folder, **settings):
        self.settings = Settings.from_env({"RATE_LIMIT": "2/60", "OPERATOR_TOKEN": TOKEN} | settings)
        self.output, self.clock = io.StringIO(), FakeClock()
        secrets = Secrets.of(self.settings)
        self.watching = observation(self.settings, secrets, self.output, self.clock, self.clock, lambda change: None)
        self.blocks = Blocks(15, State(folder / "state.db", self.clock, print), self.clock)
        self.check = gatekeeper(secrets.operator_token, self.blocks, self.clock)
        handlers = {route.name: self.answer for route in ROUTES}
        at_hand = {name: handlers.pop(name) for name in ("search", "alive")}
        client_of = finder(self.settings.trusted_proxies)
        self.front = door.front(
            self.settings,
            self.watching,
            self.blocks,
            SlidingWindow(*self.settings.rate_limit, clock=self.clock),
            operator(self.check),
            drain(lambda request: False),
            lambda request, proceed: proceed(request),
            door.Agents(lambda refusal, request: Response(refusal.status), lambda request, proceed: proceed(request)),
            Forwarders(lambda peer: None),
            client_of,
            at_hand,
            handlers,
        )
        self.doorman = door.doorman(self.settings, self.watching, self.check, client_of, lambda environ: False)
        self.answer_with = Response(200)

    def answer(self, request, argument):
        if isinstance(self.answer_with, Exception):
            raise self.answer_with
        return Response(self.answer_with.status)

    def ask(self, path, method="GET", **headers):
        sent = []
        environ = environ_of(method, path, host="signals.example", **headers)
        body = b"".join(self.front(environ, lambda status, headers: sent.append((int(status[:3]), dict(headers)))))
        [(status, headers)] = sent
        return status, headers, body

    def statuses(self, path, times, method="GET", **headers):
        return [self.ask(path, method, **headers)[0] for _ in range(times)]

    def logged(self):
        self.watching.journal.close()
        return [json.loads(line) for line in self.output.getvalue().splitlines()]


@pytest.fixture
def house(tmp_path):
    found = House(tmp_path)
    yield found
    found.watching.journal.close()


BEARER = f"Bearer {TOKEN}"


@pytest.mark.parametrize("path", ["/api/signals", "/", "/openapi.json", "/nothing"])
def test_signals_and_plain_routes_are_limited_and_blocked(house, path):
    expected = 404 if path == "/nothing" else 200

    assert house.statuses(path, 3) == [expected, expected, 429]
    house.blocks.charge(CLIENT, 2 * ATTACK, "test")
    assert house.statuses(path, 1) == [403]


@pytest.mark.parametrize("path", ["/health", "/api/monitoring/health"])
def test_express_routes_are_neither_limited_nor_blocked(house, path):
    house.blocks.charge(CLIENT, 2 * ATTACK, "test")

    assert house.statuses(path, 5) == [200] * 5


@pytest.mark.parametrize(
    ("method", "path"),
    [(route.method, route.endpoint.replace("{client}", CLIENT)) for route in ROUTES if route.operator],
)
def test_operators_routes_want_the_token_and_nothing_else(house, method, path):
    house.blocks.charge(CLIENT, 2 * ATTACK, "test")

    assert house.statuses(path, 1, method) == [401]
    assert house.statuses(path, 5, method, authorization=BEARER) == [200] * 5


def test_every_request_is_counted_and_logged_once_whatever_becomes_of_it(house):
    for answer in (
        Response(200),
        InvalidInput("no", field="x"),
        Overloaded("full", retry_after=1),
        ZeroDivisionError(),
    ):
        house.answer_with = answer
        house.ask("/health")
    house.ask("/api/debug")
    totals = house.watching.tally.totals()

    assert sum(count for cell in totals.answers.values() for _, count in cell.statuses) == 5
    assert totals.in_flight == 0
    assert (totals.rejected["invalid"], totals.rejected["overloaded"]) == (1, 1)
    assert [error.status for error in house.watching.tally.recent_errors()] == [500, 503]
    lines = house.logged()
    assert [line["status"] for line in lines if line["event"] == "request"] == [200, 400, 503, 500, 401]
    assert [line["event"] for line in lines].count("bug") == 1


def test_a_walk_that_breaks_outside_its_stages_is_still_answered_and_logged(house):
    sent = []
    environ = environ_of("GET", "/health", x_forwarded_for="203.0.113.9") | {"HTTP_X_REQUEST_ID": 5}
    house.front(environ, lambda status, headers: sent.append((status, dict(headers))))

    [(status, headers)] = sent
    assert status.startswith("500")
    [line] = house.logged()
    assert (line["event"], line["request_id"]) == ("walk_broken", headers["X-Request-ID"])


# The doorman


def a_head(method="POST", path="/api/signals", **headers):
    return Head(
        method, path, "", "1.1", {name.replace("_", "-"): value for name, value in headers.items()}, path, CLIENT
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/signals"), ("GET", "/api/catalogue"), ("PUT", "/api/catalogue"), ("POST", "/nothing")],
)
def test_a_body_may_have_64_kib(house, method, path):
    assert house.doorman.body_limit(a_head(method, path, authorization=BEARER)) == 65536


@pytest.mark.parametrize("path", ["/api/catalogue", "//api/catalogue/", "/api//catalogue"])
def test_an_operators_upload_may_be_large_and_nobody_elses_is_read(house, path):
    assert house.doorman.body_limit(a_head(path=path, authorization=BEARER)) == 64 * 1024 * 1024
    for headers in ({}, {"authorization": "Bearer wrong-token"}):
        with pytest.raises(Unauthorized):
            house.doorman.body_limit(a_head(path=path, **headers))


def test_a_refusal_of_the_server_is_counted_logged_and_answered_like_any_other(house):
    refusal = ContentTooLarge("Too much.")
    answer = house.doorman.refuse(refusal, a_head(x_request_id="my-own-id"), CLIENT)
    other = house.doorman.refuse(InvalidInput("Not HTTP."), None, CLIENT)

    assert (answer.status, dict(answer.headers)["X-Request-ID"]) == (413, "my-own-id")
    assert json.loads(answer.body)["request_id"] == "my-own-id"
    assert re.fullmatch("[0-9a-f]{20}", json.loads(other.body)["request_id"])
    totals = house.watching.tally.totals()
    assert {(key.endpoint if hasattr(key, "endpoint") else key[1]) for key in totals.answers} == {"none"}
    assert totals.rejected["invalid"] == 1
    first, second = house.logged()
    assert (first["endpoint"], first["method"], first["status"], first["client"]) == ("none", "POST", 413, CLIENT)
    assert (second["method"], second["status"]) == ("none", 400)


def test_an_id_that_does_not_fit_is_replaced(house):
    answer = house.doorman.refuse(Refused("no"), a_head(x_request_id="a b"), CLIENT)

    assert json.loads(answer.body)["request_id"] != "a b"


@pytest.mark.parametrize(
    ("trusted", "limited"),
    [("0", True), ("1", False), ("192.0.2.0/24", False), ("10.0.0.0/8", True)],
)
def test_only_peers_that_carry_others_may_open_any_number_of_connections(tmp_path, trusted, limited):
    house = House(tmp_path, TRUSTED_PROXIES=trusted)

    assert house.doorman.limits_connections(CLIENT) is limited
    house.watching.journal.close()


def test_the_client_of_a_refusal_is_told_through_trusted_proxies(tmp_path):
    house = House(tmp_path, TRUSTED_PROXIES="1")
    house.doorman.refuse(Refused("no"), a_head(x_forwarded_for="203.0.113.9, 198.51.100.7"), CLIENT)

    assert [line["client"] for line in house.logged()] == ["198.51.100.7"]


# The log of the whole service


def test_every_line_is_one_json_object_and_a_request_tells_all_that_the_contract_says(tmp_path):
    with Running(tmp_path, TrickyRanker(), RATE_LIMIT="9/60") as service:
        answers = [
            service.search("cars%20%E2%80%A8%E2%80%AE&max_results=3"),
            service.search("cars%20%E2%80%A8%E2%80%AE&max_results=3"),
            service.search("%3Cscript%3Ealert(1)%3C/script%3E"),
            service.search("bug"),
            service.get("/no%C2%85%C2%9B31m%E2%80%A8thing"),
            service.send(b"GARBAGE\r\n\r\n"),
            service.send(request_bytes("GET", "/health")),
        ]
        lines = wait_for(lambda: len(service.events("request")) == 7 and service.events("request"))
        everything = service.lines()

    for line in everything:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
        assert line["level"] in ("debug", "info", "warning", "error")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x85\x9b\u2028\u202e]", service.log.getvalue())
    assert [line["request_id"] for line in lines] == [answer.header("X-Request-ID") for answer in answers]
    assert [line["status"] for line in lines] == [200, 200, 400, 500, 404, 400, 200]
    usual = {"timestamp", "level", "event", "request_id", "endpoint", "method", "status", "duration", "client", "cache"}
    for line in lines[:2]:
        assert {*line} == usual | {"spec", "max_results", "ranking_method", "queue_wait"}
        assert (line["endpoint"], line["method"], line["max_results"]) == ("/api/signals", "GET", 3)
        assert 0 <= line["queue_wait"] <= line["duration"] < 5
    assert [line["cache"] for line in lines] == ["miss", "hit", *["none"] * 5]
    assert [line["endpoint"] for line in lines[4:]] == ["other", "none", "/health"]
    for line in lines[2:6]:
        assert {*line} == usual | {"error"}
    assert lines[2]["error"].startswith("suspicious-input: ")
