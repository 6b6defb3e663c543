"""The real client and model of the dashboard over a real fleet: its instances, totals that add up, and who is gone."""

import asyncio
import signal

from dashboard.client import Client
from dashboard.config import Target
from dashboard.model.fleet import rows_of, totals_of
from dashboard.model.target import TargetModel
from tests.fleet.processes import Fleet
from tests.fleet.redis_server import needs_redis
from tests.running import TOKEN, wait_for

pytestmark = needs_redis


class Watched:
    """One address watched as the dashboard does."""

    def __init__(self, instance):
        host, port = instance.address
        self.target = Target("fleet", f"http://{host}:{port}", TOKEN, 1.0)
        self.model = TargetModel(self.target)

    def rows_when(self, wanted):
        """Poll until the rows, as (name, whether gone), are as wanted; return them."""

        async def watch():
            client = Client(self.target)
            try:
                while True:
                    answer = await client.poll()
                    self.model.take(answer)
                    rows = rows_of([self.model], answer.at)
                    if sorted((row.name, row.gone) for row in rows) == wanted:
                        return rows
                    await asyncio.sleep(0.2)
            finally:
                await client.close()

        return asyncio.run(asyncio.wait_for(watch(), 30))


def test_instances_behind_one_address_are_told_apart_add_up_and_go(tmp_path, redis, started):
    fleet = started(Fleet(tmp_path, redis, 2)).together()
    watched = Watched(fleet[0])

    rows = watched.rows_when([("one", False), ("two", False)])
    totals = totals_of(rows)
    told = watched.model.latest.totals
    assert (totals.targets, totals.instances) == (1, 2)
    assert abs(totals.requests - told["requests.rate"]) < 0.001
    assert sum(row.capacity for row in rows) == told["queue.capacity"]

    fleet[1].signal(signal.SIGTERM)
    rows = watched.rows_when([("one", False), ("two", True)])
    assert (totals_of(rows).instances, totals_of(rows).gone) == (1, 1)


def test_without_redis_the_address_itself_is_what_is_shown(tmp_path, redis, started):
    fleet = started(Fleet(tmp_path, redis, 2)).together()
    watched = Watched(fleet[0])
    watched.rows_when([("one", False), ("two", False)])

    redis.kill()

    watched.rows_when([("fleet", False)])
    redis.start()
    wait_for(lambda: fleet.names() == ["one", "two"])
    watched.rows_when([("one", False), ("two", False)])
