"""A question to the AI is asked by one instance for all, and by each for itself where Redis or the leader is gone."""

import threading
import time

import pytest

from service.ai.verdict import Place, Verdict
from service.fleet import orders
from service.fleet.flight import LEAD_SECONDS, Desk, keys_of
from service.fleet.orders import SharedOrders
from service.fleet.question import Times
from service.fleet.verdicts import encode
from service.messages import Brief, Signal
from tests.fleet.redis_server import needs_redis
from tests.fleet.stores import Instance
from tests.running import wait_for

pytestmark = needs_redis
CARS = Brief("cars")
SIGNALS = [Signal(f"signal-{number}", f"Signal {number}") for number in range(5)]
VERDICT = Verdict((Place(3, 0.9, "fits"), Place(1, 0.4, "")), frozenset({2}))


class Fake:
    """An AI that lands when it is told to."""

    def __init__(self):
        self.asked, self.spares, self.air = [], [], []
        self.declines = None

    def begin(self, brief, candidates, landed, *, spare=0):
        self.asked.append([signal.id for signal in candidates()])
        self.spares.append(spare)
        if self.declines:
            landed(self.declines)
            return False
        self.air.append(landed)
        return True

    def land(self, result=VERDICT):
        self.air.pop(0)(result)


class Asking:
    """One instance that asks; ``told`` is what came of each question, and how old it was."""

    def __init__(self, redis, ranked_by="fake/one", fresh=600.0, call=30.0):
        self.instance = Instance(redis)
        self.store = self.instance.store
        self.ai, self.told, self.bugs = Fake(), [], []
        desk = Desk(self.store, f"token-{id(self)}".encode())
        self.orders = SharedOrders(self.ai, desk, ranked_by, Times(fresh, 60.0, call), time.monotonic, self.bugs.append)

    def ask(self, brief=CARS, signals=SIGNALS, spare=0):
        def landed(result, age_seconds=None):
            self.told.append((result, age_seconds))

        return self.orders.begin(brief, lambda: list(signals), landed, spare=spare)

    def seen(self):
        return {word: count for word, count in self.orders.counts().items() if count}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.orders.close()
        self.instance.__exit__()
        assert self.bugs == []


@pytest.fixture
def two(redis, started):
    return [started(Asking(redis)) for _ in range(2)]


def test_what_one_instance_had_ordered_is_there_for_the_other_with_its_age(two):
    one, other = two
    assert one.ask() is True
    one.ai.land()

    assert other.ask() is False
    assert one.told == [(VERDICT, None)]
    [(verdict, age)] = other.told
    assert (verdict, 0 <= age < 5) == (VERDICT, True)
    assert (one.seen(), other.seen()) == ({"led": 1}, {"found": 1})


def test_who_asks_while_another_asks_gets_the_same_answer_and_asks_nobody(two):
    one, other = two
    one.ask()
    other.ask()
    assert other.told == []

    one.ai.land()

    wait_for(lambda: other.told)
    assert (other.told[0][0], other.ai.asked) == (VERDICT, [])
    assert other.seen() == {"followed": 1, "found": 1}


