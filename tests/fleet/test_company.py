"""Two and three real instances over one Redis: catalogue, orders of the AI, cursors, warm-ups and figures as one."""

import signal
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPException

import pytest

from service.catalogue.store import Store
from tests.ai.live import ai_settings
from tests.ai_servers import FakeOpenAi
from tests.fleet.processes import Fleet, check, total
from tests.fleet.redis_server import needs_redis
from tests.published.publisher import Publisher
from tests.running import OPERATOR, a_catalogue, csv_of, wait_for


@pytest.fixture
def published(started):
    return started(Publisher(csv_of(12)))


@needs_redis
def test_what_one_instance_has_fetched_is_announced_and_served_by_all_within_seconds(
    tmp_path, redis, started, published
):
    fleet = started(Fleet(tmp_path, redis, 0, CATALOGUE_URL=published.url))
    fleet.start("one", CATALOGUE_REFRESH_SECONDS=1)
    fleet.start("two", CATALOGUE_REFRESH_SECONDS=3600)
    wait_for(lambda: [total(instance) for instance in fleet.instances] == [12, 12])

    published.body = csv_of(15)
    wait_for(lambda: [total(instance) for instance in fleet.instances] == [15, 15])

    assert check(fleet[1], "catalogue_fleet")["status"] == "healthy"


@needs_redis
def test_instances_that_serve_different_catalogues_say_so_and_take_none_by_post(tmp_path, redis, started):
    for name, count in (("one", 3), ("two", 4)):
        (tmp_path / name).mkdir()
        Store(tmp_path / name / "signals.db").import_rows(a_catalogue(count))
    fleet = started(Fleet(tmp_path, redis, 2))

    wait_for(lambda: check(fleet[0], "catalogue_fleet")["status"] == "degraded")
    told = check(fleet[0], "catalogue_fleet")["detail"]
    assert told.startswith("2 instances serve 2 catalogues: ")
    assert fleet[0].get("/api/monitoring/health").document["status"] == "degraded"
    refusal = fleet[0].upload(csv_of(5))
    assert (refusal.status, refusal.document["type"]) == (409, "/problems/elsewhere")
    assert "CATALOGUE_URL" in refusal.document["detail"]

    Store(tmp_path / "one" / "signals.db").import_rows(a_catalogue(4))
    wait_for(lambda: check(fleet[0], "catalogue_fleet")["status"] == "healthy")


@needs_redis
def test_a_page_begun_at_one_instance_goes_on_at_another(tmp_path, redis, started, published):
    fleet = started(Fleet(tmp_path, redis, 2, CATALOGUE_URL=published.url)).together()
    wait_for(lambda: [total(instance) for instance in fleet.instances] == [12, 12])

    first = fleet[0].search("gadget&max_results=7")
    second = fleet[1].search(f"gadget&max_results=7&cursor={first.document['pagination']['cursor']}")

    assert sorted(first.ids + second.ids) == sorted(f"gadget-{number}" for number in range(12))


@needs_redis
def test_a_question_is_put_to_the_ai_once_for_all_instances_and_once_more_when_its_leader_is_killed(
    tmp_path, redis, started, published
):
    fake = started(FakeOpenAi())
    settings = ai_settings(fake, CATALOGUE_URL=published.url, AI_WAIT_SECONDS=20, AI_TIMEOUT_SECONDS=20)
    fleet = started(Fleet(tmp_path, redis, 3, **settings)).together()
    wait_for(lambda: [total(instance) for instance in fleet.instances] == [12] * 3)
    wait_for(lambda: all(check(instance, "ai")["detail"] == "ready" for instance in fleet.instances))
    asked = calls_for(fake, "gadget shared")

    answers = [instance.held(lambda one=instance: one.search("gadget+shared")) for instance in fleet.instances]
    documents = [wait().document for wait in answers]

    assert [document["ranking_method"] for document in documents] == ["ai"] * 3
    assert len({document["signals"][0]["signal_agent_segment_id"] for document in documents}) == 1
    assert asked() == 1

    fake.thinks, fake.mode = 20, "slow"
    asked = calls_for(fake, "gadget killed")

    def ask_in_vain():
        with suppress(OSError, HTTPException):
            return fleet[0].search("gadget+killed")
        return "nobody answered"

    killed = fleet[0].held(ask_in_vain)
    wait_for(lambda: asked() == 1)
    follower = fleet[1].held(lambda: fleet[1].search("gadget+killed"))
    fleet[0].kill()
    wait_for(lambda: asked() == 2)
    fake.free.set()

    assert follower().document["ranking_method"] == "ai"
    assert killed() == "nobody answered"


