"""The life of the whole service: it starts, is told to end, is killed, loses its files, and comes back."""

import io
import json
import os
import signal
import socket
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.app import build
from service.catalogue.store import Store
from service.settings import Settings
from tests.running import (
    OPERATOR,
    TOKEN,
    Process,
    Running,
    TrickyRanker,
    a_catalogue,
    csv_of,
    environment,
    free_port,
    open_fifo,
    receive,
    request_bytes,
    wait_for,
)

ATTACK = "%3Cscript%3Ealert(1)%3C/script%3E"
GARBAGE = b"this is no database, whatever else it may be. " * 200


@pytest.fixture
def fifo(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def checks(service):
    answer = service.get("/api/monitoring/health")
    return answer.status, answer.document["status"], answer.document["checks"]


# Ending


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_answers_what_it_has_accepted_and_leaves_with_0(tmp_path, fifo, number):
    with Process(tmp_path, "tests.running", SLOW_FIFO=fifo) as service:
        slow = service.held(lambda: service.search("slow%20cars"))
        gate = open_fifo(fifo)
        with service.connect() as balancer, service.connect() as half_sent:
            half_sent.sendall(b"GET /api/signals?spec=cars HTTP/1.1\r\n")
            wait_for(lambda: len(service.get("/api/monitoring/stats").body) > 0)
            service.signal(number)
            wait_for(lambda: service.events("draining"))
            balancer.sendall(request_bytes("GET", "/api/monitoring/health"))
            health = receive(balancer)
            half_sent.sendall(b"Host: localhost\r\n\r\n")
            begun = receive(half_sent)
        os.close(gate)

        assert (health.status, health.document["status"]) == (503, "unhealthy")
        assert (begun.status, begun.header("Connection")) == (200, "close")
        assert slow().status == 200
        assert service.ended() == 0
        assert service.lines()[-1]["event"] == "stopped"
        with pytest.raises(ConnectionRefusedError):
            service.connect()


def test_told_twice_it_leaves_at_once_and_owns_up_to_what_was_lost(tmp_path, fifo):
    with Process(tmp_path, "tests.running", SLOW_FIFO=fifo, DRAIN_SECONDS=600) as service:
        with service.connect() as asking:
            asking.sendall(request_bytes("GET", "/api/signals?spec=slow%20cars"))
            gate = open_fifo(fifo)
            service.signal(signal.SIGTERM)
            wait_for(lambda: service.events("draining"))
            service.signal(signal.SIGTERM)
            code = service.ended()
        os.close(gate)

        assert code == 1
        assert service.events("requests_lost", requests=1)


def test_after_its_time_to_drain_it_leaves_what_is_not_done(tmp_path):
    ranker = TrickyRanker()
    service = Running(tmp_path, ranker, DRAIN_SECONDS=0.1)
    with service.connect() as asking:
        asking.sendall(request_bytes("GET", "/api/signals?spec=slow%20cars"))
        ranker.busy()
        service.service.drain()
        wait_for(lambda: service.events("requests_lost", requests=1))
        ranker.release.set()

    assert service.ended() == 1


def test_an_idle_service_ends_at_once_and_leaves_nothing_but_its_two_databases(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue(3)) as service:
        assert service.stop() == 0

    names = {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()}
    assert names <= {"signals.db", "signals.db.lock", "state.db"}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("scheduler", "waitress"))]


def test_told_to_end_before_it_serves_it_ends(tmp_path):
    service = build(Settings.from_env(environment(tmp_path, {})), io.StringIO())
    service.drain()

    assert service.run() == 0


# Rereading


RULES = "[HighMemory]\nfires = 0.99\n"


def the_alert(service, name, token=TOKEN):
    stats = service.ask("GET", "/api/monitoring/stats", headers={"Authorization": f"Bearer {token}"})
    return next((row for row in stats.document.get("alerts", []) if row["name"] == name), stats.status)


