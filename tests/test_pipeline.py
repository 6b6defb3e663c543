"""``compose``: stages walk in order and may pass on, answer early or refuse."""

import pytest

from service.errors import InvalidInput
from service.pipeline import compose


def a_stage(name, seen):
    def stage(message, proceed):
        seen.append(f"{name} in")
        result = proceed(message + name)
        seen.append(f"{name} out")
        return result

    return stage


def test_stages_are_walked_in_order_and_left_in_reverse():
    seen = []

    walk = compose([a_stage("a", seen), a_stage("b", seen)], lambda message: message.upper())

    assert walk("x") == "XAB"
    assert seen == ["a in", "b in", "b out", "a out"]


def test_no_stages_leave_the_endpoint_itself():
    assert compose([], str)(5) == "5"


def test_a_stage_may_answer_early_and_nothing_behind_it_runs():
    seen = []

    walk = compose([lambda message, proceed: "early", a_stage("b", seen)], seen.append)

    assert walk("x") == "early"
    assert seen == []


def test_a_refusal_passes_every_stage_before_it():
    seen = []

    def before(message, proceed):
        try:
            return proceed(message)
        finally:
            seen.append("left")

    def refuse(message, proceed):
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        compose([before, before, refuse], str)("x")
    assert seen == ["left", "left"]


def test_one_walk_serves_many_messages():
    walk = compose([lambda message, proceed: proceed(message) + 1], int)

    assert [walk("1"), walk("2"), walk("1")] == [2, 3, 2]