def test_a_hundred_at_once_are_one_call(redis, started):
    many = [started(Asking(redis)) for _ in range(4)]
    threads = [threading.Thread(target=one.ask) for one in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [leader] = [one for one in many if one.ai.asked]
    leader.ai.land()

    wait_for(lambda: all(one.told for one in many))
    assert {one.told[0][0] for one in many} == {VERDICT}


def test_a_call_that_failed_is_not_made_again_at_once_by_another(two):
    one, other = two
    one.ask()
    one.ai.land("bad_answer")

    other.ask()
    assert (other.told[0][0], other.ai.asked) == ("bad_answer", [])


@pytest.mark.parametrize("reason", ["not_ready", "overloaded", "breaker_open"])
def test_what_one_instance_cannot_do_another_may(two, reason):
    one, other = two
    one.ai.declines = reason
    assert one.ask() is False

    assert other.ask() is True
    assert one.told == [(reason, None)]


def test_a_leader_that_died_is_followed_no_longer_than_its_lead(two):
    one, other = two
    one.ask()
    one.orders.close()  # it renews its lead no more
    other.ask()

    wait_for(lambda: other.ai.asked, LEAD_SECONDS + 5)
    other.ai.land()
    wait_for(lambda: other.told)
    assert other.seen() == {"followed": 1, "led": 1}


def test_a_leader_that_is_slow_keeps_its_lead(redis, two, monkeypatch):
    monkeypatch.setattr(orders, "LEAD_SECONDS", 0.2)
    one, _ = two
    one.ask()
    [key] = [key for key in redis.ask("KEYS", "sa1:lead:*").split(b"\r\n") if key.startswith(b"sa1:")]
    redis.ask("PEXPIRE", key.decode(), 500)

    wait_for(lambda: int(redis.ask("PTTL", key.decode())[1:]) > 2000)


def test_who_follows_for_longer_than_a_call_may_take_is_told_so(redis, started):
    leader, follower = started(Asking(redis)), started(Asking(redis, call=0.2))
    leader.ask()
    follower.ask()

    wait_for(lambda: follower.told)
    assert follower.told[0][0] == "timeout"


def test_too_many_that_follow_are_told_so(two, monkeypatch):
    monkeypatch.setattr(orders, "FOLLOWED_AT_MOST", 1)
    one, other = two
    for spec in ("cars", "food"):
        one.ask(Brief(spec))
        other.ask(Brief(spec))

    assert other.told == [("overloaded", None)]


def test_without_redis_each_asks_for_itself(redis, two):
    one = two[0]
    redis.kill()

    assert [asking.ask() for asking in two] == [True, True]
    one.ai.land()
    assert one.told == [(VERDICT, None)]
    assert one.seen() == {"alone": 1}


def test_who_follows_when_redis_goes_asks_for_itself(redis, two):
    one, other = two
    one.ask()
    other.ask()
    redis.kill()

    wait_for(lambda: other.ai.asked)
    other.ai.land()
    one.ai.land()
    assert (one.told, other.told) == ([(VERDICT, None)],) * 2


@pytest.mark.parametrize("junk", ["junk", "", "z\x00\x01"])
def test_junk_in_redis_is_counted_and_another_order_is_made(redis, two, junk):
    one, other = two
    redis.ask("SET", keys_of("fake/one", CARS, SIGNALS).order.decode(), junk)

    assert one.ask() is True
    one.ai.land()
    assert one.store.garbage == 1
    other.ask()
    assert other.told[0][0] == VERDICT


def test_junk_of_another_type_is_counted_and_each_asks_for_itself(redis, two):
    redis.ask("LPUSH", keys_of("fake/one", CARS, SIGNALS).order.decode(), "x")

    assert two[0].ask() is True
    assert (two[0].store.garbage, two[0].store.ok) == (1, True)


@pytest.mark.parametrize(
    ("brief", "signals", "ranked_by"),
    [
        (Brief("cars", viewer="somebody"), SIGNALS, "fake/one"),
        (Brief("cars", countries=("US",)), SIGNALS, "fake/one"),
        (CARS, SIGNALS[::-1], "fake/one"),
        (CARS, [*SIGNALS[:4], Signal("signal-4", "Signal 4", "said otherwise")], "fake/one"),
        (CARS, [*SIGNALS[:4], Signal("signal-4", "Signal 4", cpm=2.5)], "fake/one"),
        (CARS, SIGNALS, "fake/two"),
    ],
)
def test_another_viewer_filter_catalogue_or_model_is_another_question(redis, started, brief, signals, ranked_by):
    one, other = started(Asking(redis)), started(Asking(redis, ranked_by))
    one.ask()
    one.ai.land()

    assert other.ask(brief, signals) is True


def test_an_order_is_kept_no_longer_than_it_is_fresh(redis, started):
    one, other = started(Asking(redis, fresh=1.0)), started(Asking(redis, fresh=1.0))
    one.ask()
    one.ai.land()
    key = keys_of("fake/one", CARS, SIGNALS).order.decode()

    assert 0 < int(redis.ask("PTTL", key)[1:]) <= 1000
    wait_for(lambda: redis.ask("EXISTS", key) == b":0\r\n")
    assert other.ask() is True


def test_a_warm_up_has_an_order_made_anew_that_would_soon_be_stale(redis, two):
    one, other = two
    one.ask()
    one.ai.land()
    redis.ask("PEXPIRE", keys_of("fake/one", CARS, SIGNALS).order.decode(), 30_000)

    assert other.ask() is False
    assert other.ask(spare=1) is True
    assert other.ai.spares == [1]
    other.ai.land("timeout")
    assert other.ask() is False
    assert other.told[-1][0] == VERDICT  # a failure takes no good order away


def test_a_catalogue_that_was_replaced_meanwhile_is_left_to_the_calls(two):
    two[0].ask(signals=[])

    assert two[0].ai.asked == [[]]


def test_an_order_costs_few_bytes(redis, two):
    long = Verdict(tuple(Place(row, 1 - row / 10, "interested in cars and driving") for row in range(5)), frozenset())
    assert len(encode(long)) < 250
