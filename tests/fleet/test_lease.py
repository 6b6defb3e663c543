"""A lease has one holder at a time, and outlives nobody by long."""

import pytest

from service.fleet.lease import Lease
from tests.fleet.redis_server import needs_redis
from tests.fleet.stores import Instance
from tests.running import wait_for

pytestmark = needs_redis


@pytest.fixture
def two(redis, started):
    return [started(Instance(redis)).store for _ in range(2)]


def test_one_holds_it_until_it_is_given_back(two):
    one, other = (Lease(store, "warm-up", 60) for store in two)

    assert (one.take(), other.take(), one.take()) == (True, False, True)
    other.give_back()
    assert other.take() is False
    one.give_back()
    assert (other.take(), one.take()) == (True, False)


def test_whoever_dies_with_it_loses_it_in_time(two):
    dead, other = (Lease(store, "warm-up", 0.2) for store in two)
    dead.take()

    assert other.take() is False
    wait_for(other.take)
    assert dead.take() is False


def test_leases_of_other_names_do_not_meet(two):
    assert [Lease(store, name, 60).take() for store, name in zip(two, "ab", strict=True)] == [True, True]


def test_without_redis_nobody_can_say(redis, two):
    redis.kill()

    assert Lease(two[0], "warm-up", 60).take() is None
    Lease(two[0], "warm-up", 60).give_back()


def test_what_somebody_else_left_under_its_key_is_counted(redis, two):
    redis.ask("LPUSH", "sa1:lease:warm-up", "x")

    assert Lease(two[0], "warm-up", 60).take() is None
    assert two[0].garbage == 1
    assert two[0].ok
