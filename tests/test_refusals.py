"""Every way in which the service says no, through a real socket: the right status, the same form, nothing made up."""

import json
import re
from urllib.parse import quote

import pytest

from tests.running import OPERATOR, TOKEN, Running, TrickyRanker, receive, request_bytes, wait_for

JSON = [("Content-Type", "application/json")]
ATTACK = quote("<script>alert(1)</script>")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("refusals"), TRUSTED_PROXIES=1, OPERATOR_TOKEN=TOKEN) as running:
        yield running


def is_refused(answer, status, kind, field=None):
    """See that an answer is the problem document of a refusal; return its detail."""
    problem = answer.document
    assert (answer.status, problem["status"], problem["type"]) == (status, status, f"/problems/{kind}")
    assert answer.header("Content-Type") == "application/problem+json"
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("X-Request-ID") == problem["request_id"]
    assert problem["title"] and problem["detail"]
    assert problem.get("field") == field
    assert "signals" not in problem
    return problem["detail"]


QUERIES = [
    ("", "spec"),
    ("?", "spec"),
    ("?spec", "spec"),
    ("?spec=", "spec"),
    ("?spec=%20%09+", "spec"),
    ("?max_results=5", "spec"),
    ("?spec=cars&spec=cars", "spec"),
    ("?spec=" + "a" * 1001, "spec"),
    ("?spec=" + "%F0%9F%9A%97" * 1001, "spec"),
    ("?spec=a%00b", "spec"),
    ("?spec=a%1Bb", "spec"),
    ("?spec=a%C2%85b", "spec"),
    ("?spec=%FF", "spec"),
    ("?spec=%ED%A0%80", "spec"),
    ("?spec=\xff", None),
    ("?%FF=1", "query string"),
    ("?spec=cars&max_results=0", "max_results"),
    ("?spec=cars&max_results=-1", "max_results"),
    ("?spec=cars&max_results=101", "max_results"),
    ("?spec=cars&max_results=1e9", "max_results"),
    ("?spec=cars&max_results=abc", "max_results"),
    ("?spec=cars&max_results=", "max_results"),
    ("?spec=cars&max_results=5.0", "max_results"),
    ("?spec=cars&max_results=%EF%BC%95", "max_results"),
    ("?spec=cars&max_results=1&max_results=2", "max_results"),
    ("?spec=cars&limit=5", "limit"),
    ("?spec=cars&Spec=cars", "Spec"),
    ("?spec=cars;max_results=5&x=1", "x"),
    ("?spec=cars&kind=audience,nonsense", "kind"),
    ("?spec=cars&countries=USA", "countries"),
    ("?spec=cars&countries=", "countries"),
    ("?spec=cars&countries=" + ",".join(["us"] * 51), "countries"),
    ("?spec=cars&platforms=" + "x" * 129, "platforms"),
    ("?spec=cars&data_providers=" + "x" * 129, "data_providers"),
    ("?spec=cars&max_cpm=-1", "max_cpm"),
    ("?spec=cars&max_cpm=nan", "max_cpm"),
    ("?spec=cars&min_coverage_percentage=101", "min_coverage_percentage"),
    ("?spec=cars&context_id=a%0Ab", "context_id"),
    ("?spec=cars&cursor=forged", "cursor"),
    ("?spec=cars&cursor=" + "A" * 52, "cursor"),
    ("?spec=cars&cursor=" + "A" * 201, "cursor"),
    ("?spec=cars&cursor=", "cursor"),
]


@pytest.mark.parametrize(("query", "field"), QUERIES, ids=[query[:40] for query, _ in QUERIES])
def test_a_bad_question_is_refused_and_told_where(service, query, field):
    answer = service.send(request_bytes("GET", "/api/signals" + query))

    assert is_refused(answer, 400, "invalid-input", field)


@pytest.mark.parametrize("place", [0, 30, -1])
def test_a_cursor_with_one_changed_letter_is_refused(service, place):
    cursor = [*service.search("cars").document["pagination"]["cursor"]]
    cursor[place] = "A" if cursor[place] != "A" else "B"

    is_refused(service.search("cars&cursor=" + "".join(cursor)), 400, "invalid-input", "cursor")


def test_a_cursor_of_another_question_is_refused(service):
    cursor = service.search("cars").document["pagination"]["cursor"]

    assert "another query" in is_refused(service.search(f"food&cursor={cursor}"), 400, "invalid-input", "cursor")


