"""Who calls in is known to all with figures and catalogue, who is silent is gone, and all sign cursors alike."""

import pytest

from service.fleet import roll
from service.fleet.roll import Roll
from tests.fleet.redis_server import needs_redis
from tests.fleet.stores import Instance
from tests.running import wait_for

pytestmark = needs_redis
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.fixture
def store(redis, started):
    return started(Instance(redis)).store


@pytest.fixture
def two(redis, started):
    return [Roll(started(Instance(redis)).store, name) for name in ("one", "two")]


def test_who_called_in_is_known_with_its_catalogue_and_its_figures(two):
    one, other = two
    one.call(b"figures of one", "v1", KEY)

    assert other.call(b"\x00figures", "v2", KEY).catalogues == {"one": "v1", "two": "v2"}
    assert one.figures() == {"one": b"figures of one", "two": b"\x00figures"}


def test_who_is_silent_is_gone_after_ten_seconds_by_the_clock_of_redis(redis, two):
    one, other = two
    one.call(b"1", "v1", KEY)
    other.call(b"2", "v1", KEY)
    seconds, _ = (int(part) for part in redis.ask("TIME").split(b"\r\n")[2::2][:2])
    redis.ask("ZADD", "sa1:roll", seconds - roll.GONE_SECONDS - 1, "one")

    assert other.figures() == {"two": b"2"}
    assert other.call(b"2", "v1", KEY).catalogues == {"two": "v1"}


def test_who_leaves_is_gone_at_once(two):
    one, other = two
    one.call(b"1", "v1", KEY)
    other.call(b"2", "v1", KEY)
    one.leave()

    assert [*other.figures()] == ["two"]


def test_the_first_key_for_cursors_is_that_of_all_also_after_redis_forgot_it(redis, two):
    one, other = two

    assert one.call(b"", "", KEY).cursor_key == KEY
    assert other.call(b"", "", OTHER_KEY).cursor_key == KEY
    redis.ask("FLUSHALL")
    assert other.call(b"", "", KEY).cursor_key == KEY


def test_an_announced_catalogue_is_told_to_all(two):
    one, other = two
    assert one.call(b"", "v1", KEY).announced == ""
    one.announce("v2")

    assert other.call(b"", "v1", KEY).announced == "v2"


def test_nothing_is_left_in_redis_of_a_fleet_that_is_gone(redis, two):
    two[0].call(b"1", "v1", KEY)

    for key in ("sa1:roll", "sa1:figures", "sa1:catalogues"):
        assert 0 < int(redis.ask("TTL", key)[1:]) <= 60


@pytest.mark.parametrize("key", ["sa1:roll", "sa1:figures", "sa1:catalogues", "sa1:announced", "sa1:cursor-key"])
def test_junk_under_a_key_is_counted_and_harms_nothing(redis, store, key):
    redis.ask("RPUSH", key, "x", "y", "z")

    assert Roll(store, "one").call(b"", "v1", KEY) is None
    assert Roll(store, "one").figures() in ({}, {"one": b""})
    assert (store.garbage > 0, store.ok) == (True, True)


def test_a_key_for_cursors_that_cannot_be_one_is_not_taken(redis, store):
    redis.ask("SET", "sa1:cursor-key", "short")

    assert Roll(store, "one").call(b"", "v1", KEY).cursor_key == KEY
    assert store.garbage == 1


def test_without_redis_nobody_is_known(redis, two):
    redis.kill()

    assert two[0].call(b"", "", KEY) is None
    assert two[0].figures() == {}
    two[0].announce("v2")
    two[0].leave()
    redis.start()
    wait_for(lambda: two[0].call(b"1", "v1", KEY))
