"""Orders: who may have what activated where, and what is written down of it."""

import pytest

from service.activation import describe, settling
from service.activation.activations import MOST_OF_A_PRINCIPAL
from service.activation.orders import Account, Destination
from service.activation.targets import Targets
from service.errors import (
    Conflict,
    InvalidPricingOption,
    NotActivated,
    ReferenceNotFound,
    Unavailable,
    UnsupportedDestination,
)
from tests.activation.parts import AGENT, ALICE, BOB, OTHER_PLATFORM, PLATFORM, Library, Platform, an_order


def test_sample_data_goes_live_in_the_sandbox_at_once_and_says_so(make):
    parts = make()
    (one,) = parts.activations.order(an_order())

    assert (one.state, one.sandbox, one.adapter) == ("live", True, "sandbox")
    assert parts.states(one) == ["requested", "activating", "live"]
    assert describe.answer([one]) == {
        "deployments": [
            {
                "type": "platform",
                "platform": "the-trade-desk",
                "account": "seat-7",
                "is_live": True,
                "activation_key": {"type": "segment_id", "segment_id": "sandbox_suv"},
                "deployed_at": "2027-01-15T08:00:00.000Z",
            }
        ],
        "sandbox": True,
    }


def test_an_activation_lasts_across_a_restart(make):
    parts = make()
    (one,) = parts.activations.order(an_order())
    parts.again()

    assert parts.store.by_id(one.id) == one


def test_there_is_one_activation_for_principal_account_signal_and_destination(make):
    parts = make()
    orders = [
        an_order(),
        an_order(principal=BOB),
        an_order(account=None),
        an_order(account=Account(brand="acme.example", operator="agency.example")),
        an_order("free"),
        an_order("suv", OTHER_PLATFORM),
        an_order("suv", AGENT),
    ]
    ids = [parts.activations.order(order)[0].id for order in orders]

    assert len(set(ids)) == len(orders)
    assert [parts.activations.order(order)[0].id for order in orders] == ids


def test_an_order_of_several_destinations_is_all_or_nothing(make):
    parts = make(targets=Targets(platforms={"dv360": Platform()}), library=Library(sample=False))

    with pytest.raises(UnsupportedDestination) as refusal:
        parts.activations.order(an_order("suv", OTHER_PLATFORM, PLATFORM))

    assert refusal.value.field == "destinations[1]"
    assert parts.store.page(ALICE.id, {}, None, 10) == []


def test_a_platform_without_an_adapter_is_refused_and_never_reported_live(make):
    parts = make(library=Library(sample=False))

    with pytest.raises(UnsupportedDestination):
        parts.activations.order(an_order())
    assert parts.changes == []


def test_an_account_of_the_sandbox_never_reaches_a_platform(make):
    platform = Platform()
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}), library=Library(sample=False))
    (one,) = parts.activations.order(an_order(account=Account("", "acme.example", "agency.example", sandbox=True)))

    assert (one.state, one.sandbox, platform.delivered) == ("live", True, [])


def test_a_platform_of_the_configuration_is_only_told_later(make):
    platform = Platform()
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    (one,) = parts.activations.order(an_order())

    assert (one.state, one.pending, one.sandbox, platform.delivered) == ("requested", "activate", False, [])
    assert describe.answer([one])["deployments"][0] == {
        "type": "platform",
        "platform": "the-trade-desk",
        "account": "seat-7",
        "is_live": False,
        "estimated_activation_duration_minutes": 30,
    }
    assert parts.woken == [parts.clock.now]


def test_a_real_platform_that_the_signal_is_not_offered_on_is_refused(make):
    elsewhere = Destination("platform", platform="adform")
    parts = make(targets=Targets(platforms={"adform": Platform()}))

    with pytest.raises(UnsupportedDestination):
        parts.activations.order(an_order("suv", elsewhere))
    assert parts.activations.order(an_order("free", elsewhere))[0].state == "requested"


def test_an_unknown_signal_and_one_of_somebody_else_are_refused_with_the_same_words(make):
    parts = make()
    told = []
    for signal in ("nothing", "bobs"):
        for action in ("activate", "deactivate"):
            with pytest.raises(ReferenceNotFound) as refusal:
                parts.activations.order(an_order(signal, action=action))
            told.append((refusal.value.detail, refusal.value.field, refusal.value.code, refusal.value.status))

    assert len(set(told)) == 1
    assert parts.activations.order(an_order("bobs", principal=BOB))[0].state == "live"


