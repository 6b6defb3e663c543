"""Answers and pings as tests of ``keep_alive`` need them."""

import json

from keep_alive import Answer, Ping, Verdict, judge

PAGE = b"<!DOCTYPE html><html><title>Application loading</title></html>"
HEALTHY = json.dumps({"status": "healthy", "checks": {"catalogue": {"status": "healthy"}}}).encode()


def document(status="degraded", /, **checks):
    """Return a health document; ``queue="degraded"`` is a check."""
    found = {name: {"status": state, "detail": "words", "since": "…"} for name, state in checks.items()}
    return json.dumps({"status": status, "checks": found, "uptime_seconds": 1.0, "version": "1.0.0"}).encode()


def an_answer(status=200, body=HEALTHY, at=0.1, problem="", **headers):
    return Answer(at, status, {name.replace("_", "-"): value for name, value in headers.items()}, body, problem)


REFUSED = Answer(0.1, problem="connection refused")
FAILED = Verdict("failed", "connection refused", REFUSED, settled=True)


def a_ping(answer=None, tries=1, seconds=0.1):
    return Ping(judge(answer or an_answer()), tries, seconds)
