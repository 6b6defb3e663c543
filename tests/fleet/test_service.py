"""A whole service in this process with a Redis: what operators see of it."""

import pytest

from tests.fleet.instances import UNHURRIED
from tests.fleet.redis_server import RedisServer, needs_redis
from tests.running import OPERATOR, TOKEN, Running, wait_for

pytestmark = needs_redis
PASSWORD = "a-pass-word-of-redis"


@pytest.fixture
def redis(tmp_path, started):
    return started(RedisServer(tmp_path, "--requirepass", PASSWORD))


@pytest.fixture
def service(redis, started, tmp_path):
    url = redis.url.replace("//", f"//:{PASSWORD}@") + "/2"
    settings = {"REDIS_URL": url, "OPERATOR_TOKEN": TOKEN, "RATE_LIMIT": "5/60"}
    return started(Running(tmp_path, REDIS_WAIT_SECONDS=UNHURRIED, **settings))


def test_the_password_of_redis_is_told_nowhere(service):
    shown = service.get("/api/debug", **OPERATOR)

    assert shown.document["settings"]["REDIS_URL"] == "***"
    assert shown.document["versions"]["redis"]
    assert PASSWORD not in shown.body.decode() + service.log.getvalue()


def test_stats_health_and_metrics_tell_of_the_store(service):
    clients = service.get("/api/monitoring/stats", **OPERATOR).document["clients"]
    check = service.get("/api/monitoring/health").document["checks"]["client_store"]
    metrics = service.get("/api/monitoring/metrics", **OPERATOR).body.decode()

    assert (clients["store"], clients["store_ok"]) == ("redis", True)
    assert (check["status"], check["detail"]) == ("healthy", "redis")
    assert "\nstore_up 1.0\n" in metrics
    assert len(service.events("store_up")) == 1


def test_answers_carry_the_headers_of_the_shared_limit(service):
    answers = [service.search("cars") for _ in range(6)]

    assert [answer.header("X-RateLimit-Remaining") for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert 50 <= int(answers[-1].header("Retry-After")) <= 60


def test_what_was_asked_most_is_warmed_by_an_instance_that_was_never_asked(service, redis, started, tmp_path):
    (tmp_path / "other").mkdir()
    settings = {"REDIS_URL": redis.url.replace("//", f"//:{PASSWORD}@") + "/2", "OPERATOR_TOKEN": TOKEN}
    for _ in range(3):
        service.search("strollers")
    # A count rides on a later call.
    wait_for(lambda: service.search("strollers") and not service.service.fleet.riding._order)

    other = started(Running(tmp_path / "other", REDIS_WAIT_SECONDS=UNHURRIED, **settings))
    other.ask("POST", "/api/monitoring/warmup?wait=true", headers=OPERATOR)

    assert other.search("strollers").header("X-Cache") == "hit"


def test_a_service_ends_its_connections(service):
    service.search("cars")

    assert service.stop() == 0

    assert len(service.service.fleet.store._pool) == 0
    assert not service.service.fleet.store.ok
