"""An AI in the life of the running service: loading, outage, recovery, keys, the end with calls in the air."""

import socket
import threading
import time

import pytest

from service.ai.openai import OpenAi
from tests.ai.live import HASTY, KEY, PROVIDERS, Live, ai_settings, fake_of, holding, living
from tests.doubles import Crowd
from tests.running import OPERATOR, Running, a_catalogue, wait_for


def test_the_ai_loads_is_ready_fails_and_is_ready_again_and_answers_never_stop(tmp_path, monkeypatch):
    begin = threading.Event()
    load = OpenAi.load
    monkeypatch.setattr(OpenAi, "load", lambda provider: begin.wait(20) and load(provider))
    fake = fake_of("openai")
    settings = ai_settings(fake, AI_WAIT_SECONDS=1, AI_TIMEOUT_SECONDS=20)
    with fake, Running(tmp_path, catalogue=a_catalogue(5), **settings) as service:
        live = Live(fake, service)
        assert live.told("gadget early") == ("text", "not_ready", "miss")
        assert shown(live) == ("loading", "healthy")

        begin.set()
        wait_for(lambda: shown(live) == ("ready", "healthy"))

        live.say("slow").told("gadget slow")
        live.say("forbidden")
        for number in range(5):
            assert live.told(f"gadget {number}") == ("text", "error", "miss")
        assert shown(live) == ("open", "degraded")
        assert live.told("gadget held back") == ("text", "breaker_open", "miss")
        assert live.counters()["ai_requests_total", "breaker_open"] == 1
        assert b"\nai_breaker_open 1.0\n" in metrics(live)

        fake.free.set()
        wait_for(lambda: shown(live) == ("ready", "healthy"))
        assert live.say("ok").told("gadget again") == ("ai", None, "miss")
        assert b"\nai_breaker_open 0.0\n" in metrics(live)
        told = [line["detail"] for line in service.events("ai")]
        assert told[0] == "openai failed (error): 403: the key was refused"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_that_says_when_to_come_again_is_left_alone_and_answers_are_local_at_once(tmp_path, provider):
    with living(tmp_path, fake_of(provider), a_catalogue(5), AI_WAIT_SECONDS=20, AI_TIMEOUT_SECONDS=20) as live:
        live.fake.retry_after = "10"
        began = time.monotonic()
        assert live.say("retry_after").told("gadget one") == ("text", "quota", "miss")
        assert live.say("ok").told("gadget two") == ("text", "breaker_open", "miss")

        assert time.monotonic() - began < 10
        assert len(live.fake.calls) == 1
        assert shown(live) == ("open", "degraded")


def test_a_package_that_cannot_be_imported_leaves_local_answers_and_after_a_minute_degraded_health(
    tmp_path, monkeypatch
):
    def broken(provider):
        raise ImportError(f"no module, says {KEY}")

    monkeypatch.setattr(OpenAi, "load", broken)
    fake = fake_of("openai")
    with fake, Running(tmp_path, catalogue=a_catalogue(5), **ai_settings(fake)) as service:
        live = Live(fake, service)
        (line,) = wait_for(lambda: service.events("ai"))
        assert line["detail"] == "openai cannot be used: ImportError: no module, says ***"
        assert live.told("gadget") == ("text", "not_ready", "miss")
        assert shown(live) == ("loading", "healthy")

        live.calls._loading._since -= 61

        assert shown(live) == ("loading", "degraded")
        assert live.told("gadget later") == ("text", "not_ready", "miss")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_is_shown_nowhere_not_even_where_the_provider_tells_it(tmp_path, provider):
    with living(tmp_path, fake_of(provider), a_catalogue(5)) as live:
        answers = [live.say(mode).ask(f"gadget {mode}") for mode in ("blab", "forbidden", "error_500", "ok")]
        assert any(KEY in value for value in live.fake.calls[0]["headers"].values())
        live.settled()
        paths = ("stats", "health", "metrics", "warmup")
        answers += [live.service.get(f"/api/monitoring/{path}", **OPERATOR) for path in paths]
        answers.append(live.service.get("/api/debug", **OPERATOR))
        live.service.stop()
        log = live.service.log.getvalue()

    assert "failed (error)" in log
    assert KEY not in log
    assert {answer.status for answer in answers} == {200, 202}
    assert [answer for answer in answers if KEY in repr(answer)] == []