def test_at_sighup_token_and_rules_are_read_again_and_a_broken_file_changes_nothing(tmp_path):
    token, rules = tmp_path / "token", tmp_path / "rules.toml"
    token.write_text(TOKEN + "\n")
    rules.write_text("")
    with Process(tmp_path, OPERATOR_TOKEN_FILE=token, ALERT_RULES_PATH=rules) as service:
        before = the_alert(service, "HighMemory")
        token.write_text("another-token")
        rules.write_text(RULES)
        service.signal(signal.SIGHUP)
        wait_for(lambda: service.events("reread"))
        after = the_alert(service, "HighMemory", "another-token")

        assert (before["fires"], after["fires"]) == (0.9, 0.99)
        assert the_alert(service, "HighMemory") == 401

        token.write_text("short")
        rules.write_text("[NoSuchAlert]\nfires = 1\n")
        service.signal(signal.SIGHUP)
        wait_for(lambda: len(service.events("reread_failed")) == 2)
        errors = [line["error"] for line in service.events("reread_failed")]

        assert "OPERATOR_TOKEN_FILE" in errors[0] and "short" not in errors[0]
        assert "ALERT_RULES_PATH" in errors[1] and "NoSuchAlert" in errors[1]
        assert the_alert(service, "HighMemory", "another-token")["fires"] == 0.99


def test_broken_rules_do_not_keep_a_new_token_out_of_force_or_in_the_log(tmp_path):
    token, rules = tmp_path / "token", tmp_path / "rules.toml"
    token.write_text(TOKEN)
    rules.write_text("")
    with Running(tmp_path, OPERATOR_TOKEN_FILE=token, ALERT_RULES_PATH=rules) as service:
        token.write_text("another-token")
        rules.unlink()
        service.service.reread()
        service.search("another-token")
        [line] = wait_for(lambda: service.events("request"))

        assert the_alert(service, "HighMemory", "another-token")["fires"] == 0.9
        assert "another-token" not in service.log.getvalue()
        assert line["spec"] != "another-token"
        assert service.events("reread_failed") and not service.events("reread")


# Killed


def test_killed_it_comes_back_with_its_blocks_and_its_cursors(tmp_path):
    settings = {"TRUSTED_PROXIES": 1, "BLOCK_SCORE": 15, "OPERATOR_TOKEN": TOKEN}
    with Process(tmp_path, **settings) as service:
        for _ in range(2):
            service.search(ATTACK, X_Forwarded_For="192.0.2.1")
        first = service.search("cars")
        assert service.search("cars", X_Forwarded_For="192.0.2.1").status == 403
        service.kill()

    with Running(tmp_path, **settings) as service:
        cursor = first.document["pagination"]["cursor"]
        following = service.search(f"cars&cursor={cursor}")

        assert service.search("cars", X_Forwarded_For="192.0.2.1").status == 403
        assert service.search("cars", X_Forwarded_For="192.0.2.2").status == 200
        assert following.status == 200
        assert not {*following.ids} & {*first.ids}
        assert service.ask("GET", "/api/debug", headers=OPERATOR).document["catalogue"]["trouble"] is None


def is_importing(service):
    # A file of no rows changes nothing, and is refused while another import is under way.
    return service.upload(b"id,name\n", headers={}).status == 409


def is_committing(service):
    log = service.database.with_name("signals.db-wal")
    return log.exists() and log.stat().st_size > 0


@pytest.mark.parametrize("moment", [is_importing, is_committing])
def test_killed_during_an_upload_it_comes_back_with_the_old_or_the_new_catalogue_whole(tmp_path, moment):
    Store(tmp_path / "signals.db").import_rows(a_catalogue(30))
    statuses = []

    def upload():
        try:
            while not statuses or statuses[-1] == 409:
                statuses.append(service.upload(csv_of(20_000, "widget"), "?replace=true", headers={}).status)
        except OSError:
            statuses.append(None)
        return statuses[-1]

    with Process(tmp_path) as service:
        outcome = service.held(upload)
        wait_for(lambda: moment(service) or 200 in statuses)
        service.kill()
        answered = outcome()

    assert Store(tmp_path / "signals.db").check() == []
    with Running(tmp_path) as service:
        old = service.search("gadget").document["pagination"]["total_count"]
        new = len(service.search("widget&max_results=100").ids)
        count = service.get("/api/debug").document["catalogue"]["signals"]

        assert (old, new, count) in [(30, 0, 30), (0, 100, 20_000)]
        assert answered != 200 or count == 20_000
        assert len([*tmp_path.glob("signals.db.serving-*")]) == 1  # the killed process' copy is swept away
        assert service.upload(csv_of(5), "?replace=true", headers={}).status == 200


