"""Is the service well?"""

import pytest

from service.monitoring import health
from service.monitoring.health import Check, Since, Verdict, assess

EPOCH = 1_795_379_400.0


def test_the_worst_check_decides():
    well, poor, bad = Verdict("healthy", ""), Verdict("degraded", ""), Verdict("unhealthy", "")

    assert assess({}) == "healthy"
    assert assess({"a": well, "b": well}) == "healthy"
    assert assess({"a": well, "b": poor}) == "degraded"
    assert assess({"a": bad, "b": poor}) == "unhealthy"


@pytest.mark.parametrize(
    ("verdict", "status", "detail"),
    [
        (health.catalogue(65), "healthy", "65 signals"),
        (health.catalogue(0), "healthy", "0 signals"),
        (health.catalogue(None), "unhealthy", "no catalogue can be served"),
        (health.catalogue(None, "not a database"), "unhealthy", "no catalogue can be served: not a database"),
        (health.catalogue(65, "file is damaged"), "degraded", "serving the last 65 signals loaded: file is damaged"),
        (health.dispatch(0.0), "healthy", "requests are taken up at once"),
        (health.dispatch(10.0), "healthy", "a request waits since 10 s"),
        (health.dispatch(10.6), "unhealthy", "a request has waited 11 s for a thread"),
        (health.draining(False), "healthy", "accepting requests"),
        (health.draining(True), "unhealthy", "shutting down"),
        (health.alerts([]), "healthy", "none fires"),
        (health.alerts(["HighCpu", "AiSlow"]), "degraded", "firing: HighCpu, AiSlow"),
        (health.scheduler({"sample": (15.0, 5.0)}), "healthy", "jobs run on time"),
        (health.scheduler({"sample": (16.0, 5.0), "clean": (9, 3600)}), "degraded", "silent: sample for 16 s"),
        (health.ai(False, "off", 0), "healthy", "off"),
        (health.ai(True, "ready", 5), "healthy", "ready"),
        (health.ai(True, "loading", 60), "healthy", "loading"),
        (health.ai(True, "loading", 61), "degraded", "loading for 61 s: answers are ranked by text"),
        (health.ai(True, "open", 0), "degraded", "calls fail and are held back: answers are ranked by text"),
        (health.client_store("memory", True), "healthy", "memory"),
        (health.client_store("redis", False), "degraded", "redis is down: each instance limits by itself"),
        (health.state(None), "healthy", "readable and writable"),
        (health.state("set aside as damaged"), "degraded", "set aside as damaged"),
        (health.disk(100_000_000), "healthy", "100 MB free"),
        (health.disk(99_999_999), "degraded", "99 MB free"),
        (health.disk(None), "healthy", "free space unknown"),
        (health.proxies(trusted=False, forwarders=0), "healthy", "clients are socket peers"),
        (health.proxies(trusted=True, forwarders=3), "healthy", "X-Forwarded-For is believed as set"),
        (health.metrics_port(0, None), "healthy", "off"),
        (health.metrics_port(8001, None), "healthy", "port 8001"),
        (health.metrics_port(8001, "address in use"), "degraded", "port 8001: address in use"),
    ],
)
def test_each_check_judges_plain_values(verdict, status, detail):
    assert verdict == (status, detail)


def test_a_proxy_that_is_not_trusted_is_named_with_the_setting_that_helps():
    verdict = health.proxies(trusted=False, forwarders=2)

    assert verdict.status == "degraded"
    assert "2 private peers send X-Forwarded-For but TRUSTED_PROXIES is 0" in verdict.detail


def test_a_check_remembers_since_when_its_status_is_what_it_is():
    since = Since()

    since.stamp({"disk": health.disk(10**9)}, EPOCH)
    later = since.stamp({"disk": health.disk(10**9 - 10**7)}, EPOCH + 60)
    changed = since.stamp({"disk": health.disk(5)}, EPOCH + 120)

    assert later["disk"] == Check("healthy", "990 MB free", EPOCH)
    assert changed["disk"].document() == {
        "status": "degraded",
        "detail": "0 MB free",
        "since": "2026-11-22T20:32:00.000Z",
    }
    assert assess(changed) == "degraded"
