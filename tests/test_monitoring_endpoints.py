"""What operators and platforms see of the whole service: health, stats, metrics, warm-up, debug, blocks, uploads."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.catalogue.store import Store
from service.endpoints import WAITERS, publish, warm
from service.errors import Conflict, Unavailable
from tests.doubles import a_request
from tests.monitoring.test_stats import LISTS, SHAPE
from tests.running import (
    OPERATOR,
    TOKEN,
    Running,
    TrickyRanker,
    a_catalogue,
    csv_of,
    environment,
    free_port,
    multipart,
    wait_for,
)

ATTACK = quote("<script>alert(1)</script>")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("local"), catalogue=a_catalogue(30)) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    with Running(folder, catalogue=a_catalogue(30), OPERATOR_TOKEN=TOKEN, TRUSTED_PROXIES=1, BLOCK_SCORE=15) as running:
        yield running


# Health


def test_a_living_process_says_so_whatever_else_is_the_matter(service):
    answer = service.get("/health")

    assert (answer.status, answer.document) == (200, {"status": "ok"})
    assert answer.header("Cache-Control") == "no-store"


def test_health_tells_every_check_and_since_when(service):
    answer = service.get("/api/monitoring/health")
    document = answer.document

    assert answer.status == 200
    assert {*document} == {"status", "checks", "uptime_seconds", "version", "system", "queue"}
    assert document["status"] in ("healthy", "degraded")  # a busy machine may have an alert
    assert {*document["checks"]} == {
        *("catalogue", "dispatch", "draining", "alerts", "ai", "client_store", "scheduler", "state", "disk"),
        *("proxies", "metrics_port", "catalogue_source", "catalogue_fleet"),
    }
    for check in document["checks"].values():
        assert {*check} == {"status", "detail", "since"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", check["since"])
    assert document["queue"] == {"depth": 0, "capacity": 8, "slots": 2, "busy": 0}


def test_health_and_log_say_when_a_proxy_is_not_trusted_that_should_be(service):
    before = service.get("/api/monitoring/health").document["checks"]["proxies"]["status"]
    service.search("gadget", X_Forwarded_For="192.0.2.1")
    service.search("gadget", X_Forwarded_For="192.0.2.2")
    check = service.get("/api/monitoring/health").document["checks"]["proxies"]

    assert (before, check["status"]) == ("healthy", "degraded")
    assert "TRUSTED_PROXIES" in check["detail"]
    [line] = wait_for(lambda: service.events("forwarded_ignored"))
    assert line["peer"] == "127.0.0.1"


def test_every_monitoring_answer_names_the_instance(service):
    for path in ("health", "stats", "metrics", "warmup"):
        assert service.get(f"/api/monitoring/{path}").header("X-Instance-ID") == "test-1"
    assert service.get("/api/debug").header("X-Instance-ID") == "test-1"


# Stats and metrics


def test_stats_have_exactly_the_fields_of_the_contract(service):
    service.search("gadget")
    document = service.get("/api/monitoring/stats").document

    assert {*document} == {*SHAPE, *LISTS, "window_seconds"}
    for part, names in SHAPE.items():
        assert {*document[part]} == names, part
    assert {*document["jobs"][0]} == {
        *("id", "next_run_at", "last_run_at", "last_outcome", "last_duration_seconds", "runs", "failures")
    }
    assert {*document["alerts"][0]} == {
        *("name", "state", "severity", "value", "unit", "comparison", "warns", "fires", "clears", "for_seconds"),
        *("needs", "since", "peak", "resolved_at"),
    }
    assert [row["id"] for row in document["jobs"]] == [
        *("sample", "refresh_catalogue", "warm_up", "activations", "health_check", "keep_popular", "clean_state")
    ]


def test_stats_say_null_where_nothing_is_known(service):
    document = service.get("/api/monitoring/stats").document

    assert (document["ai"]["enabled"], document["ai"]["state"], document["ai"]["model"]) == (False, "off", None)
    assert document["ai"]["success_rate"] is document["ai"]["fallback_rate"] is None
    assert {*document["ai"]["duration_seconds"].values()} == {None}
    assert document["catalogue"]["sample"] is False
    assert document["catalogue"]["signals"] == 30


def test_stats_count_what_was_asked(tmp_path):
    with Running(tmp_path) as service:
        for spec in ("cars", "cars", "food"):
            service.search(spec)
        service.get("/nothing/of/this/kind")
        document = service.get("/api/monitoring/stats").document

        assert document["requests"]["total"] == 4
        assert document["requests"]["in_flight"] == 1
        assert [document["cache"][name] for name in ("hits", "misses", "stale")] == [1, 2, 0]
        assert document["cache"]["hit_rate"] == pytest.approx(1 / 3, abs=1e-5)
        assert {row["endpoint"] for row in document["requests"]["by_endpoint"]} == {"/api/signals", "other"}
        assert document["clients"]["top"] == [{"client": "127.0.0.1", "used": 4}]
        assert document["catalogue"]["sample"] is True


def test_metrics_are_prometheus_text_and_count_the_same(service):
    service.search("gadget")
    answer = service.get("/api/monitoring/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.body.decode())}

    assert answer.header("Content-Type").startswith("text/plain; version=")
    assert {"http_requests", "cache_requests", "catalogue_signals", "build_info", "alerts_firing"} <= {*families}
    [built] = families["build_info"].samples
    assert built.labels["instance"] == "test-1"
    labels = [sample.labels for sample in families["http_requests"].samples]
    assert {"method": "GET", "endpoint": "/api/signals", "status": "200"} in labels


def test_metrics_come_as_openmetrics_to_who_asks_for_it(service):
    answer = service.get("/api/monitoring/metrics", Accept="application/openmetrics-text; version=1.0.0")

    assert answer.header("Content-Type").startswith("application/openmetrics-text")
    assert answer.body.endswith(b"# EOF\n")


def test_the_metrics_port_serves_the_same_numbers(tmp_path):
    port = free_port()
    with Running(tmp_path, METRICS_PORT=port) as service:
        service.search("cars")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        check = service.get("/api/monitoring/health").document["checks"]["metrics_port"]

        assert 'http_requests_total{endpoint="/api/signals",method="GET",status="200"} 1.0' in text
        assert check["status"] == "healthy"
        assert service.events("started", metrics_port=port)


def test_a_taken_metrics_port_is_said_and_survived(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        Running(tmp_path, METRICS_PORT=taken.getsockname()[1]) as service,
    ):
        health = service.get("/api/monitoring/health")

        assert service.search("cars").status == health.status == 200
        assert health.document["checks"]["metrics_port"]["status"] == "degraded"
        [line] = wait_for(lambda: service.events("metrics_port"))
        assert (line["level"], line["port"]) == ("error", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["a..b", "192.0.2.1"])
def test_a_metrics_host_that_is_none_is_survived_too(tmp_path, host):
    with Running(tmp_path, METRICS_PORT=free_port(), METRICS_HOST=host) as service:
        assert service.get("/api/monitoring/health").document["checks"]["metrics_port"]["status"] == "degraded"


def test_without_a_metrics_port_nothing_listens(service):
    assert service.service.metrics_port.port is None
    assert service.get("/api/monitoring/health").document["checks"]["metrics_port"]["detail"] == "off"


# Warm-up


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_warm_up_is_started_or_waited_for(service, method):
    started = service.ask(method, "/api/monitoring/warmup")
    done = service.ask(method, "/api/monitoring/warmup?wait=true")

    assert started.status == 202
    assert started.document["status"] == "warming"
    assert "warmth" in started.document["specs"]
    assert done.status == 200
    assert done.document["status"] == "done"
    assert (done.document["warmed"], done.document["failed"]) == (len(done.document["specs"]), 0)


def test_a_warm_up_warms_what_is_asked_most(service):
    for _ in range(3):
        service.search("gadget%20fans")
    specs = service.get("/api/monitoring/warmup?wait=true").document["specs"]

    assert specs == ["warmth", "gadget fans"] or "gadget fans" in specs
    assert service.search("warmth").header("X-Cache") == "hit"


def test_a_running_warm_up_is_joined_and_not_doubled(tmp_path):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, WARM_QUERIES="slow start") as service:
        first = service.get("/api/monitoring/warmup")
        ranker.busy()
        second = service.get("/api/monitoring/warmup")
        waiting = service.held(lambda: service.get("/api/monitoring/warmup?wait=true"))
        wait_for(lambda: service.get("/api/monitoring/stats").document["requests"]["in_flight"] == 2)
        ranker.release.set()

        assert (first.document["joined"], second.document["joined"]) == (False, True)
        assert first.document["specs"] == second.document["specs"] == ["slow start"]
        assert (waiting().status, waiting().document["joined"]) == (200, True)
        stats = service.get("/api/monitoring/stats").document
        assert [row["runs"] for row in stats["jobs"] if row["id"] == "warm_up"] == [1]
        assert (stats["warmup"]["running"], stats["warmup"]["warmed"]) == (False, 1)


@pytest.mark.parametrize("query", ["?wait=yes", "?wait=", "?wait=true&wait=true", "?later=true", "?wait=%FF"])
def test_a_warm_up_refuses_what_it_does_not_know(service, query):
    answer = service.get("/api/monitoring/warmup" + query)

    assert (answer.status, answer.document["type"]) == (400, "/problems/invalid-input")


def test_a_warm_up_that_finds_no_room_is_refused(service):
    handler = warm(service.service.engine.warming.warmup, lambda: False)

    with pytest.raises(Conflict) as refusal:
        handler(a_request(query_string=""), "")
    assert refusal.value.retry_after == 10


def test_only_a_few_may_wait_for_a_warm_up_and_the_others_are_told_that_it_runs(tmp_path):
    ranker = TrickyRanker()
    with Running(tmp_path, ranker, WARM_QUERIES="slow start") as service:
        service.get("/api/monitoring/warmup")
        ranker.busy()
        waiting = [service.held(lambda: service.get("/api/monitoring/warmup?wait=true")) for _ in range(WAITERS)]
        wait_for(lambda: service.get("/api/monitoring/stats").document["requests"]["in_flight"] == WAITERS + 1)
        one_more = service.get("/api/monitoring/warmup?wait=true")
        ranker.release.set()

        assert one_more.status == 202
        assert [wait().status for wait in waiting] == [200] * WAITERS


# Operators only


OPERATORS = [("GET", "/api/debug"), ("GET", "/api/monitoring/stats"), ("POST", "/api/catalogue")]


@pytest.mark.parametrize(("method", "path"), OPERATORS)
@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "signals.example"},
        {"Host": "localhost.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=lambda header: " ".join(*header.items()),
)
def test_without_a_token_only_a_direct_local_caller_is_an_operator(service, method, path, header):
    refused = service.ask(method, path, b"id,name\n" if method == "POST" else None, header)

    assert (refused.status, refused.document["type"]) == (401, "/problems/unauthorized")
    assert service.get("/api/monitoring/stats", Origin="http://localhost:3000").status == 200


def test_the_log_says_at_the_start_which_rule_is_in_force(service, guarded):
    assert "local callers only" in service.events("started")[0]["operators"]
    assert guarded.events("started")[0]["operators"] == "token"


@pytest.mark.parametrize(("method", "path"), OPERATORS)
def test_with_a_token_the_right_one_works_from_anywhere_and_nothing_else_does(guarded, method, path):
    body = csv_of(30) if method == "POST" else None
    far = {"X-Forwarded-For": "192.0.2.50", "Host": "signals.example", "Content-Type": "text/csv"}

    assert guarded.ask(method, path, body, far).status == 401
    assert guarded.ask(method, path, body, far | OPERATOR).status == 200


def test_after_five_wrong_tokens_a_wrong_one_is_told_to_wait_and_the_right_one_works(guarded):
    client = {"X-Forwarded-For": "192.0.2.60"}
    answers = [
        guarded.ask("GET", "/api/debug", headers=client | {"Authorization": f"Bearer guess-{number}"})
        for number in range(7)
    ]

    assert [answer.status for answer in answers] == [401] * 5 + [429] * 2
    assert 1 <= int(answers[-1].header("Retry-After")) <= 60
    assert guarded.ask("GET", "/api/debug", headers=client | OPERATOR).status == 200
    # Guessing is abuse: what is not an operator's is closed to this client now.
    assert guarded.search("gadget", X_Forwarded_For="192.0.2.60").status == 403


def test_no_secret_is_shown_or_logged(tmp_path):
    webhook = "http://127.0.0.1:9/hook-with-a-secret"
    with Running(tmp_path, OPERATOR_TOKEN=TOKEN, ALERT_WEBHOOK_URL=webhook) as service:
        texts = [service.ask("GET", path, headers=OPERATOR).body for path in ("/api/debug", "/api/monitoring/stats")]
        texts.append(service.get("/api/monitoring/health").body)
        service.search(quote(f"who knows {TOKEN}"))
        service.search("cars", X_Request_ID=TOKEN)
        wait_for(lambda: len(service.events("request")) == 5)
        settings = json.loads(texts[0])["settings"]

    assert (settings["OPERATOR_TOKEN"], settings["ALERT_WEBHOOK_URL"]) == ("***", "***")
    for text in (*texts, service.log.getvalue().encode()):
        assert TOKEN.encode() not in text
        assert b"hook-with-a-secret" not in text


def test_debug_tells_settings_versions_and_where_the_catalogue_is(service):
    document = service.get("/api/debug").document

    assert document["settings"]["RATE_LIMIT"] == "1000000/60"
    assert document["catalogue"]["path"] == str(service.database)
    assert (document["catalogue"]["signals"], document["catalogue"]["trouble"]) == (30, None)
    assert document["versions"]["waitress"] == "3.0.2"


def test_an_operator_lifts_a_block(guarded):
    for _ in range(2):
        guarded.search(ATTACK, X_Forwarded_For="2001:db8:0:1::7")
    assert guarded.search("gadget", X_Forwarded_For="2001:db8:0:1::8").status == 403
    [row] = [
        row
        for row in guarded.ask("GET", "/api/monitoring/stats", headers=OPERATOR).document["clients"]["blocked"]
        if row["client"].startswith("2001")
    ]

    lifted = guarded.ask("DELETE", f"/api/monitoring/blocks/{row['client']}", headers=OPERATOR)

    assert (row["client"], row["reason"]) == ("2001:db8:0:1::", "suspicious input (xss)")
    assert (lifted.status, lifted.document) == (200, {"lifted": "2001:db8:0:1::"})
    assert guarded.search("gadget", X_Forwarded_For="2001:db8:0:1::8").status == 200
    assert guarded.ask("DELETE", f"/api/monitoring/blocks/{row['client']}", headers=OPERATOR).status == 404


@pytest.mark.parametrize("client", ["192.0.2.99", "nobody", "%FF", "a%C2%85b", "%20"])
def test_a_block_that_does_not_run_cannot_be_lifted(guarded, client):
    answer = guarded.ask("DELETE", f"/api/monitoring/blocks/{client}", headers=OPERATOR)

    assert (answer.status, answer.document["type"]) == (404, "/problems/not-found")


# The catalogue


@pytest.fixture
def shop(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(30)) as running:
        yield running


JSONL = b'{"id":"w-1","name":"Widget one"}\n{"id":"w-2","name":"Widget two","countries":["US"]}\n'


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"id,name\nw-1,Widget one\nw-2,Widget two\n", "text/csv"),
        (b"id,name\nw-1,Widget one\nw-2,Widget two\n", "text/csv; charset=utf-8"),
        (b"\xef\xbb\xbfid,name\r\nw-1,Widget one\r\nw-2,Widget two\r\n", "application/octet-stream"),
        (JSONL, "application/jsonl"),
        (JSONL, "application/x-ndjson"),
        (JSONL, "application/octet-stream"),
        multipart((b"new.csv", b"id,name\nw-1,Widget one\nw-2,Widget two\n")),
        multipart((b"new.jsonl", JSONL)),
        multipart((b"new", JSONL)),
    ],
    ids=["csv", "charset", "bom", "jsonl", "ndjson", "guessed", "form-csv", "form-jsonl", "form-guessed"],
)
def test_an_uploaded_file_is_served_at_once(shop, body, media):
    answer = shop.upload(body, headers={}, content_type=media)

    assert answer.status == 200
    assert {name: answer.document[name] for name in ("inserted", "updated", "removed", "unchanged", "bad_rows")} == {
        **dict.fromkeys(("updated", "removed", "unchanged", "bad_rows"), 0),
        "inserted": 2,
    }
    assert sorted(shop.search("widget").ids) == ["w-1", "w-2"]
    assert shop.search("gadget").document["pagination"]["total_count"] == 30
    assert shop.get("/api/debug").document["catalogue"]["version"] == answer.document["version"]
    assert wait_for(lambda: shop.events("catalogue_imported", version=answer.document["version"], inserted=2))


def test_a_large_file_in_a_form_is_read_whole(shop):
    body, media = multipart((b"big.csv", csv_of(4000, "widget")))

    assert len(body) > 102_400  # more than Bottle keeps in memory
    assert shop.upload(body, headers={}, content_type=media).document["inserted"] == 4000


def test_a_replacing_upload_leaves_nothing_of_the_old(shop):
    answer = shop.upload(csv_of(3, "widget"), "?replace=true", headers={})

    assert (answer.document["inserted"], answer.document["removed"]) == (3, 30)
    assert shop.search("gadget").ids == []


BAD = b"id,name,coverage_percentage\nw-1,Widget one,10\nw 2,Widget two,10\nw-3,Widget three,900\n"


def test_a_bad_row_is_reported_by_its_line_and_nothing_is_written(shop):
    answer = shop.upload(BAD, "?replace=true", headers={})

    assert (answer.status, answer.document["type"]) == (400, "/problems/invalid-input")
    assert answer.header("Content-Type") == "application/problem+json"
    assert answer.document["bad_rows"] == 2
    assert [row["line"] for row in answer.document["errors"]] == [3, 4]
    assert "id" in answer.document["errors"][0]["reason"]
    assert shop.search("widget").ids == []
    assert shop.search("gadget").document["pagination"]["total_count"] == 30


def test_bad_rows_can_be_skipped(shop):
    answer = shop.upload(BAD, "?skip_bad=true", headers={})

    assert (answer.status, answer.document["inserted"], answer.document["bad_rows"]) == (200, 1, 2)
    assert shop.search("widget").ids == ["w-1"]


@pytest.mark.parametrize(
    ("body", "query", "media", "status"),
    [
        (b"", "", "text/csv", 400),
        (b"nonsense", "", "text/csv", 400),
        (b"\x00\x01\x02", "", "application/octet-stream", 400),
        (b"id,name\n\xff\xfe,x\n", "", "text/csv", 400),
        (b"[" * 60_000, "", "application/jsonl", 400),
        (b"id,name\nw-1,x\n", "?replace=maybe", "text/csv", 400),
        (b"id,name\nw-1,x\n", "?force=true", "text/csv", 400),
        (b"id,name\nw-1,x\n", "", "application/x-www-form-urlencoded", 415),
        (b"id,name\nw-1,x\n", "", "multipart/form-data", 400),
        (b"id,name\nw-1,x\n", "", "multipart/form-data; boundary=frontier", 400),
        (multipart()[0], "", multipart()[1], 400),
        (multipart((b"a.csv", b"id,name\n"), (b"b.csv", b"id,name\n"))[0], "", multipart()[1], 400),
    ],
)
def test_what_is_no_catalogue_is_refused_and_changes_nothing(service, body, query, media, status):
    version = service.get("/api/debug").document["catalogue"]["version"]
    answer = service.upload(body, query, headers={}, content_type=media)

    assert answer.status == status
    assert answer.header("Content-Type") == "application/problem+json"
    assert service.get("/api/debug").document["catalogue"]["version"] == version


def test_an_upload_over_the_limit_is_refused(tmp_path):
    with Running(tmp_path, CATALOGUE_UPLOAD_BYTES="1k", catalogue=a_catalogue(3)) as service:
        assert service.upload(csv_of(100), headers={}).status == 413
        assert service.upload(csv_of(10), headers={}).status == 200


def test_a_second_upload_is_refused_while_the_first_is_read():
    def second(upload, replace, skip_bad):
        with pytest.raises(Conflict):
            handler(request, "")
        raise Unavailable("The first has seen enough.")

    request = a_request(query_string="")
    handler = publish(lambda request: b"", second)

    for _ in range(2):  # the first gives its place back
        with pytest.raises(Unavailable):
            handler(request, "")


def test_while_another_process_imports_an_upload_is_told_to_wait(shop):
    connection = sqlite3.connect(shop.database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        answer = shop.upload(csv_of(3), headers={})
    finally:
        connection.close()

    assert (answer.status, answer.document["type"]) == (409, "/problems/conflict")
    assert answer.header("Retry-After") == "5"
    assert shop.upload(csv_of(3), headers={}).status == 200


def test_a_catalogue_imported_by_another_process_is_served_within_two_seconds_and_without_a_failed_request(shop):
    file = shop.folder / "new.csv"
    file.write_bytes(csv_of(2000, "widget"))
    statuses, ended = [], threading.Event()

    def hammer():
        while not ended.is_set():
            statuses.append(shop.search(f"gadget&max_results={len(statuses) % 50 + 1}").status)

    answered = shop.held(lambda: hammer() or statuses)
    subprocess.run(
        [sys.executable, "-m", "service.catalogue", "import", str(file), "--replace"],
        env=environment(shop.folder, {}),
        cwd=Path(__file__).parent.parent,
        check=True,
        capture_output=True,
        timeout=30,
    )
    imported = time.monotonic()
    wait_for(lambda: shop.search("widget&max_results=1").ids, 5)
    took = time.monotonic() - imported
    ended.set()

    assert took < 2
    assert {*answered()} == {200}
    assert shop.search("gadget").ids == []
    assert Store(shop.database).check() == []
    assert wait_for(lambda: shop.events("catalogue_loaded", signals=2000))
