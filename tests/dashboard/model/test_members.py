"""The instances behind one address: who is there, who is gone, and what each did lately."""

from dataclasses import replace

from dashboard.model.members import GONE_SECONDS, MEMBERS_AT_MOST, POINTS_AT_MOST, Members
from tests.dashboard.model.samples import FakeService


def told(at, **rates):
    """What was told at a monotonic second: instances by name, with their requests a second."""
    return tuple(
        replace(FakeService(name).snapshot(at), figures={"requests.rate": rate}) for name, rate in rates.items()
    )


def names(members, now):
    return [(member.latest.service.instance, member.gone_seconds) for member in members.known(now)]


def test_everybody_who_was_told_of_is_there_by_name():
    members = Members()
    members.take(told(1000.0, two=1.0, one=2.0))

    assert names(members, 1001.0) == [("one", None), ("two", None)]


def test_who_is_told_of_no_more_is_gone_since_then_and_forgotten_after_a_while():
    members = Members()
    members.take(told(1000.0, one=1.0, two=1.0))
    members.take(told(1010.0, one=1.0))

    assert names(members, 1010.0) == [("one", None), ("two", 10.0)]
    assert names(members, 1000.0 + GONE_SECONDS + 1) == [("one", None)]


def test_who_comes_back_is_there_again_with_its_trend():
    members = Members()
    members.take(told(1000.0, one=1.0, two=1.0))
    members.take(told(1010.0, one=1.0))
    members.take(told(1020.0, one=1.0, two=3.0))

    assert names(members, 1020.0) == [("one", None), ("two", None)]
    assert [point.value for point in members.known(1020.0)[1].trend] == [1.0, 3.0]


def test_while_nobody_can_tell_nobody_is_known_and_nobody_is_gone():
    members = Members()
    members.take(told(1000.0, one=1.0, two=1.0))
    members.take(())
    assert members.known(1010.0) == ()

    members.take(told(1020.0, one=1.0, two=1.0))
    assert names(members, 1020.0) == [("one", None), ("two", None)]


def test_a_trend_has_a_point_in_ten_seconds_and_a_bound():
    members = Members()
    for second in range(0, 2000, 2):
        members.take(told(1000.0 + second, one=float(second)))

    [member] = members.known(3000.0)
    assert len(member.trend) == POINTS_AT_MOST
    assert member.trend[1].at - member.trend[0].at == 10.0
    assert member.latest.figures["requests.rate"] == 1998.0


def test_the_same_answer_twice_is_one():
    members, once = Members(), told(1000.0, one=1.0)
    members.take(once)
    members.take(once)

    assert len(members.known(1000.0)[0].trend) == 1


def test_instances_that_come_and_go_take_bounded_memory():
    members = Members()
    for number in range(3 * MEMBERS_AT_MOST):
        members.take(told(1000.0 + number / 100, **{f"web-{number}": 1.0}))

    assert len(members.known(1010.0)) <= MEMBERS_AT_MOST


def test_what_is_no_number_makes_a_gap():
    members = Members()
    members.take((replace(FakeService("one").snapshot(1000.0), figures={"requests.rate": "many"}),))

    assert members.known(1000.0)[0].trend[0].value is None
