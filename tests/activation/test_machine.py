"""The state machine: nothing is live that was not confirmed, and only the last order's delivery counts."""

import itertools

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.activation import machine
from service.activation.machine import LEGAL, IllegalTransition, Standing, UnderWay
from service.activation.orders import STATES


def test_an_order_is_sent_and_confirmed():
    standing = machine.ordered(None, "activate", "d1")
    assert (standing.state, standing.pending) == ("requested", "activate")
    standing = machine.sending(standing)
    assert (standing.state, standing.pending) == ("activating", "activate")
    standing = machine.confirmed(standing, "d1", "live")
    assert (standing.state, standing.pending) == ("live", None)


@pytest.mark.parametrize(("before", "after"), itertools.product(STATES, STATES))
def test_a_step_that_is_not_in_the_table_is_an_error(before, after):
    if after in LEGAL[before]:
        assert machine.step(before, after) == after
    else:
        with pytest.raises(IllegalTransition):
            machine.step(before, after)


def test_nothing_can_be_deactivated_that_was_never_ordered():
    with pytest.raises(IllegalTransition):
        machine.ordered(None, "deactivate", "d1")


def test_what_was_never_sent_is_withdrawn_without_a_word_to_anybody():
    standing = machine.ordered(machine.ordered(None, "activate", "d1"), "deactivate", "d2")

    assert (standing.state, standing.pending, standing.delivery) == ("deactivated", None, "d1")


def test_what_may_have_been_sent_is_deactivated_only_when_that_is_confirmed():
    sent = machine.sending(machine.ordered(None, "activate", "d1"))
    standing = machine.ordered(sent, "deactivate", "d2")
    assert (standing.state, standing.pending) == ("activating", "deactivate")

    assert machine.confirmed(standing, "d1", "live") == standing
    assert machine.confirmed(standing, "d2", "deactivated").state == "deactivated"


def test_a_deactivation_that_fails_leaves_live_what_is_live():
    standing = machine.ordered(Standing("live", "activate", "d1", "settled"), "deactivate", "d2")

    assert machine.confirmed(standing, "d2", "failed").state == "live"
    assert machine.given_up(standing, refused=True).state == "live"


def test_the_opposite_cannot_be_ordered_while_a_deactivation_is_under_way():
    standing = machine.ordered(Standing("live", "activate", "d1", "settled"), "deactivate", "d2")

    with pytest.raises(UnderWay):
        machine.ordered(standing, "activate", "d3")


def test_a_word_that_does_not_fit_the_order_is_an_error():
    with pytest.raises(IllegalTransition):
        machine.confirmed(Standing("activating", "activate", "d1"), "d1", "deactivated")
    with pytest.raises(IllegalTransition):
        machine.confirmed(Standing("live", "deactivate", "d1"), "d1", "live")


def test_a_late_word_counts_after_patience_ended_but_not_after_a_refusal():
    waiting = Standing("activating", "activate", "d1")

    assert machine.confirmed(machine.given_up(waiting, refused=False), "d1", "live").state == "live"
    assert machine.confirmed(machine.given_up(waiting, refused=True), "d1", "live").state == "failed"


def test_nothing_is_given_up_twice():
    with pytest.raises(IllegalTransition):
        machine.given_up(Standing("failed", "activate", "d1", "given_up"), refused=False)


class Life(RuleBasedStateMachine):
    """Any sequence of orders, sendings and words; beside it, what a platform could have said of it."""

    def __init__(self):
        super().__init__()
        self.standing = None
        self.count = 0
        self.states = []
        self.sent = set()
        self.said = set()

    def moved(self, standing):
        if self.standing is not None and standing.state != self.standing.state:
            assert standing.state in LEGAL[self.standing.state]
        self.standing = standing

    @rule(action=st.sampled_from(["activate", "deactivate"]))
    def order(self, action):
        self.count += 1
        try:
            standing = machine.ordered(self.standing, action, f"d{self.count}")
        except (UnderWay, IllegalTransition):
            assert self.standing is None or self.standing.pending == "deactivate"
            return
        self.moved(standing)
        again = machine.ordered(standing, action, "another")
        assert again == standing or standing.course == "given_up"

    @precondition(lambda self: self.standing is not None and self.standing.course == "open")
    @rule()
    def send(self):
        self.moved(machine.sending(self.standing))
        self.sent.add(self.standing.delivery)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), word=st.sampled_from(["live", "failed", "deactivated"]))
    def say(self, data, word):
        delivery = data.draw(st.sampled_from(sorted(self.sent)))
        try:
            standing = machine.confirmed(self.standing, delivery, word)
        except IllegalTransition:
            assert word != {"activate": "live", "deactivate": "deactivated"}[self.standing.action]
            return
        self.said.add((delivery, word))
        if delivery != self.standing.delivery:
            assert standing == self.standing
        self.moved(standing)
        assert machine.confirmed(standing, delivery, "failed") == standing

    @precondition(lambda self: self.standing is not None and self.standing.course == "open")
    @rule(refused=st.booleans())
    def give_up(self, refused):
        self.moved(machine.given_up(self.standing, refused=refused))

    @invariant()
    def nothing_is_live_that_was_not_confirmed(self):
        if self.standing is not None and self.standing.state == "live" and self.standing.action == "activate":
            assert (self.standing.delivery, "live") in self.said

    @invariant()
    def what_is_requested_was_never_sent(self):
        if self.standing is not None and self.standing.state == "requested":
            assert self.standing.delivery not in self.sent


TestLife = Life.TestCase
