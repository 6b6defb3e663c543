"""Keys over a real server, made and revoked by the command line while it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import OPERATOR, TOKEN, Running, wait_for

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Running(tmp_path_factory.mktemp("keys"), OPERATOR_TOKEN=TOKEN, BLOCKING="off", KEY_RATE_LIMIT="500/60") as one:
        yield one


def keys(service, *arguments):
    """Run the command line in a process of its own; return what it printed."""
    environ = os.environ | {"STATE_PATH": str(service.folder / "state.db")}
    command = [sys.executable, "-m", "service.keys", *arguments]
    return subprocess.run(command, env=environ, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def test_a_key_works_from_the_moment_it_is_made_until_it_is_revoked(service):
    key = keys(service, "create", "acme")

    answer = service.search("cars", Authorization=f"Bearer {key}")
    assert answer.status == 200
    assert '"key";q=500;w=60' in answer.header("RateLimit-Policy")
    assert answer.header("X-RateLimit-Limit") == "500"
    assert service.search("cars", X_Adcp_Auth=key).status == 200

    keys(service, "revoke", key)
    refused = wait_for(lambda: (found := service.search("cars", X_Adcp_Auth=key)).status == 401 and found)
    assert refused.header("WWW-Authenticate").startswith('Bearer realm="signals", error="invalid_token"')
    assert refused.document["type"] == "/problems/unauthorized"


def test_a_wrong_key_is_refused_before_anything_is_read_of_the_request(service):
    answer = service.get("/api/signals", X_Adcp_Auth="sa_wrong")
    posted = service.post(b"{", **{"X-Adcp-Auth": "sa_wrong"})

    assert (answer.status, posted.status) == (401, 401)


@pytest.mark.parametrize("target", ["/", "/health", "/openapi.json", "/api/monitoring/health"])
def test_routes_that_are_everybodys_do_not_look_at_keys(service, target):
    assert service.get(target, X_Adcp_Auth="sa_wrong").status == 200


def test_a_script_of_operators_that_sends_its_token_everywhere_goes_on(service):
    answer = service.ask("GET", "/api/signals?spec=cars", headers=OPERATOR)

    assert answer.status == 200
    assert '"key"' not in answer.header("RateLimit")


def test_the_holder_is_named_in_log_stats_and_metrics_and_the_key_nowhere(service):
    key = keys(service, "create", "globex")
    service.search("cars", X_Adcp_Auth=key)

    line = wait_for(lambda: service.events("request", key="globex"))[0]
    stats = service.ask("GET", "/api/monitoring/stats", headers=OPERATOR)
    metrics = service.ask("GET", "/api/monitoring/metrics", headers=OPERATOR)

    assert line["status"] == 200
    assert {"name": "globex", "used": 1, "limit": 500, "window_seconds": 60} in stats.document["clients"]["keys"]
    assert b'key_requests_total{key="globex"} 1.0' in metrics.body
    secret = key.rpartition("_")[2]
    assert secret not in service.log.getvalue()
    assert secret.encode() not in stats.body + metrics.body
