"""Service processes, a real Redis and a real balancer: what a fleet promises as a whole."""

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.deploy.proxies import BOTH, haproxy, needs
from tests.fleet.live import UNHURRIED, Fleet, Load
from tests.fleet.redis_server import needs_redis
from tests.running import OPERATOR, wait_for

pytestmark = needs_redis

LOST = {
    "killed": (lambda redis: redis.kill(), lambda redis: redis.start(), "unreachable"),
    "frozen": (lambda redis: redis.freeze(), lambda redis: redis.thaw(), "timeout"),
    "full": (
        lambda redis: redis.ask("CONFIG", "SET", "maxmemory", "1"),
        lambda redis: redis.ask("CONFIG", "SET", "maxmemory", "0"),
        "full",
    ),
}


def metrics_of(instance):
    return instance.get("/api/monitoring/metrics", **OPERATOR).body.decode()


def requests_of(instance, client):
    """Return what it was asked since it was started, not what another one in its place was."""
    wanted = {"event": "request", "client": client, "endpoint": "/api/signals"}
    return [line for line in instance.lines(instance.log_began) if wanted.items() <= line.items()]


@pytest.mark.parametrize("balancer", BOTH)
def test_a_hundred_requests_a_minute_are_one_hundred_over_all_instances(tmp_path, started, balancer):
    count = 3 if balancer is haproxy else 2
    fleet = started(Fleet(tmp_path, count, balancer, RATE_LIMIT="100/60", REDIS_WAIT_SECONDS=UNHURRIED))
    asking = ["192.0.2.1"] * 130 + ["192.0.2.2"] * 130 + ["192.0.2.3"] * 90
    random.shuffle(asking)

    with ThreadPoolExecutor(8) as crowd:
        answers = list(zip(asking, crowd.map(fleet.ask, asking), strict=True))

    def statuses(client):
        return sorted(answer.status for who, answer in answers if who == client)

    assert statuses("192.0.2.1") == statuses("192.0.2.2") == [200] * 100 + [429] * 30
    assert statuses("192.0.2.3") == [200] * 90
    waits = {int(answer.header("Retry-After")) for _, answer in answers if answer.status == 429}
    assert waits <= set(range(20, 61))
    # Every instance had a part in it.
    for instance in fleet.instances:
        wait_for(lambda instance=instance: len(requests_of(instance, "192.0.2.1")) > 10)


@needs("haproxy")
def test_a_block_by_one_is_enforced_by_all_within_a_second_and_so_is_its_end(tmp_path, started):
    fleet = started(Fleet(tmp_path, 2, BLOCK_SCORE=50, REDIS_WAIT_SECONDS=UNHURRIED))
    attacker, everybody = "192.0.2.9", range(2)

    # Spread over all of them, each sees less than it blocks for by itself.
    attacks = [fleet.ask(attacker, "%3Cscript%3Ealert(1)%3C/script%3E").status for _ in range(8)]
    blocked = time.monotonic()
    found = [fleet.ask(attacker, instance=number) for number in everybody]

    assert attacks == [400] * 6 + [403] * 2
    assert [answer.status for answer in found] == [403] * 2
    assert all(0 < int(answer.header("Retry-After")) <= 60 for answer in found)
    assert fleet.ask("192.0.2.10").status == 200
    for number in everybody:
        wait_for(
            lambda number=number: [row["client"] for row in fleet.stats(number)["clients"]["blocked"]] == [attacker]
        )
    assert sum(len(one.events("blocked", client=attacker)) for one in fleet.instances) == 1

    lifted = fleet.instances[1].ask("DELETE", f"/api/monitoring/blocks/{attacker}", headers=OPERATOR)

    assert lifted.status == 200
    assert time.monotonic() - blocked < 60  # the block itself has not ended meanwhile
    assert [fleet.ask(attacker, instance=number).status for number in everybody] == [200] * 2


@needs("haproxy")
def test_whatever_becomes_of_redis_no_request_fails_and_it_is_found_again(tmp_path, started):
    fleet = started(Fleet(tmp_path, 2))
    with closing(Load(fleet)) as load:
        load.goes_on()
        for lose, mend, fault in LOST.values():
            lose(fleet.redis)
            fleet.store_is(False)
            load.goes_on()
            health = fleet.instances[0].get("/api/monitoring/health")
            assert (health.status, health.document["status"]) == (200, "degraded")
            assert "redis is down" in health.document["checks"]["client_store"]["detail"]
            never = f'\nstore_failures_total{{fault="{fault}"}} 0.0\n'
            wait_for(lambda never=never: never not in metrics_of(fleet.instances[0]))
            assert "\nstore_up 0.0\n" in metrics_of(fleet.instances[0])
            mend(fleet.redis)
            fleet.store_is(True)
            load.goes_on()
        fleet.redis.ask("FLUSHALL")
        load.goes_on()
        fleet.redis.ask("SCRIPT", "FLUSH")
        load.goes_on()
        outcomes = load.end()

    assert set(outcomes) == {200}
    for number, one in enumerate(fleet.instances):
        clients = fleet.stats(number)["clients"]
        assert (clients["store"], clients["store_ok"]) == ("redis", True)
        # One line for each change, however many requests met it.
        assert 3 <= len(one.events("store_down")) <= 3 + 20


@needs("haproxy")
def test_without_redis_each_instance_keeps_the_limit_by_itself_and_they_agree_again_afterwards(tmp_path, started):
    fleet = started(Fleet(tmp_path, 2, RATE_LIMIT="20/60", REDIS_WAIT_SECONDS=1))
    fleet.redis.freeze()
    fleet.ask("192.0.2.1", instance=0), fleet.ask("192.0.2.1", instance=1)
    fleet.store_is(False)

    alone = [[fleet.ask("192.0.2.2", instance=number).status for _ in range(25)] for number in (0, 1)]

    assert alone == [[200] * 20 + [429] * 5] * 2
    fleet.redis.thaw()
    fleet.store_is(True)
    together = [fleet.ask("192.0.2.3").status for _ in range(25)]
    assert together == [200] * 20 + [429] * 5


@needs("haproxy")
def test_instances_restarted_one_after_the_other_lose_no_request_and_forget_no_client(tmp_path, started):
    fleet = started(Fleet(tmp_path, 2, RATE_LIMIT="100000/60", REDIS_WAIT_SECONDS=UNHURRIED))
    left = []
    with closing(Load(fleet)) as load:
        load.goes_on()
        for number in range(2):
            left.append(int(fleet.ask("192.0.2.1").header("X-RateLimit-Remaining")))
            fleet.replace(number)
            # The next one may not go before the balancer has found this one well, and asks it again.
            wait_for(lambda number=number: requests_of(fleet.instances[number], "198.51.100.1"))
            load.goes_on()
        left.append(int(fleet.ask("192.0.2.1").header("X-RateLimit-Remaining")))
        outcomes = load.end()

    assert set(outcomes) == {200}
    assert left == [99_999, 99_998, 99_997]


@needs("haproxy")
def test_an_instance_that_is_killed_costs_no_search_and_no_count(tmp_path, started):
    fleet = started(Fleet(tmp_path, 2, RATE_LIMIT="50/60", REDIS_WAIT_SECONDS=UNHURRIED))
    before = [fleet.ask("192.0.2.1").status for _ in range(30)]
    fleet.instances[0].signal(signal.SIGKILL)

    after = [fleet.ask("192.0.2.1").status for _ in range(30)]

    assert before == [200] * 30
    assert after == [200] * 20 + [429] * 10