BODIES = [
    (b"[" * 60_000, "body"),
    (b'{"a":' * 10_000, "body"),
    (b"", "body"),
    (b"{", "body"),
    (b"\xff\xfe{}", "body"),
    (b'"cars"', "body"),
    (b"[]", "body"),
    (b"{}", "signal_spec"),
    (b'{"signal_spec":null}', "signal_spec"),
    (b'{"signal_spec":["cars"]}', "signal_spec"),
    (b'{"signal_spec":"\\ud800"}', "signal_spec"),
    (b'{"signal_spec":"a\\u0000"}', "signal_spec"),
    (b'{"signal_spec":"cars","signal_spec":"cars"}', "body"),
    (b'{"signal_spec":"cars","max_results":NaN}', "body"),
    (b'{"signal_spec":"cars","max_results":' + b"9" * 5000 + b"}", "body"),
    (b'{"signal_spec":"cars","max_results":1e999}', "max_results"),
    (b'{"signal_spec":"cars","max_results":true}', "max_results"),
    (b'{"signal_spec":"cars","max_results":"5"}', "max_results"),
    (b'{"signal_spec":"cars","spec":"cars"}', "spec"),
    (b'{"signal_spec":"cars","filters":{"maxcpm":1}}', "filters.maxcpm"),
    (b'{"signal_spec":"cars","filters":[]}', "filters"),
    (b'{"signal_spec":"cars","destinations":["dv360"]}', "destinations"),
    (b'{"signal_spec":"cars","countries":"US"}', "countries"),
    (b'{"signal_spec":"cars","cursor":5}', "cursor"),
]


@pytest.mark.parametrize(("body", "field"), BODIES, ids=[body[:50] for body, _ in BODIES])
def test_a_bad_body_is_refused_and_told_where(service, body, field):
    is_refused(service.post(body), 400, "invalid-input", field)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_a_body_of_another_type_is_refused(service, media):
    is_refused(service.post(b'{"signal_spec":"cars"}', **{"Content-Type": media}), 415, "unsupported-media-type")


def test_a_post_takes_nothing_from_its_query_string(service):
    answer = service.ask("POST", "/api/signals?spec=x", b'{"signal_spec":"cars"}', dict(JSON))

    is_refused(answer, 400, "invalid-input", "query string")


def test_a_body_over_64_kib_is_refused_before_it_is_read(service):
    promised = request_bytes("POST", "/api/signals", [*JSON, ("Content-Length", str(70 * 1024))])
    chunked = request_bytes("POST", "/api/signals", [*JSON, ("Transfer-Encoding", "chunked")])

    assert "65536" in is_refused(service.send(promised), 413, "content-too-large")
    is_refused(service.send(chunked + b"11170\r\n" + b" " * 70_000), 413, "content-too-large")
    is_refused(service.post(b" " * 70 * 1024), 413, "content-too-large")


@pytest.mark.parametrize("path", ["/../etc/passwd", "/%00", "/api/signals/..", "/api/signals/a%0Ab", "/api%2fsignals"])
def test_a_path_that_a_proxy_might_read_otherwise_is_refused(service, path):
    is_refused(service.send(request_bytes("GET", path)), 400, "invalid-input")


@pytest.mark.parametrize(
    "path", ["/nothing", "/api", "/api/signals/a/b", "/..etc/passwd", "/api/monitoring", "/%C2%85"]
)
def test_an_unknown_path_is_not_found(service, path):
    is_refused(service.send(request_bytes("GET", path)), 404, "not-found")


@pytest.mark.parametrize("name", ["nobody", "%FF", "a%C2%85b", "x" * 5000, "<script>", "..."])
def test_an_unknown_signal_is_not_found(service, name):
    is_refused(service.send(request_bytes("GET", f"/api/signals/{name}")), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/signals", "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/api/signals/some-id", "GET, HEAD, OPTIONS"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("GET", "/api/catalogue", "OPTIONS, POST"),
        ("TRACE", "/", "GET, HEAD, OPTIONS"),
        ("BREW", "/api/monitoring/stats", "GET, HEAD, OPTIONS"),
        ("GET", "/api/monitoring/blocks/192.0.2.1", "DELETE, OPTIONS"),
    ],
)
def test_a_wrong_method_learns_which_are_right(service, method, path, allow):
    answer = service.send(request_bytes(method, path))

    is_refused(answer, 405, "method-not-allowed")
    assert answer.header("Allow") == allow


