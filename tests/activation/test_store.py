"""Activations in the state file: bounded, ordered, and told of only when they are written."""

import pytest

from service.activation.orders import Account, Destination
from service.activation.store import HISTORY, account_key
from service.activation.targets import Targets
from service.durable import Unwritten
from tests.activation.parts import AGENT, ALICE, BOB, PLATFORM, Platform, an_order

DAY = 24 * 3600.0


@pytest.mark.parametrize(
    ("account", "destination"),
    [
        (None, PLATFORM),
        (Account("acc-1"), AGENT),
        (Account("", "acme.example", "agency.example"), Destination("platform", "dv360")),
        (Account("", "ünï.example", "a'; DROP TABLE activations; --", True), AGENT._replace(account="☂")),
    ],
)
def test_an_activation_is_read_as_it_was_written(make, account, destination):
    parts = make()
    (one,) = parts.activations.order(an_order("free", destination, account=account))

    assert parts.store.by_id(one.id) == one
    assert parts.store.of(ALICE.id, account, "free", destination) == one
    assert (one.account, one.destination) == (account, destination)


def test_accounts_are_told_apart():
    accounts = [None, Account("a"), Account("", "a", "b"), Account("", "b", "a"), Account("", "a", "b", True)]

    assert len({account_key(account) for account in accounts}) == len(accounts)


def test_the_history_keeps_the_last_steps(make):
    parts = make()
    for _ in range(HISTORY):
        (one,) = parts.activations.order(an_order())
        parts.activations.order(an_order(action="deactivate"))

    history = parts.store.history(one.id)
    assert len(history) == HISTORY
    assert history[-1].state == "deactivated"


def test_what_ended_long_ago_is_forgotten_and_nothing_else(make):
    parts = make(targets=Targets(platforms={"dv360": Platform()}))
    (ended,) = parts.activations.order(an_order())
    parts.activations.order(an_order(action="deactivate"))
    (live,) = parts.activations.order(an_order("free"))
    (waiting,) = parts.activations.order(an_order("suv", Destination("platform", "dv360")))
    parts.clock.advance(90 * DAY)

    assert parts.store.forget_ended_before(parts.clock.now - 90 * DAY) == 0
    assert parts.store.forget_ended_before(parts.clock.now) == 1
    assert parts.store.by_id(ended.id) is None
    assert parts.store.history(ended.id) == []
    assert [parts.now(one).state for one in (live, waiting)] == ["live", "requested"]


def test_the_counts_are_by_state_and_say_what_is_under_way(make):
    parts = make(targets=Targets(platforms={"dv360": Platform()}))
    parts.activations.order(an_order())
    parts.activations.order(an_order("suv", Destination("platform", "dv360")))
    parts.activations.order(an_order("free", principal=BOB))

    assert parts.store.counts() == ({"live": 2, "requested": 1}, 1)
    assert parts.store.count(BOB.id) == 1


def test_a_change_that_is_undone_is_told_to_nobody(make):
    parts = make()
    with pytest.raises(ZeroDivisionError), parts.state.transaction():
        parts.activations.order(an_order())
        raise ZeroDivisionError

    assert (parts.changes, parts.woken) == ([], [])
    assert parts.store.page(ALICE.id, {}, None, 10) == []


def test_nothing_can_be_read_from_a_file_that_is_closed(make):
    parts = make()
    parts.state.close()

    for read in (parts.store.counts, lambda: parts.store.failures(1), lambda: parts.store.page(ALICE.id, {}, None, 1)):
        with pytest.raises(Unwritten):
            read()
