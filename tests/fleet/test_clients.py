import random
import time

import pytest

from service.blocks import ATTACK
from service.fleet.naming import name
from tests.fleet.instances import ALICE, BOB, Instance, Ledger
from tests.fleet.redis_server import needs_redis
from tests.running import wait_for

pytestmark = needs_redis


@pytest.fixture
def instance(redis, started):
    """Return a function that makes an instance."""
    return lambda **options: started(Instance(redis, **options))


def test_the_limit_is_one_for_all_instances(instance):
    fleet = [instance() for _ in range(3)]

    admitted = sum(random.choice(fleet).admits() for _ in range(150))

    assert admitted == 100
    assert all(one.admits(BOB) for one in fleet)


def test_what_is_left_and_when_a_place_gets_free_is_told_by_every_instance(instance):
    first, second = instance(rate=(3, 60)), instance(rate=(3, 60))

    assert (first.ask().left, second.ask().left, first.ask().left) == (2, 1, 0)
    refused = second.ask()

    assert (refused.admitted, refused.left) == (False, 0)
    assert 50_000 < refused.reset_ms <= 60_001


def test_a_client_is_admitted_again_when_it_was_told_and_not_before(instance):
    fleet = [instance(rate=(2, 1), exempt=lambda client: True) for _ in range(2)]
    began = time.monotonic()
    fleet[0].ask()
    fleet[1].ask()

    refused = fleet[0].ask()
    told = time.monotonic() + refused.reset_ms / 1000
    tried = [time.monotonic()]
    while not fleet[1].admits():
        tried.append(time.monotonic())

    assert not any(at >= told for at in tried[:-1])
    assert time.monotonic() >= began + 1


def test_refusals_leave_no_trace_in_the_window(instance, redis):
    one = instance(rate=(2, 60))
    one.ask()
    one.ask()
    kept = ("LRANGE", name("window60", ALICE).decode(), "0", "-1")
    before = redis.ask(*kept)

    assert not any(one.admits() for _ in range(10))

    assert redis.ask(*kept) == before
    assert before.startswith(b"*2")


def test_a_limit_that_was_lowered_holds_at_once(instance):
    generous, strict = instance(rate=(5, 60)), instance(rate=(2, 60))
    for _ in range(4):
        assert generous.admits()

    assert not strict.admits()
    assert generous.admits()


def test_a_long_pause_costs_one_search_and_forgets_all_that_has_expired(instance, redis):
    one = instance(rate=(100, 60))
    now = int(time.time() * 1000)
    old, young = [(now - 60_500 + place) % 2**31 for place in range(70)], [(now - 1000) % 2**31] * 20
    redis.ask("RPUSH", name("window60", ALICE).decode(), *old, *young)

    verdict = one.ask()

    assert (verdict.admitted, verdict.left) == (True, 79)
    assert 58_000 < verdict.reset_ms <= 59_001


def test_stamps_survive_the_end_of_their_range_and_a_clock_that_was_set_back(instance, redis):
    one = instance(rate=(3, 60))
    ahead = (int(time.time() * 1000) + 5000) % 2**31
    redis.ask("RPUSH", name("window60", ALICE).decode(), ahead)

    assert [one.ask().left for _ in range(2)] == [1, 0]
    assert not one.admits()


def test_garbage_under_the_keys_of_a_client_is_thrown_away_and_counted(instance, redis):
    one = instance(rate=(3, 60))
    redis.ask("SET", name("window60", ALICE).decode(), "no list")
    redis.ask("SET", name("conduct", ALICE).decode(), "no score")
    redis.ask("SET", name("blocks").decode(), "no set")
    redis.ask("RPUSH", name("block", ALICE).decode(), "no line")

    assert one.ask().left == 2
    one.clients.charge(ALICE, 400, "an attack")

    assert one.ask() is None
    assert one.store.garbage == 4
    assert one.store.ok


def test_words_in_a_window_are_garbage_too(instance, redis):
    one = instance(rate=(3, 60))
    redis.ask("RPUSH", name("window60", ALICE).decode(), "one", "two")

    assert one.ask().left == 2
    assert one.store.garbage == 1