@pytest.mark.parametrize(
    ("spec", "attack"),
    [
        ("<script>alert(1)</script>", "xss"),
        ("' OR 1=1 --", "sqli"),
        ("../../../../etc/passwd", "path-traversal"),
        ("{{7*7}}", "code-injection"),
    ],
)
def test_what_looks_like_an_attack_is_refused_by_its_class_and_not_by_its_rule(service, spec, attack):
    for answer, field in ((service.search(quote(spec)), "spec"), (service.post({"signal_spec": spec}), "signal_spec")):
        detail = is_refused(answer, 400, "suspicious-input", field)
        assert detail == f"The value of '{field}' looks like an attack ({attack}) and was not processed."


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
    ],
)
def test_what_is_not_http_is_refused_in_the_same_form(service, raw):
    is_refused(service.send(raw), 400, "invalid-input")


def test_headers_that_are_too_long_are_refused(service):
    is_refused(service.send(request_bytes("GET", "/", [("X", "y" * 17_000)])), 431, "header-fields-too-large")


def test_a_request_that_never_ends_is_refused_in_time(tmp_path):
    with Running(tmp_path, REQUEST_DEADLINE_SECONDS=0.1) as service:
        is_refused(service.send(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Slow:"), 408, "request-timeout")


def test_a_client_over_its_limit_learns_when_to_come_back_and_is_welcome_then(tmp_path):
    with Running(tmp_path, RATE_LIMIT="2/1") as service:
        answers = [service.search(spec) for spec in ("cars", "", "food")]

        assert [answer.status for answer in answers] == [200, 400, 429]
        is_refused(answers[2], 429, "rate-limited")
        assert answers[2].header("Retry-After") == "1"
        assert answers[2].header("RateLimit-Policy") == '"default";q=2;w=1'
        assert [answer.header("RateLimit") for answer in answers] == [
            *('"default";r=1;t=1', '"default";r=0;t=1', '"default";r=0;t=1'),
        ]
        assert [answer.header("X-RateLimit-Limit") for answer in answers] == ["2"] * 3
        assert [answer.header("X-RateLimit-Remaining") for answer in answers] == ["1", "0", "0"]
        assert all(answer.header("X-RateLimit-Reset").isdecimal() for answer in answers)
        # Refused requests do not extend the window.
        assert wait_for(lambda: service.search("food").status == 200, 1.5)


def test_refusals_of_unknown_paths_and_methods_count_against_the_limit_too(tmp_path):
    with Running(tmp_path, RATE_LIMIT="2/60") as service:
        answers = [service.get("/nothing"), service.ask("DELETE", "/api/signals"), service.search("cars")]

        assert [answer.status for answer in answers] == [404, 405, 429]
        assert service.get("/health").status == 200


def test_a_client_that_attacks_is_blocked_for_a_while_and_nobody_else(tmp_path):
    with Running(tmp_path, TRUSTED_PROXIES=1, BLOCK_SCORE=15, OPERATOR_TOKEN=TOKEN) as service:
        for _ in range(2):
            assert service.search(ATTACK, X_Forwarded_For="192.0.2.1").status == 400
        blocked = service.search("cars", X_Forwarded_For="192.0.2.1")

        is_refused(blocked, 403, "blocked")
        assert 58 <= int(blocked.header("Retry-After")) <= 60
        assert service.get("/nothing", X_Forwarded_For="192.0.2.1").status == 403
        assert service.search("cars", X_Forwarded_For="192.0.2.2").status == 200
        assert service.get("/health", X_Forwarded_For="192.0.2.1").status == 200
        assert service.events("blocked", client="192.0.2.1")


def test_blocking_can_be_switched_off(tmp_path):
    with Running(tmp_path, TRUSTED_PROXIES=1, BLOCK_SCORE=15, BLOCKING="off") as service:
        answers = [service.search(ATTACK, X_Forwarded_For="192.0.2.1") for _ in range(4)]

        assert {answer.status for answer in answers} == {400}


@pytest.mark.parametrize(
    "path",
    ["/api/monitoring/stats", "/api/monitoring/metrics", "/api/monitoring/warmup", "/api/debug"],
)
@pytest.mark.parametrize("token", [None, "Bearer wrong-token", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer "])
def test_an_operators_endpoint_wants_the_token(service, path, token):
    headers = {"X-Forwarded-For": f"192.0.2.{len(path)}"} | ({"Authorization": token} if token else {})
    answer = service.ask("GET", path, headers=headers)

    # After a few wrong ones the answer is another, but never yes.
    if answer.status == 429:
        assert int(is_refused(answer, 429, "rate-limited") and answer.header("Retry-After")) <= 60
    else:
        is_refused(answer, 401, "unauthorized")
        assert answer.header("WWW-Authenticate").startswith("Bearer")
    assert service.ask("GET", "/api/debug", headers=headers | OPERATOR).status == 200


def test_an_upload_is_refused_before_its_body_is_read(service):
    promised = ("Content-Length", str(60 * 1024 * 1024))
    nobody = service.send(request_bytes("POST", "/api/catalogue", [promised]))
    wrong = service.send(request_bytes("POST", "/api/catalogue/", [promised, ("Authorization", "Bearer wrong-token")]))
    endless = request_bytes("POST", "//api/catalogue", [("Content-Length", str(2**36)), *OPERATOR.items()])

    is_refused(nobody, 401, "unauthorized")
    is_refused(wrong, 401, "unauthorized")
    is_refused(service.send(endless), 413, "content-too-large")


def test_who_waits_for_a_go_ahead_with_an_upload_is_refused_instead(service):
    expects = [("Content-Length", "1000"), ("Expect", "100-continue")]
    answer = service.send(request_bytes("POST", "/api/catalogue", expects))

    is_refused(answer, 401, "unauthorized")
    assert answer.header("Connection") == "close"


def test_a_service_with_no_room_left_says_so_at_once(tmp_path):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, SLOTS=1, QUEUE_SIZE=0) as service:
        first = service.held(lambda: service.search("slow%20cars"))
        ranker.busy()
        other, same = service.search("fashion"), service.search("slow%20cars")
        alive = service.get("/health")
        ranker.release.set()

        for answer in (other, same):
            is_refused(answer, 503, "overloaded")
            assert int(answer.header("Retry-After")) >= 1
        assert (alive.status, first().status) == (200, 200)
        assert service.search("fashion").status == 200


def test_whoever_waits_too_long_for_a_slot_is_refused(tmp_path):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, SLOTS=1, QUEUE_WAIT_SECONDS=0.1) as service:
        first = service.held(lambda: service.search("slow%20cars"))
        ranker.busy()
        waited = service.search("fashion")
        ranker.release.set()

        assert "0.1 s" in is_refused(waited, 503, "overloaded")
        assert first().status == 200


def test_a_service_that_ends_refuses_new_work_and_answers_what_it_has_begun(tmp_path):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker) as service:
        first = service.held(lambda: service.search("slow%20cars"))
        ranker.busy()
        with service.connect() as late, service.connect() as balancer:
            service.service.drain()
            late.sendall(request_bytes("GET", "/api/signals?spec=cars"))
            balancer.sendall(request_bytes("GET", "/api/monitoring/health"))
            refused, health = receive(late), receive(balancer)
        ranker.release.set()

        is_refused(refused, 503, "draining")
        assert (refused.header("Retry-After"), refused.header("Connection")) == ("1", "close")
        assert (health.status, health.document["status"]) == (503, "unhealthy")
        assert health.document["checks"]["draining"]["status"] == "unhealthy"
        assert first().status == 200
        assert service.ended() == 0


def test_a_bug_is_a_plain_500_that_tells_nothing(tmp_path):
    with Running(tmp_path, TrickyRanker()) as service:
        answer = service.search("bug%20hunters", X_Request_ID="find-me-1")
        detail = is_refused(answer, 500, "internal")

        assert not re.search(r"ZeroDivision|secret|hunters|running\.py", answer.body.decode())
        assert "request id" in detail
        assert service.search("cars").status == 200
        [bug] = wait_for(lambda: service.events("bug", request_id="find-me-1"))
        [line] = wait_for(lambda: service.events("request", request_id="find-me-1"))
        assert "ZeroDivisionError" in bug["error"] and "running.py" in bug["error"]
        assert (line["status"], line["level"]) == (500, "error")
        [listed] = service.get("/api/monitoring/stats").document["recent_errors"]
        assert (listed["request_id"], listed["endpoint"], listed["status"]) == ("find-me-1", "/api/signals", 500)


def test_refusals_are_counted_by_their_reason(tmp_path):
    with Running(tmp_path) as service:
        for target in ("/api/signals", "/api/signals?spec=" + ATTACK, "/api/signals?x=%FF"):
            service.get(target)
        service.send(b"GARBAGE\r\n\r\n")
        requests = service.get("/api/monitoring/stats").document["requests"]

        assert {*requests["rejected"].items()} == {
            *(("rate_limited", 0), ("blocked", 0), ("invalid", 3)),
            *(("suspicious", 1), ("overloaded", 0), ("draining", 0)),
        }
        assert {row["endpoint"] for row in requests["by_endpoint"]} == {"/api/signals", "none"}


def test_no_refusal_repeats_what_it_was_sent_unescaped(service):
    answer = service.send(request_bytes("GET", "/api/signals?spec=cars&" + "<b>%22%0A" * 20 + "=1"))

    assert json.loads(answer.body)["field"] == ('<b>"?' * 20)[:40]
