"""The dashboard over the real service: a real socket, real load, real alerts, under Textual's pilot."""

import http.client
import threading
import time
from contextlib import contextmanager
from functools import partial

import pytest

from dashboard.app import Dashboard
from dashboard.config import Target
from tests.dashboard.screens.scenes import text_of
from tests.running import TOKEN, Running, TrickyRanker, free_port

PATIENCE = 20.0
INTERVAL = 0.2
RULES = """
[QueueBacklog]
warns = 2
fires = 3
clears = 2.5
for_seconds = 0
minimum_firing_seconds = 0
"""


@pytest.fixture
def service(tmp_path):
    """The service with short alert rules; ``again()`` starts it anew on the same port."""
    rules, port, running = tmp_path / "rules.toml", free_port(), []
    rules.write_text(RULES)

    def again():
        settings = {"PORT": port, "SLOTS": 1, "OPERATOR_TOKEN": TOKEN, "ALERT_RULES_PATH": rules, "TRUSTED_PROXIES": 1}
        ranker = TrickyRanker()
        running.append(Running(tmp_path, ranker, **settings))
        running[-1].again, running[-1].ranker = again, ranker
        return running[-1]

    yield again()
    running[-1].stop()


def watching(service, **options):
    host, port = service.address
    return Dashboard([Target("local", f"http://{host}:{port}", TOKEN, INTERVAL)], **options)


async def until(pilot, true, what):
    """Go on until it is so; the clock of the wall, since what is waited for happens outside."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"{what}:\n{text_of(pilot)}"
        await pilot.pause(0.02)


def slow(service, number):
    """Ask what takes long, as a client of its own."""
    return service.search(f"slow+{number}", X_Forwarded_For=f"203.0.113.{number}")


@contextmanager
def load(service):
    """Ask about 150 times a second; yields a list whose length is the number of answers so far."""
    answers, ended = [], threading.Event()

    def work():
        connection = http.client.HTTPConnection(*service.address, timeout=PATIENCE)
        while not ended.wait(0.005):
            connection.request("GET", "/api/signals?spec=cars")
            answers.append(connection.getresponse().read())
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join(PATIENCE)


async def test_the_rate_shown_is_that_of_the_load(service):
    seen = []
    with load(service) as answers:
        app = watching(service, keep=lambda target, answer: seen.append((answer.at, len(answers))))
        async with app.run_test(size=(160, 48)) as pilot:
            await until(pilot, lambda: len(seen) > 25, "no polls")
            shown = app.model.vital("requests", app.now(), 60.0).value
            (first, before), (last, after) = seen[0], seen[-1]
            real = (after - before) / (last - first)

            assert real > 20
            assert abs(shown - real) < 0.1 * real
            assert app.model.counted("requests", app.now(), 60.0).rate("200") == pytest.approx(real, rel=0.1)


async def test_an_alert_fires_and_is_resolved_and_a_restart_is_survived(service):
    app = watching(service)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        waiting = [service.held(partial(slow, service, number)) for number in range(5)]
        await until(pilot, lambda: service.service.engine.gate.depth >= 4, "no queue")
        service.service.runner.run_now("sample")
        await until(pilot, lambda: "QueueBacklog firing" in text_of(pilot), "not firing")
        assert "FIRING" in text_of(pilot)

        service.ranker.release.set()
        assert {wait().status for wait in waiting} == {200}

        def resolved():
            service.service.runner.run_now("sample")
            return "resolved" in text_of(pilot)

        await until(pilot, resolved, "not resolved")
        assert "QueueBacklog firing" not in text_of(pilot)

        service.stop()
        await until(pilot, lambda: "unreachable" in text_of(pilot), "not lost")
        assert "resolved" in text_of(pilot), "what was known stays on the screen"
        again = service.again()
        await until(pilot, lambda: app.model.connection(app.now()).data_ok, "not back")
        with load(again):
            await until(pilot, lambda: (app.model.newest_values()["requests"] or 0) > 20, "no rate after the restart")
        rates = [point.value for point in app.model.vital("requests", app.now(), 60.0).trend]
        assert None in rates, "a gap"
        assert all(rate is None or 0 <= rate < 1000 for rate in rates)


async def test_an_operator_warms_up_lifts_a_block_and_asks_as_a_consumer(service):
    app = watching(service)
    attack = "/api/signals?spec=%3Cscript%3Ealert(1)%3C/script%3E"
    while service.get(attack, X_Forwarded_For="203.0.113.7").status != 403:
        pass
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.model.latest is not None, "no answer")
        before = service.service.engine.warming.warmup.state().last_run_at
        await pilot.press("4", "w")
        await until(pilot, lambda: "started." in text_of(pilot), "nothing said")
        await until(pilot, lambda: service.service.engine.warming.warmup.state().last_run_at != before, "not warmed")

        await pilot.press("3")
        await until(pilot, lambda: "203.0.113.7" in text_of(pilot), "no block")
        await pilot.press("u")
        await until(pilot, lambda: "Lift the block of 203.0.113.7" in text_of(pilot), "not asked")
        await pilot.press("y")
        await until(pilot, lambda: "nobody is blocked" in text_of(pilot), "not lifted")
        assert service.get("/api/signals?spec=cars", X_Forwarded_For="203.0.113.7").status == 200

        await pilot.press("7", *"cars", "enter")
        await until(pilot, lambda: "200 OK" in text_of(pilot), "not answered")
        assert "requests left" in text_of(pilot)
