"""Bringing orders to platforms: written down before, the same delivery again after, and live only when confirmed."""

import pytest

from service.activation import settling
from service.activation.adapter import Confirmed, Declined, NotYet, Taken
from service.activation.errands import LEASE_SECONDS
from service.activation.targets import Targets
from tests.activation.parts import LIVE, OTHER_PLATFORM, Library, Platform, an_order
from tests.doubles import FakeClock

PATIENCE = Platform.patience


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def parts(make, platform):
    ways = {"the-trade-desk": platform, "dv360": Platform()}
    return make(targets=Targets(platforms=ways), library=Library(sample=False))


def ordered(parts, *destinations):
    return parts.activations.order(an_order("suv", *destinations))


def test_an_order_is_delivered_once_and_waits_for_the_platforms_word(parts, platform):
    (one,) = ordered(parts)
    parts.errands.run()
    parts.errands.run()

    assert [delivery.id for delivery in platform.delivered] == [one.standing.delivery]
    assert (parts.now(one).state, parts.now(one).pending) == ("activating", "activate")
    assert platform.delivered[0].document() == {
        "delivery_id": one.standing.delivery,
        "activation_id": one.id,
        "action": "activate",
        "signal_agent_segment_id": "suv",
        "destination": {"type": "platform", "platform": "the-trade-desk", "account": "seat-7"},
        "principal": "p-alice",
        "account": {"account_id": "acc-1"},
        "pricing_option_id": "suv-cpm",
    }


def test_what_fails_is_tried_again_with_growing_pauses_under_the_same_id(parts, platform):
    platform.answers = [NotYet("status 503")] * 4
    (one,) = ordered(parts)
    began, tries = parts.clock.now, []
    for _ in range(40):
        before = len(platform.delivered)
        parts.errands.run()
        if len(platform.delivered) > before:
            tries.append(parts.clock.now - began)
        parts.clock.advance(1)

    assert tries == [0, 2, 6, 14, 30]
    assert {delivery.id for delivery in platform.delivered} == {one.standing.delivery}
    assert parts.troubles == ["status 503"]


def test_a_platform_that_asks_for_a_pause_gets_it(parts, platform):
    platform.answers = [NotYet("status 429", retry_after=100.0)]
    ordered(parts)
    parts.errands.run()
    parts.clock.advance(99)
    parts.errands.run()
    assert len(platform.delivered) == 1
    parts.clock.advance(1)
    parts.errands.run()
    assert len(platform.delivered) == 2


def test_what_the_platform_refuses_has_failed_and_is_not_tried_again(parts, platform):
    platform.answers = [Declined("status 403")]
    (one,) = ordered(parts)
    parts.errands.run()
    parts.clock.advance(PATIENCE)
    parts.errands.run()

    assert (parts.now(one).state, parts.now(one).reason, len(platform.delivered)) == ("failed", "status 403", 1)


def test_what_nobody_confirms_in_time_has_failed_and_never_was_live(parts, platform):
    (one,) = ordered(parts)
    parts.errands.run()
    parts.clock.advance(PATIENCE - 1)
    parts.errands.run()
    assert parts.now(one).state == "activating"
    parts.clock.advance(1)
    parts.errands.run()

    assert (parts.now(one).state, parts.now(one).reason) == ("failed", "no confirmation came in time")
    assert parts.states(one)[-1] == "failed"
    assert "live" not in parts.states(one)


def test_what_cannot_be_delivered_in_time_says_what_was_wrong(parts, platform):
    platform.answers = [NotYet("status 503")] * 1000
    (one,) = ordered(parts)
    for _ in range(80):
        parts.errands.run()
        parts.clock.advance(60)

    assert parts.now(one).reason == "it could not be delivered in time: status 503"


def test_a_word_that_comes_after_patience_ended_counts(parts):
    (one,) = ordered(parts)
    parts.errands.run()
    parts.clock.advance(PATIENCE)
    parts.errands.run()

    assert parts.told(one, activation_key={"type": "segment_id", "segment_id": "seg-1"})
    assert (parts.now(one).state, parts.now(one).activation_key["segment_id"]) == ("live", "seg-1")


def test_a_platform_that_is_asked_confirms_when_it_knows(make):
    platform = Platform(ask_every=30.0)
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    (one,) = ordered(parts)
    parts.errands.run()
    for seconds, asked in ((29, 0), (1, 1), (29, 1), (1, 2)):
        parts.clock.advance(seconds)
        parts.errands.run()
        assert len(platform.asked) == asked
    platform.word = LIVE
    parts.clock.advance(30)
    parts.errands.run()
    parts.clock.advance(30)
    parts.errands.run()

    assert (parts.now(one).state, parts.now(one).activation_key) == (
        "live",
        {"type": "segment_id", "segment_id": "seg-1"},
    )
    assert (len(platform.delivered), len(platform.asked)) == (1, 3)


def test_a_word_that_does_not_fit_the_order_is_no_confirmation(make):
    platform = Platform(ask_every=30.0)
    platform.word = Confirmed("deactivated")
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    (one,) = ordered(parts)
    parts.errands.run()
    parts.clock.advance(30)
    parts.errands.run()

    assert (parts.now(one).state, parts.now(one).pending) == ("activating", "activate")


