import json
import time

import pytest

from service.fleet.naming import name
from service.fleet.popular import SharedPopular, written
from service.fleet.riding import WAITING, Riding
from service.messages import Brief, Query
from tests.doubles import FakeClock
from tests.fleet.instances import BOB, Instance
from tests.fleet.redis_server import needs_redis

pytestmark = needs_redis
CARS, BOATS = Brief("cars"), Brief("boats", platforms=("dv360",), max_cpm=2.5)
ERA_SECONDS = 30 * 6 * 3600


class Asked:
    """An instance that counts what its clients ask."""

    def __init__(self, redis, started):
        self.instance = started(Instance(redis, rate=(1_000_000, 60)))
        self.popular = SharedPopular(
            self.instance.store, self.instance.riding.asked, lambda count: [Brief("what was asked here")]
        )

    def ask(self, *briefs, **fields):
        for brief in briefs:
            self.popular.note(Query(brief, **({"client": BOB} | fields)))
        while self.instance.riding._order:
            self.instance.ask()


@pytest.fixture
def asked(redis, started):
    return lambda: Asked(redis, started)


def test_what_is_asked_of_all_instances_counts_together(asked):
    first, second, third = asked(), asked(), asked()

    first.ask(CARS, BOATS, BOATS)
    second.ask(CARS, CARS, Brief("asked but once"))

    assert third.popular.most(10) == [CARS, BOATS]
    assert third.popular.most(1) == [CARS]


def test_deeper_pages_warm_ups_private_and_endless_questions_do_not_count(asked):
    one = asked()
    for _ in range(3):
        one.ask(CARS, cursor="c")
        one.ask(CARS, client="")
        one.ask(Brief("cars", viewer="p1"))
        one.ask(Brief("endless", platforms=("p" * 100,) * 30))

    assert one.popular.most(10) == []


def test_an_era_that_ends_takes_its_weights_into_the_next_at_what_they_are_worth_by_then(asked, redis):
    one = asked()
    lives = time.time() % ERA_SECONDS / (6 * 3600)
    key = name("popular", str(int(time.time() // ERA_SECONDS) - 1)).decode()
    redis.ask("ZADD", key, 2 ** (30 + lives) * 4, written(CARS).decode(), 2.0**30, written(BOATS).decode())

    assert one.popular.most(10)[:1] == [CARS]
    one.ask(BOATS, BOATS)
    assert one.popular.most(10) == [CARS, BOATS]


def test_the_lighter_half_is_forgotten_when_there_are_too_many(asked, redis):
    one = asked()
    key = name("popular", str(int(time.time() // ERA_SECONDS))).decode()
    pairs = [part for number in range(4000) for part in (number + 1, f"brief {number}")]
    redis.ask("ZADD", key, *pairs)

    one.ask(CARS)

    assert int(redis.ask("ZCARD", key)[1:]) == 2001


def test_garbage_among_the_popular_is_passed_over_and_counted(asked, redis):
    one = asked()
    one.ask(CARS, CARS)
    key = name("popular", str(int(time.time() // ERA_SECONDS))).decode()
    weight = 2.0**30 * 100
    garbage = ["no json", "[]", '{"spec":"cars"}', json.dumps({"spec": "x" * 3000}), "[" * 1900]
    redis.ask("ZADD", key, *[part for text in garbage for part in (weight, text)])

    assert one.popular.most(10) == [CARS]
    assert one.instance.store.garbage == len(garbage)


def test_while_redis_is_down_each_instance_warms_what_it_was_asked_itself(asked, redis):
    one = asked()
    redis.kill()

    assert one.popular.most(10) == [Brief("what was asked here")]


def test_the_same_brief_rides_once_with_its_count_and_not_with_every_call():
    clock = FakeClock()
    riding = Riding(clock)
    for _ in range(5):
        riding.asked(b"cars")
    riding.asked(b"boats")

    assert [riding.next_asked(), riding.next_asked()] == [(b"cars", 5), (b"", 0)]
    clock.advance(0.1)
    assert [riding.next_asked(), riding.next_asked()] == [(b"boats", 1), (b"", 0)]


def test_no_more_waits_to_ride_than_there_is_room_for():
    riding = Riding(FakeClock())
    for number in range(WAITING * 2):
        riding.asked(b"%d" % number)
        riding.behaved(b"%d" % number)

    assert len(riding._order) == len(riding._counts) == len(riding._behaved) == WAITING
    riding.asked(b"0")
    assert riding.next_asked() == (b"0", 2)
