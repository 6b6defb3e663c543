import random
import threading
import time

import pytest

from service.fleet.naming import name
from service.fleet.window import SharedWindow
from service.reading import Rate
from service.sliding_window import SlidingWindow
from tests.fleet.instances import ALICE, Instance
from tests.fleet.redis_server import needs_redis

pytestmark = needs_redis


@pytest.fixture
def window(redis, started):
    """Return a function that makes a window of an instance of its own."""

    def make(requests=3, seconds=60, scope="key"):
        store = started(Instance(redis)).store
        return SharedWindow(store, scope, Rate(requests, seconds), SlidingWindow(requests, seconds, time.monotonic))

    return make


def test_whoever_has_a_window_of_its_own_fills_it_over_all_instances(window):
    first, second = window(), window()

    assert [first.hit("p1").left, second.hit("p1").left, first.hit("p1").left] == [2, 1, 0]
    refused = second.hit("p1")

    assert (refused.admitted, refused.left) == (False, 0)
    assert second.hit("p2").admitted
    assert first.top(5) == [("p1", 2)]


def test_windows_of_another_scope_or_length_are_apart(window):
    first = window(requests=1)
    assert first.hit("p1").admitted

    assert window(requests=1, scope="other").hit("p1").admitted
    assert window(requests=1, seconds=30).hit("p1").admitted
    assert not window(requests=1).hit("p1").admitted


def test_a_window_goes_on_by_itself_without_redis_and_passes_garbage_over(window, redis):
    one = window()
    redis.ask("SET", name("key60", "p1").decode(), "garbage")
    assert [one.hit("p1").left for _ in range(2)] == [2, 1]
    assert one._store.garbage == 1
    redis.kill()

    assert [one.hit("p1").admitted for _ in range(2)] == [True, False]


def test_no_client_is_ever_admitted_more_than_the_limit_in_any_window_by_all_together(redis, started):
    limit, seconds, instances = 10, 1, 3
    fleet = [started(Instance(redis, rate=(limit, seconds), exempt=lambda client: True)) for _ in range(instances)]
    spans: list[tuple[float, float]] = []
    end = time.monotonic() + 2.6

    def ask_often(one):
        while (began := time.monotonic()) < end:
            if one.admits(ALICE):
                spans.append((began, time.monotonic()))
            threading.Event().wait(random.random() * 0.02)

    threads = [threading.Thread(target=ask_often, args=(one,)) for one in fleet for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # An admission lies somewhere in its span, so this holds whatever the order was.
    starts, ends = sorted(first for first, _ in spans), sorted(last for _, last in spans)
    assert all(last - first >= seconds for first, last in zip(starts, ends[limit:], strict=False))
    assert len(spans) >= 2 * limit