def test_a_deactivation_travels_like_an_activation(parts, platform):
    (one,) = ordered(parts)
    parts.errands.run()
    parts.told(one)
    (ending,) = parts.activations.order(an_order(action="deactivate"))
    assert (ending.state, ending.pending) == ("live", "deactivate")
    parts.errands.run()
    assert parts.now(one).state == "live"

    assert [delivery.action for delivery in platform.delivered] == ["activate", "deactivate"]
    assert len({delivery.id for delivery in platform.delivered}) == 2
    assert parts.told(one, "deactivated")
    assert (parts.now(one).state, parts.now(one).activation_key) == ("deactivated", None)


def test_an_order_that_is_withdrawn_before_it_was_sent_is_never_sent(parts, platform):
    (one,) = ordered(parts)
    parts.activations.order(an_order(action="deactivate"))
    parts.errands.run()

    assert (platform.delivered, parts.now(one).state, parts.woken) == ([], "deactivated", [parts.clock.now])


def test_a_platform_that_does_not_answer_holds_up_no_other(parts, platform):
    platform.answers = [NotYet("timeout")] * 10
    for place in range(5):
        parts.activations.order(an_order("suv", an_order().destinations[0]._replace(account=f"seat-{place}")))
    ordered(parts, OTHER_PLATFORM)
    parts.errands.run()

    assert len(platform.delivered) == 1
    assert len(parts.targets.platforms["dv360"].delivered) == 1


@pytest.mark.parametrize(("word", "asked"), [(NotYet("timeout", silent=True), 1), (NotYet("status 404"), 3)])
def test_a_platform_that_is_silent_when_asked_is_asked_once_a_run(make, word, asked):
    platform = Platform(ask_every=30.0)
    platform.word = word
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    for place in range(3):
        parts.activations.order(an_order("suv", an_order().destinations[0]._replace(account=f"seat-{place}")))
    parts.errands.run()
    parts.clock.advance(30)
    parts.errands.run()

    assert (len(platform.delivered), len(platform.asked)) == (3, asked)


class Killed(Exception):
    """The process ends here."""


class Dies(Platform):
    """A platform in whose delivery the service dies, before or after the platform has it."""

    def __init__(self, *, before):
        super().__init__()
        self.before = before
        self.deaths = 1

    def deliver(self, delivery):
        if self.before and self.deaths:
            self.deaths -= 1
            raise Killed
        outcome = super().deliver(delivery)
        if self.deaths:
            self.deaths -= 1
            raise Killed
        return outcome


@pytest.mark.parametrize("before", [True, False])
def test_whatever_a_restart_interrupts_is_taken_up_again_under_the_same_id(make, before):
    platform = Dies(before=before)
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    (one,) = ordered(parts)
    with pytest.raises(Killed):
        parts.errands.run()
    parts.again()
    assert parts.now(one).state == "activating"

    parts.errands.run()
    assert [delivery.id for delivery in platform.delivered] == [one.standing.delivery] * (1 if before else 2)
    assert parts.told(one)
    assert parts.now(one).state == "live"


def test_two_processes_with_one_file_send_an_order_once(make, platform):
    targets = Targets(platforms={"the-trade-desk": platform})
    one, other = make(targets=targets), make(targets=targets)
    ordered(one)
    found = other.store.due(other.clock.now, 10)
    one.errands.run()
    other.errands._do(found[0], platform)

    assert len(platform.delivered) == 1


def test_a_platform_that_is_not_configured_any_more_is_waited_for(parts, platform):
    (one,) = ordered(parts)
    parts.targets = Targets()
    parts.again()
    parts.errands.run()
    assert (parts.now(one).state, parts.now(one).reason) == (
        "activating",
        "no adapter is configured for it any more",
    )

    parts.targets = Targets(platforms={"the-trade-desk": platform})
    parts.again()
    parts.clock.advance(60)
    parts.errands.run()
    assert len(platform.delivered) == 1


def test_what_another_process_has_begun_is_left_to_it_for_as_long_as_it_may_take(make, platform):
    targets = Targets(platforms={"the-trade-desk": platform})
    parts = make(targets=targets)
    parts.errands.run()
    (one,) = ordered(parts)
    parts.store.keep(settling.begun(one, parts.clock.now, LEASE_SECONDS), one)
    parts.clock.advance(LEASE_SECONDS - 1)
    parts.errands.run()
    assert platform.delivered == []
    parts.clock.advance(1)
    parts.errands.run()
    assert [delivery.id for delivery in platform.delivered] == [one.standing.delivery]


def test_nothing_is_sent_while_nothing_can_be_written(parts, platform):
    ordered(parts)
    parts.state.close()

    parts.errands.run()
    assert platform.delivered == []
    parts.start()
    parts.errands.run()
    assert len(platform.delivered) == 1


def test_a_run_ends_in_time_and_the_next_goes_on(make):
    clock = FakeClock()

    class Slow(Platform):
        def deliver(self, delivery):
            clock.advance(15)
            return super().deliver(delivery)

    platform = Slow()
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    parts.errands._now = clock
    for place in range(4):
        parts.activations.order(an_order("suv", an_order().destinations[0]._replace(account=f"seat-{place}")))
    parts.errands.run()
    assert len(platform.delivered) == 2
    parts.errands.run()
    assert len(platform.delivered) == 4


def test_a_callback_that_is_faster_than_the_answer_stands(make):
    class Hasty(Platform):
        def deliver(self, delivery):
            parts.told(delivery.activation)
            return Taken()

    parts = make(targets=Targets(platforms={"the-trade-desk": Hasty()}))
    (one,) = ordered(parts)
    parts.errands.run()

    assert (parts.now(one).state, parts.now(one).errand.due) == ("live", None)
    assert parts.changes == [("the-trade-desk", state) for state in ("requested", "activating", "live")]
