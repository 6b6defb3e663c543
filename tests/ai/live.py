"""The running service with an AI that is a fake server: what the end-to-end tests of this folder share."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager

import psutil

from tests.ai_servers import FakeGemini, FakeOpenAi
from tests.running import OPERATOR, TOKEN, Running, wait_for

KEY = "AIza-key-that-nobody-may-see"
PROVIDERS = ("gemini", "openai")


def fake_of(provider):
    return FakeGemini() if provider == "gemini" else FakeOpenAi()


def ai_settings(fake, **settings):
    """Return the environment that has the service ask a fake."""
    if isinstance(fake, FakeGemini):
        ours = {"GEMINI_API_KEY": KEY, "GEMINI_API_ENDPOINT": fake.url}
    else:
        ours = {"AI_PROVIDER": "openai", "AI_BASE_URL": f"{fake.url}/v1", "AI_MODEL": "one", "AI_API_KEY": KEY}
    usual = {"AI_WAIT_SECONDS": "5", "AI_TIMEOUT_SECONDS": "5", "OPERATOR_TOKEN": TOKEN, "QUEUE_SIZE": "100"}
    return usual | ours | settings


HASTY = {"AI_WAIT_SECONDS": "0.3", "AI_TIMEOUT_SECONDS": "0.5"}
"""For what hangs: a busy machine may take longer over what does not."""


class Live:
    """A running service and the fake that it asks."""

    def __init__(self, fake, service):
        self.fake, self.service = fake, service
        self.calls = service.service.engine.ai.calls

    def say(self, mode):
        self.fake.mode = mode
        return self

    def ask(self, spec, more="", **headers):
        return self.service.get(f"/api/signals?spec={spec.replace(' ', '+')}&max_results=50{more}", **headers)

    def told(self, spec, more=""):
        """Ask and return what the answer says of its ranking, and from where it came."""
        answer = self.ask(spec, more)
        assert answer.status == 200, answer
        return answer.document["ranking_method"], answer.document["fallback_reason"], answer.header("X-Cache")

    def timed(self, spec):
        began = time.monotonic()
        answer = self.ask(spec)
        return answer, time.monotonic() - began

    def settled(self):
        """Wait until no call is in the air."""
        wait_for(lambda: self.calls.threads == 0)

    def heal(self, spec):
        """Two calls that go well, so that no row of tests opens the breaker."""
        self.say("ok")
        for place in range(2):
            assert self.told(f"{spec} healed {place}")[0] == "ai"

    def stats(self):
        return self.service.get("/api/monitoring/stats", **OPERATOR).document

    def health(self):
        return self.service.get("/api/monitoring/health").document

    def counters(self):
        """Return what the metrics count of calls and rankings, as (name, label) -> value."""
        text = self.service.get("/api/monitoring/metrics", **OPERATOR).body.decode()
        found = re.findall(r'^(ai_requests_total|rankings_total)\{\w+="(\w+)"\} (\S+)$', text, re.MULTILINE)
        return {(name, label): float(value) for name, label, value in found}

    def line(self, spec):
        """Return the log line of the last answer to a spec."""
        return wait_for(lambda: self.service.events("request", spec=spec))[-1]


@contextmanager
def living(folder, fake, catalogue, **settings):
    """Run the service until the AI is ready; ``fake`` is free to answer when it ends."""
    folder.mkdir(exist_ok=True)
    with fake, Running(folder, catalogue=catalogue, **ai_settings(fake, **settings)) as service:
        live = Live(fake, service)
        wait_for(lambda: live.calls.phase() == "ready")
        try:
            yield live
        finally:
            fake.free.set()


def holding():
    """Return the threads and descriptors of this process."""
    return threading.active_count(), psutil.Process().num_fds()