# Files that are lost


def look_again(service):
    service.service.runner.run_now("refresh_catalogue")


@pytest.mark.parametrize("harm", ["damaged", "deleted", "emptied"])
def test_a_catalogue_lost_while_running_is_still_served_and_health_says_so(tmp_path, harm):
    with Running(tmp_path, catalogue=a_catalogue(30)) as service:
        for name in ("signals.db-wal", "signals.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        if harm == "deleted":
            service.database.unlink()
        else:
            service.database.write_bytes(GARBAGE if harm == "damaged" else b"")

        def degraded():
            look_again(service)
            return checks(service)[2]["catalogue"]["status"] == "degraded"

        wait_for(degraded)
        status, word, found = checks(service)

        assert (status, word) == (200, "degraded")
        assert "serving the last 30 signals" in found["catalogue"]["detail"]
        assert str(tmp_path) not in found["catalogue"]["detail"]
        assert len(service.search("gadget%20fans&max_results=100").ids) == 30
        assert service.get("/api/signals/gadget-1").status == 200
        assert service.get("/api/debug").document["catalogue"]["trouble"]


def test_a_catalogue_damaged_before_the_start_keeps_the_rest_alive_until_it_is_replaced(tmp_path):
    (tmp_path / "signals.db").write_bytes(GARBAGE)
    with Running(tmp_path) as service:
        answers = [service.search("cars"), service.post({"signal_spec": "cars"}), service.get("/api/signals/some-id")]
        status, word, found = checks(service)

        for answer in answers:
            assert (answer.status, answer.document["type"]) == (503, "/problems/unavailable")
            assert answer.header("Retry-After") == "2"
        assert (status, word, found["catalogue"]["status"]) == (503, "unhealthy", "unhealthy")
        assert service.get("/health").status == 200
        assert service.get("/api/monitoring/stats").document["catalogue"] == {
            **dict.fromkeys(("signals", "private", "version", "loaded_at", "sample"))
        }
        assert service.get("/api/monitoring/metrics").status == service.get("/api/debug").status == 200
        assert service.get("/api/monitoring/warmup?wait=true").document["failed"] == 1
        assert service.search("%3Cscript%3E").status == 400

        Store(tmp_path / "new.db").import_rows(a_catalogue(30))
        sqlite3.connect(tmp_path / "new.db").close()
        (tmp_path / "new.db").replace(service.database)

        def served():
            look_again(service)
            return service.search("gadget").status == 200

        wait_for(served)
        assert checks(service)[0] == 200


def test_damaged_state_is_set_aside_and_said_and_signals_go_on(tmp_path):
    (tmp_path / "state.db").write_bytes(GARBAGE)
    with Running(tmp_path) as service:
        [aside] = tmp_path.glob("state.db.corrupt-*")
        _, word, found = checks(service)

        assert aside.read_bytes() == GARBAGE
        assert service.search("cars").status == 200
        assert (word, found["state"]["status"]) == ("degraded", "degraded")
        assert aside.name in found["state"]["detail"]
        [line] = wait_for(lambda: service.events("state"))
        assert line["level"] == "warning"


def test_a_state_that_cannot_be_written_stops_nothing(tmp_path):
    with Running(tmp_path, STATE_PATH=tmp_path / "no" / "such" / "folder" / "state.db") as service:
        assert service.search("cars").status == 200
        assert checks(service)[2]["state"]["status"] == "degraded"


def test_a_catalogue_that_cannot_be_written_keeps_the_rest_alive(tmp_path):
    with Running(tmp_path, DATABASE_PATH=tmp_path / "no" / "such" / "folder" / "signals.db") as service:
        status, word, found = checks(service)

        assert (status, word) == (503, "unhealthy")
        assert found["disk"]["detail"] == "free space unknown"
        assert service.get("/health").status == 200
        assert service.search("cars").status == service.upload(csv_of(3), headers={}).status == 503

        def told():
            service.service.runner.run_now("health_check")
            return service.events("health", status="unhealthy")

        [line] = wait_for(told)
        assert "catalogue" in line["reasons"]


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def hook():
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        server.posts = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_alerts_are_evaluated_logged_and_posted_with_nobody_watching(tmp_path, hook):
    rules = tmp_path / "rules.toml"
    webhook = f"http://127.0.0.1:{hook.server_port}/hook"
    rules.write_text("[HighErrorRate]\nwarns = 0.01\nfires = 0.02\nclears = 0.015\nneeds = 1\nfor_seconds = 0\n")
    with Running(tmp_path, TrickyRanker(), ALERT_RULES_PATH=rules, ALERT_WEBHOOK_URL=webhook) as service:
        for _ in range(3):
            assert service.search("bug").status == 500

        def fired():
            service.service.runner.run_now("sample")
            return service.events("alert", alert="HighErrorRate", to="firing")

        [line] = wait_for(fired)
        _, word, found = checks(service)

        assert line["level"] == "warning"
        assert word == "degraded"
        assert "HighErrorRate" in found["alerts"]["detail"]
        posts = wait_for(lambda: [post for post in hook.posts if "HighErrorRate" in json.dumps(post)])
        assert "firing" in json.dumps(posts[0])


def test_each_firing_and_each_end_of_an_alert_is_posted_once(tmp_path, hook):
    rules, ranker = tmp_path / "rules.toml", TrickyRanker()
    cells = "warns = 0.25\nfires = 0.5\nclears = 0.25\nfor_seconds = 0\nminimum_firing_seconds = 0\n"
    rules.write_text(f"[QueueBacklog]\n{cells}")
    webhook = f"http://127.0.0.1:{hook.server_port}/hook"
    with Running(tmp_path, ranker, SLOTS=1, ALERT_RULES_PATH=rules, ALERT_WEBHOOK_URL=webhook) as service:

        def sampled(state, times):
            service.service.runner.run_now("sample")
            return len(service.events("alert", alert="QueueBacklog", to=state)) == times

        def overload(episode):
            waiting = [service.held(lambda n=n: service.search(f"slow{episode}{n}")) for n in range(2)]
            wait_for(lambda: service.service.engine.gate.depth == 1)
            wait_for(lambda: sampled("firing", episode))
            ranker.release.set()
            assert [wait().status for wait in waiting] == [200, 200]
            wait_for(lambda: sampled("resolved", episode))
            ranker.release.clear()

        overload(1)
        overload(2)
        wait_for(lambda: len(hook.posts) >= 4)

    assert [post["to"] for post in hook.posts] == ["firing", "resolved"] * 2
    assert len({post["id"] for post in hook.posts}) == 4
    assert all(post["text"].startswith("QueueBacklog ") for post in hook.posts)


def test_a_webhook_that_does_not_answer_is_said_and_holds_up_nothing(tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text("[HighErrorRate]\nwarns = 0.01\nfires = 0.02\nclears = 0.015\nneeds = 1\nfor_seconds = 0\n")
    webhook = f"http://127.0.0.1:{free_port()}/hook-with-a-secret"
    with Running(tmp_path, TrickyRanker(), ALERT_RULES_PATH=rules, ALERT_WEBHOOK_URL=webhook) as service:
        service.search("bug")

        def told():
            service.service.runner.run_now("sample")
            return service.events("webhook", alert="HighErrorRate")

        assert wait_for(told)
        assert "hook-with-a-secret" not in service.log.getvalue()


def test_a_service_that_is_closed_without_having_run_frees_its_port(tmp_path):
    settings = Settings.from_env(
        {
            "PORT": "0",
            "METRICS_PORT": "0",
            "DATABASE_PATH": str(tmp_path / "signals.db"),
            "STATE_PATH": str(tmp_path / "state.db"),
        }
    )
    service = build(settings, io.StringIO())
    address = service.server.address

    service.close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 1)
    assert list(tmp_path.glob("*.serving-*")) == []
