import pytest

from service.blocks import Blocks
from service.errors import Blocked, InvalidInput, NotFound, Overloaded, RateLimited, SuspiciousInput
from service.messages import Response
from service.stages.block import block
from tests.doubles import FakeClock, a_request


class NoLedger:
    """Keeps nothing."""

    def blocks(self):
        return []

    def keep_blocks(self, rows):
        pass

    def lift_block(self, client):
        pass

    def forget_blocks_before(self, until):
        pass


class Walk:
    """The stage over a book of abuse, with a clock that stands still."""

    def __init__(self, **options):
        self.clock = FakeClock()
        self.blocks = Blocks(300, NoLedger(), self.clock, **options)
        self.stage = block(self.blocks)

    def ask(self, outcome=None, client="192.0.2.1"):
        def proceed(request):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome or Response(200)

        return self.stage(a_request(client=client), proceed)

    def misbehave(self, outcome, times, client="192.0.2.1"):
        for _ in range(times):
            with pytest.raises(type(outcome)):
                self.ask(outcome, client)


def attack():
    return SuspiciousInput("xss", "spec")


def test_a_client_is_blocked_after_thirty_attacks_and_told_for_how_long():
    walk = Walk()
    walk.misbehave(attack(), 30)

    with pytest.raises(Blocked) as refusal:
        walk.ask()

    assert refusal.value.retry_after == 60
    assert "60 s" in refusal.value.detail


def test_a_blocked_client_is_admitted_after_retry_after_and_not_a_second_earlier():
    walk = Walk()
    walk.misbehave(attack(), 30)
    walk.clock.advance(0.5)
    with pytest.raises(Blocked) as refusal:
        walk.ask()

    walk.clock.advance(refusal.value.retry_after - 1)
    with pytest.raises(Blocked) as last:
        walk.ask()
    assert last.value.retry_after == 1

    walk.clock.advance(1)
    assert walk.ask().status == 200


def test_knocking_while_blocked_neither_prolongs_the_block_nor_reaches_the_service():
    walk = Walk()
    walk.misbehave(attack(), 30)
    until = walk.blocks.current()[0].until

    for _ in range(1000):
        with pytest.raises(Blocked):
            walk.stage(a_request(), pytest.fail)

    assert walk.blocks.current()[0].until == until


def test_one_client_is_not_blocked_for_another():
    walk = Walk()
    walk.misbehave(attack(), 30, client="192.0.2.66")

    assert walk.ask(client="192.0.2.1").status == 200


@pytest.mark.parametrize("refusal", [InvalidInput("bad"), NotFound("none"), Overloaded("full"), ValueError("a bug")])
def test_honest_mistakes_and_our_own_faults_are_no_abuse(refusal):
    walk = Walk()

    walk.misbehave(refusal, 1000)

    assert walk.ask().status == 200


def test_a_429_counts_only_while_an_earlier_retry_after_runs():
    patient, impatient = Walk(), Walk()
    for _ in range(400):
        patient.misbehave(RateLimited("wait", retry_after=1), 1)
        patient.clock.advance(1)

    impatient.misbehave(RateLimited("wait", retry_after=60), 301)

    assert patient.ask().status == 200
    with pytest.raises(Blocked):
        impatient.ask()


def test_accepted_requests_make_up_for_attacks():
    walk = Walk()

    for _ in range(40):
        walk.misbehave(attack(), 1)
        for _ in range(20):
            walk.ask(Response(304))

    assert walk.ask().status == 200


def test_answers_that_failed_make_up_for_nothing():
    walk = Walk()

    for _ in range(30):
        for _ in range(20):
            walk.ask(Response(500))
        walk.misbehave(attack(), 1)

    with pytest.raises(Blocked):
        walk.ask()


def test_blocking_switched_off_refuses_nobody():
    walk = Walk(enforce=False)

    walk.misbehave(attack(), 100)

    assert walk.ask().status == 200