def calls_for(fake, spec):
    """Return what counts the calls that a fake got for a spec."""
    return lambda: sum(spec in str(call) for call in list(fake.calls))


@needs_redis
def test_warm_ups_take_turns_and_ask_the_ai_once_for_all_instances(tmp_path, redis, started, published):
    fake = started(FakeOpenAi())
    settings = ai_settings(fake, CATALOGUE_URL=published.url, WARM_QUERIES="gadget one, gadget two, gadget three")
    fleet = started(Fleet(tmp_path, redis, 3, **settings))

    def warmed(instance):
        stats = instance.get("/api/monitoring/stats", **OPERATOR).document
        return (stats["warmup"]["warmed"] or 0) >= 3 and stats["cache"]["entries"] >= 6

    wait_for(lambda: all(warmed(instance) for instance in fleet.instances))

    assert [calls_for(fake, spec)() for spec in ("gadget one", "gadget two", "gadget three")] == [1, 1, 1]
    assert redis.ask("EXISTS", "sa1:lease:warm-up") == b":0\r\n"
    assert all(instance.search("gadget+two").header("X-Cache") == "hit" for instance in fleet.instances)


@needs_redis
def test_the_figures_of_all_instances_add_up_and_who_stopped_is_gone(tmp_path, redis, started):
    fleet = started(Fleet(tmp_path, redis, 3)).together()
    for instance, count in zip(fleet.instances, (2, 3, 4), strict=True):
        for number in range(count):
            instance.search(f"cars+{number}")

    def searches(document):
        return [one["requests"]["total"] for one in document["instances"]]

    def told():
        documents = [fleet.stats(place) for place in range(3)]
        rows = [row for one in documents[0]["instances"] for row in one["cache"].items() if row[0] == "misses"]
        return documents if sum(count for _, count in rows) >= 9 else None

    document = wait_for(told)[0]
    totals = document["totals"]
    assert totals["instances"] == 3
    assert totals["requests"]["total"] == sum(searches(document))
    assert totals["cache"]["misses"] == sum(one["cache"]["misses"] for one in document["instances"])
    assert totals["queue"]["slots"] == 6
    assert totals["requests"]["duration_seconds"]["max"] == max(
        one["requests"]["duration_seconds"]["max"] for one in document["instances"]
    )
    assert [row["instances"] for row in totals["catalogues"]] == [3]

    fleet[2].signal(signal.SIGTERM)
    wait_for(lambda: fleet.names() == ["one", "two"], 10)
    fleet[1].kill()
    wait_for(lambda: fleet.names() == ["one"], 15)


@needs_redis
def test_without_redis_an_instance_speaks_for_itself_and_is_among_the_others_again_when_it_is_back(
    tmp_path, redis, started
):
    fleet = started(Fleet(tmp_path, redis, 2)).together()
    redis.kill()

    wait_for(lambda: fleet.names() == ["one"])
    assert fleet[0].search("cars").status == 200
    redis.start()
    fleet.together()


@needs_redis
def test_nothing_that_is_left_in_redis_keeps_an_instance_from_answering(tmp_path, redis, started):
    redis.ask("HSET", "sa1:figures", "ghost", "no figures")
    for key in ("sa1:catalogues", "sa1:announced", "sa1:lease:warm-up"):
        redis.ask("RPUSH", key, "junk")
    fleet = started(Fleet(tmp_path, redis, 1))

    assert fleet[0].search("cars").status == 200
    assert fleet.names() == ["one"]
    assert fleet[0].get("/api/monitoring/health").status == 200


def test_without_a_redis_url_nothing_of_the_fleet_is_imported(tmp_path):
    program = """
import sys
from tests.running import Running
from pathlib import Path
with Running(Path(sys.argv[1])) as service:
    assert service.search("cars").status == 200
    assert service.get("/api/monitoring/stats?scope=fleet").status == 200
fleet = ("redis", "service.fleet", "service.company", "service.published")
found = [name for name in sys.modules if name.startswith(fleet)]
sys.exit(repr(found) if found else 0)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")