def test_a_block_by_one_holds_on_all_and_so_does_its_end(instance):
    first, second = instance(), instance()
    for _ in range(31):  # scores fade, if only by a little
        first.clients.charge(ALICE, ATTACK, "suspicious input (xss)")

    assert 59 < second.clients.blocked_for(ALICE) <= 60
    assert second.ask() is None
    assert second.admits(BOB)
    assert [row.client for row in first.blocked] == [ALICE]
    assert second.clients.lift(ALICE)

    assert first.admits()
    assert not second.clients.lift(ALICE)


def test_an_attacker_who_spreads_over_instances_is_blocked_at_the_same_score(instance):
    fleet = [instance() for _ in range(3)]
    for number in range(30):
        fleet[number % 3].clients.charge(ALICE, ATTACK, "suspicious input (xss)")
    assert fleet[0].admits()

    fleet[2].clients.charge(ALICE, ATTACK, "suspicious input (xss)")

    assert not any(one.admits() for one in fleet)


def test_impatience_over_all_instances_ends_in_a_block(instance):
    fleet = [instance(rate=(1, 60), threshold=20) for _ in range(2)]
    assert fleet[0].admits()

    outcomes = [random.choice(fleet).ask() for _ in range(40)]

    # The first refusal says when to come back; the next twenty come too early, or a few more, since scores fade.
    blocked = outcomes.index(None)
    assert 21 <= blocked <= 30
    assert set(outcomes[blocked:]) == {None}
    assert sum(len(one.blocked) for one in fleet) == 1


def test_good_conduct_rides_on_a_later_call_and_takes_half_a_point_off(instance, redis):
    one = instance()
    one.clients.charge(ALICE, 10, "an attack")
    for _ in range(4):
        one.ask()
        one.clients.accepted(ALICE)
    one.ask(BOB)

    score = float(redis.ask("GET", name("conduct", ALICE).decode()).split(b"\r\n")[1].split()[0])

    assert 7 < score <= 8
    assert one.riding.next_behaved() == b""


def test_a_block_doubles_each_time_until_the_client_was_good_for_a_day(instance, redis):
    one = instance()
    one.clients.charge(ALICE, 300, "an attack")
    redis.ask("SET", name("block", ALICE).decode(), f"{int(time.time() * 1000) - 1000} 3 an attack")
    redis.ask("ZREM", name("blocks").decode(), ALICE)

    one.clients.charge(ALICE, 300, "an attack")

    assert one.blocked[-1].times == 4
    assert 470 < one.clients.blocked_for(ALICE) <= 480


def test_an_exempt_client_is_never_blocked_and_counting_alone_refuses_nobody(instance):
    lenient, counting = instance(exempt=lambda client: client == ALICE), instance(enforce=False)
    lenient.clients.charge(ALICE, 1000, "an attack")
    assert lenient.admits()

    counting.clients.charge(BOB, 1000, "an attack")

    assert counting.admits(BOB)
    assert [row.client for row in counting.blocked] == [BOB]


def test_while_redis_is_down_an_instance_goes_on_from_what_it_saw_itself(instance, redis):
    one = instance(rate=(5, 60))
    assert [one.admits() for _ in range(3)] == [True] * 3
    redis.kill()

    assert [one.admits() for _ in range(3)] == [True, True, False]
    one.clients.charge(BOB, 1000, "an attack")
    assert one.ask(BOB) is None


def test_every_instance_shows_every_block_and_enforces_it_while_redis_is_down(instance, redis):
    first, second = instance(), instance()
    first.clients.charge(ALICE, 300, "an attack")

    second.mirror()
    shown = second.blocks.current()
    redis.kill()

    assert [(row.client, row.times, row.reason) for row in shown] == [(ALICE, 1, "an attack")]
    assert second.ask() is None
    assert second.ledger.rows[ALICE] == shown[0]
    assert second.blocked == []  # told by the one that blocked