def test_a_key_file_read_anew_is_used_from_the_next_call_on(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY)
    fake = fake_of("gemini")
    settings = ai_settings(fake, GEMINI_API_KEY="", GEMINI_API_KEY_FILE=file)
    with fake, Running(tmp_path, catalogue=a_catalogue(5), **settings) as service:
        live = Live(fake, service)
        wait_for(lambda: live.calls.phase() == "ready")
        live.told("gadget one")
        file.write_text("another-key-that-nobody-may-see")
        live.told("gadget two")
        service.service.reread()
        live.told("gadget three")

        keys = [call["headers"]["x-goog-api-key"] for call in fake.calls]
        assert keys == [KEY, KEY, "another-key-that-nobody-may-see"]
        assert "nobody-may-see" not in service.log.getvalue()


def test_a_draining_service_ends_waits_for_the_ai_with_the_local_answer(tmp_path):
    with living(tmp_path, fake_of("openai"), a_catalogue(5), AI_WAIT_SECONDS=60, AI_TIMEOUT_SECONDS=60) as live:
        crowd = Crowd()
        live.say("slow")
        for _ in range(3):
            crowd.start(live.told, "gadget")
        wait_for(lambda: live.service.service.engine.ai.stage.followers == 2)

        began = time.monotonic()
        assert live.service.stop() == 0

        assert crowd.join() == [("text", "timeout", "miss")] * 3
        assert time.monotonic() - began < 10
        assert len(live.fake.calls) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_service_that_ends_with_calls_in_the_air_leaves_no_thread_or_descriptor(tmp_path, provider):
    with living(tmp_path / "first", fake_of(provider), a_catalogue(5)) as live:
        live.told("gadget")  # whatever packages open once and keep
    threads, files = holding()

    with living(tmp_path / "second", fake_of(provider), a_catalogue(5), **HASTY) as live:
        live.say("dribble")
        for number in range(4):
            live.service.held(lambda number=number: live.ask(f"gadget {number}"))
        wait_for(lambda: live.calls.under_way == 4)
        assert live.service.stop() == 0
        live.settled()

    wait_for(lambda: holding()[0] <= threads)
    wait_for(lambda: holding()[1] <= files)
    assert not [line for line in live.service.lines() if line["level"] == "error"]


def shown(live):
    """Return the AI's state in the stats, and how health judges it."""
    return live.stats()["ai"]["state"], live.health()["checks"]["ai"]["status"]


def metrics(live):
    return live.service.get("/api/monitoring/metrics", **OPERATOR).body


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_look_up_of_names_that_hangs_holds_no_place_and_no_client(tmp_path, provider, monkeypatch):
    look_up, resolved = socket.getaddrinfo, threading.Event()

    def hang(*what, **how):
        if threading.current_thread().name == "ai-call":
            resolved.wait(20)
        return look_up(*what, **how)

    with living(
        tmp_path, fake_of(provider), a_catalogue(5), AI_CONCURRENCY=1, AI_WAIT_SECONDS=1, AI_TIMEOUT_SECONDS=1
    ) as live:
        monkeypatch.setattr(socket, "getaddrinfo", hang)
        for spec in ("gadget one", "gadget two"):
            assert live.told(spec) == ("text", "timeout", "miss")
            wait_for(lambda: live.calls.under_way == 0)

        assert live.calls.threads == 2
        assert live.told("gadget three") == ("text", "overloaded", "miss"), "threads that hang are bounded"
        resolved.set()
        live.settled()
        assert live.told("gadget four") == ("ai", None, "miss")