@pytest.mark.parametrize(("signal", "price"), [("suv", None), ("suv", "free-cpm")])
def test_a_price_must_be_one_of_the_signal(make, signal, price):
    with pytest.raises(InvalidPricingOption) as refusal:
        make().activations.order(an_order(signal, price=price))
    assert refusal.value.field == "pricing_option_id"


def test_the_signal_is_looked_for_before_its_price(make):
    with pytest.raises(ReferenceNotFound):
        make().activations.order(an_order("nothing")._replace(pricing_option_id="what-ever"))


def test_what_is_live_is_deactivated_and_loses_its_key(make):
    parts = make()
    parts.activations.order(an_order())
    (one,) = parts.activations.order(an_order(action="deactivate"))

    assert (one.state, one.activation_key, one.deployed_at) == ("deactivated", None, None)
    assert describe.answer([one])["deployments"][0]["is_live"] is False
    assert parts.activations.order(an_order(action="deactivate")) == (one,)


def test_what_was_deactivated_can_be_activated_again(make):
    parts = make()
    (first,) = parts.activations.order(an_order())
    parts.activations.order(an_order(action="deactivate"))
    (again,) = parts.activations.order(an_order())

    assert (again.id, again.state) == (first.id, "live")
    assert parts.states(again) == [
        *("requested", "activating", "live", "deactivated"),
        *("requested", "activating", "live"),
    ]


def test_a_signal_that_left_the_catalogue_can_still_be_deactivated(make):
    parts = make()
    parts.activations.order(an_order())
    del parts.library.signals["suv"]

    assert parts.activations.order(an_order(action="deactivate"))[0].state == "deactivated"
    with pytest.raises(ReferenceNotFound):
        parts.activations.order(an_order())


def test_nobody_deactivates_what_somebody_else_activated(make):
    parts = make()
    parts.activations.order(an_order(principal=BOB))

    with pytest.raises(NotActivated):
        parts.activations.order(an_order(action="deactivate"))


def test_an_activation_cannot_be_ordered_while_its_withdrawal_is_under_way(make):
    platform = Platform()
    parts = make(targets=Targets(platforms={"the-trade-desk": platform}))
    (one,) = parts.activations.order(an_order())
    parts.store.keep(settling.begun(one, parts.clock.now, 60), one)
    parts.activations.order(an_order(action="deactivate"))

    with pytest.raises(Conflict):
        parts.activations.order(an_order())


def test_an_order_that_cannot_be_written_is_refused_and_nothing_happens(make):
    parts = make()
    parts.state.close()

    with pytest.raises(Unavailable):
        parts.activations.order(an_order())
    parts.start()
    assert (parts.changes, parts.store.page(ALICE.id, {}, None, 10)) == ([], [])


def test_what_was_simulated_is_not_taken_for_live_once_a_way_leads_to_the_platform(make):
    parts = make()
    (simulated,) = parts.activations.order(an_order())
    parts.targets = Targets(platforms={"the-trade-desk": Platform()})
    parts.again()
    (one,) = parts.activations.order(an_order())

    assert (one.id, one.state, one.sandbox, one.activation_key) == (simulated.id, "requested", False, None)
    assert parts.states(one) == ["requested", "activating", "live", "deactivated", "requested"]


def test_a_principal_has_a_bounded_number_of_activations(make):
    parts = make()
    with parts.state.transaction() as database:
        parts.activations.order(an_order("free"))
        columns = "principal, account, signal, destination, state, action, delivery, course, adapter, sandbox, reason"
        times = "requested_at, changed_at"
        database.execute(
            f"""WITH RECURSIVE numbers(n) AS
            (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MOST_OF_A_PRINCIPAL})
            INSERT INTO activations (id, {columns}, {times})
            SELECT 'act_' || n, {columns.replace("signal", "'s' || n")}, {times} FROM activations, numbers"""
        )

    with pytest.raises(Conflict):
        parts.activations.order(an_order())
    assert parts.activations.order(an_order("free"))[0].state == "live"
    assert parts.activations.order(an_order(principal=BOB))[0].state == "live"