def test_a_block_that_was_lifted_elsewhere_ends_here_too(instance):
    first, second = instance(), instance()
    first.clients.charge(ALICE, 300, "an attack")
    second.mirror()
    first.clients.lift(ALICE)

    second.mirror()

    assert second.blocks.current() == []
    assert second.ledger.rows == {}


def test_what_was_blocked_and_lifted_while_redis_was_down_is_brought_to_it(instance, redis):
    first, second = instance(), instance()
    first.clients.charge(ALICE, 300, "an attack")
    first.mirror()
    second.mirror()
    redis.freeze()
    first.store.note(TimeoutError(), first.store.spell)
    first.clients.charge(BOB, 300, "an attack")
    first.clients.lift(ALICE)
    redis.thaw()
    wait_for(lambda: first.store.ok)

    first.mirror()

    assert second.ask(BOB) is None
    assert second.admits(ALICE)


def test_a_redis_that_lost_its_memory_is_told_the_blocks_again(instance, redis):
    one = instance()
    one.clients.charge(ALICE, 300, "an attack")
    one.mirror()
    redis.ask("FLUSHALL")
    assert one.admits()

    one.mirror()

    assert one.ask() is None
    assert [row.client for row in one.blocks.current()] == [ALICE]


def test_an_instance_that_slept_does_not_bring_back_a_block_that_was_lifted_meanwhile(instance):
    awake, ledger = instance(), Ledger()
    awake.clients.charge(ALICE, 300, "an attack")
    ledger.keep_blocks(awake.ledger.blocks())
    awake.clients.lift(ALICE)

    woken = instance(ledger=ledger)
    woken.mirror()

    assert woken.admits()
    assert woken.blocks.current() == []
    assert awake.admits()


def test_rows_that_mean_nothing_are_passed_over(instance, redis):
    one = instance()
    redis.ask("ZADD", name("blocks").decode(), int(time.time() * 1000) + 60_000, ALICE)
    redis.ask("SET", name("block", ALICE).decode(), "nonsense")

    one.mirror()

    assert one.blocks.current() == []
    assert one.store.garbage == 1


def test_a_marker_that_is_none_is_thrown_away(instance, redis):
    one = instance()
    redis.ask("RPUSH", name("marker").decode(), "no marker")
    one.clients.charge(ALICE, 300, "an attack")

    one.mirror()
    one.mirror()

    assert one.store.garbage == 1
    assert len(redis.ask("GET", name("marker").decode())) == len("$16") + 2 + 16 + 2
    assert [row.client for row in one.blocks.current()] == [ALICE]


def test_what_was_asked_ahead_is_taken_once_and_the_next_request_asks_for_itself(instance):
    one = instance(rate=(5, 60))
    call, lessons = one.clients.question(ALICE)
    word = one.clients.understood(ALICE, one.store.make(call, lessons))

    one.clients.expect(word)

    assert one.ask().left == 4
    assert one.ask().left == 3


def test_a_request_of_which_nobody_could_say_anything_is_judged_here(instance):
    one = instance(rate=(2, 60))
    outcomes = []
    for _ in range(3):
        one.clients.expect(None)
        outcomes.append(one.admits())

    assert outcomes == [True, True, False]
    assert one.ask().left == 1, "Redis was asked about none of them"


def test_everything_expires(instance, redis):
    one = instance(rate=(1, 60))
    one.riding.asked(b'{"spec":"cars"}')
    for _ in range(3):
        one.ask()
    one.clients.charge(BOB, 300, "an attack")
    one.clients.lift(BOB)
    one.clients.charge(BOB, 300, "an attack")
    one.mirror()

    keys = [line for line in redis.ask("KEYS", "*").split(b"\r\n") if line and line[:1] not in b"*$"]

    assert {key.split(b":")[1] for key in keys} >= {b"window60", b"conduct", b"block", b"blocks", b"popular", b"marker"}
    assert all(key.startswith(b"sa1:") for key in keys)
    assert [key for key in keys if redis.ask("PTTL", key.decode()).startswith(b":-")] == []
