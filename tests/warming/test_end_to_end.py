"""The service keeps itself warm: over real sockets, with a server that speaks Gemini's wire format."""

import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.ai_servers import FakeGemini
from tests.running import OPERATOR, TOKEN, Running, a_catalogue, csv_of, wait_for


class Proposing(FakeGemini):
    """A Gemini that also has ideas."""

    def words(self, mode, body):
        said = super().words(mode, body)
        idea = '{"name": "Gadget collectors", "description": "They keep old ones.", "rationale": "They buy more."}'
        return said[:-1] + f', "proposals": [{idea}]}}'


class Front(BaseHTTPRequestHandler):
    """The public address, as the platform has it."""

    def do_GET(self):
        self.server.paths.append((self.path, self.headers["User-Agent"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def front():
    server = HTTPServer(("127.0.0.1", 0), Front)
    server.paths, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def running(folder, fake, **settings):
    """A service whose AI is ready, which begins a warm-up."""
    usual = {"GEMINI_API_KEY": "k-1234567890", "GEMINI_API_ENDPOINT": fake.url, "OPERATOR_TOKEN": TOKEN}
    usual |= {"WARM_QUERIES": "gadget, number 7", "AI_WAIT_SECONDS": "5"}
    service = Running(folder, catalogue=a_catalogue(), **(usual | settings))
    wait_for(lambda: service.service.engine.ai.calls.phase() == "ready")
    return service


def warm_up(service):
    report = service.ask("POST", "/api/monitoring/warmup?wait=true", headers=OPERATOR).document
    return report["status"], report["warmed"], report["failed"]


def method(answer):
    document = answer.document
    return document["ranking_method"], document["fallback_reason"], answer.header("X-Cache")


def test_what_is_always_warm_and_what_clients_ask_is_there_before_the_next_client_asks(tmp_path):
    with FakeGemini() as fake, running(tmp_path, fake) as service:
        wait_for(lambda: len(fake.calls) == 2 and not service.service.engine.warming.warmup.progress().running)
        for _ in range(3):
            service.search("number%203")
        # Of a new catalogue nothing is known.
        assert service.upload(csv_of(1, "novelty")).status == 200
        calls = len(fake.calls)

        assert warm_up(service) == ("done", 3, 0)
        assert len(fake.calls) == calls + 3
        for spec in ("gadget", "number%207", "number%203"):
            assert method(service.search(spec)) == ("ai", None, "hit")
        assert warm_up(service) == ("done", 3, 0)
        assert len(fake.calls) == calls + 3, "what lasts longer than until the next warm-up costs nothing"


def test_as_soon_as_the_ai_is_loaded_its_order_is_made_of_what_is_always_warm(tmp_path):
    with FakeGemini() as fake, running(tmp_path, fake) as service:
        wait_for(lambda: len(fake.calls) == 2)
        wait_for(lambda: method(service.search("gadget"))[0] == "ai")
        stats = service.get("/api/monitoring/stats", Authorization=OPERATOR["Authorization"]).document

        assert stats["ai"]["failures"]["not_ready"] == 0


def test_the_budget_of_the_day_outlives_a_restart_and_after_it_the_local_order_is_warm(tmp_path):
    with FakeGemini() as fake:
        for _ in range(2):
            with running(tmp_path, fake, AI_WARM_CALLS_PER_DAY="1") as service:
                assert warm_up(service) == ("done", 2, 0)
                stats = service.get("/api/monitoring/stats", Authorization=OPERATOR["Authorization"]).document
                assert stats["warmup"] == stats["warmup"] | {"warmed": 2, "failed": 0, "running": False}

        assert len(fake.calls) == 1


def test_a_warm_up_on_a_hanging_ai_stops_neither_alerts_nor_clients_nor_the_end(tmp_path):
    with FakeGemini("silent") as fake, running(tmp_path, fake, AI_WAIT_SECONDS="0.1") as service:
        service.service.runner.run_now("warm_up")
        wait_for(lambda: fake.calls and service.service.engine.warming.warmup.progress().running)

        ledger = service.service.runner
        runs = next(job.runs for job in ledger.states() if job.id == "sample")
        ledger.run_now("sample")
        wait_for(lambda: next(job.runs for job in ledger.states() if job.id == "sample") > runs)
        assert method(service.search("fans"))[:2] == ("text", "timeout")
        assert service.service.engine.warming.warmup.progress().running
        assert service.stop() == 0


def test_proposals_are_marked_and_outlive_a_restart_and_an_outage(tmp_path):
    with Proposing() as fake:
        with running(tmp_path, fake, AI_PROPOSALS="on") as service:
            [proposal] = service.search("gadget").document["custom_segment_proposals"]
            assert (proposal["status"], proposal["proposed_name"]) == ("proposed", "Gadget collectors")
            assert proposal["custom_segment_id"] not in service.search("gadget").ids

        fake.mode = "forbidden"
        with running(tmp_path, fake, AI_PROPOSALS="on") as service:
            document = service.search("gadget").document
            assert (document["ranking_method"], document["fallback_reason"]) == ("text", "error")
            assert document["custom_segment_proposals"] == [proposal]

        fake.mode = "ok"
        with running(tmp_path, fake) as service:
            assert "custom_segment_proposals" not in service.search("gadget").document


def test_what_was_popular_is_warmed_after_a_restart(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue()) as service:
        for _ in range(2):
            service.search("number%209")
    with Running(tmp_path) as service:
        wait_for(lambda: service.service.engine.warming.warmup.state().last_run_at)

        assert "number 9" in service.service.engine.warming.warmup.progress().specs
        assert service.search("number%209").header("X-Cache") == "hit"


def test_a_damaged_note_of_what_was_popular_keeps_nothing_from_starting(tmp_path):
    with Running(tmp_path, catalogue=a_catalogue()):
        pass
    with sqlite3.connect(tmp_path / "state.db") as state:
        state.execute("UPDATE notes SET text = '[[[[' WHERE name = 'popular'")
    state.close()

    with Running(tmp_path) as service:
        assert service.search("gadget").status == 200


def test_with_a_public_address_it_is_pinged_there_and_a_failure_is_counted_and_said(tmp_path, front):
    url = f"http://127.0.0.1:{front.server_port}/"
    with Running(tmp_path, BASE_URL=url, WARM_INTERVAL_SECONDS="3600") as service:
        assert service.service.runner.run_now("ping")
        wait_for(lambda: front.paths)
        assert front.paths[0][0] == "/health"
        assert front.paths[0][1].startswith("signals-agent/")

        def pings():
            return next(job for job in service.service.runner.states() if job.id == "ping")

        wait_for(lambda: pings().runs == 1)
        front.status = 503
        service.service.runner.run_now("ping")
        wait_for(lambda: pings().runs == 2)
        assert (pings().failures, pings().last_outcome) == (1, "error")
        [line] = wait_for(lambda: service.events("job_failed", job="ping"))
        assert "status 503" in line["error"]


def test_without_a_public_address_there_is_no_ping(tmp_path):
    with Running(tmp_path) as service:
        assert "ping" not in [job.id for job in service.service.runner.states()]
