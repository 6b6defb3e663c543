"""Warm-up: what is asked most is ranked before it is asked again, one warm-up at a time."""

import threading

import pytest

from service.errors import Overloaded
from service.messages import Brief
from service.warming.warmup import Progress, Warmup
from tests.doubles import Crowd, FakeClock, until


class Kitchen:
    """A warm-up over doubles; specs that begin with ``cold`` are refused, those with ``broken`` fail."""

    def __init__(self, always=("cars", "food"), popular=()):
        self.warmed, self.counted, self.clock = [], [], FakeClock()
        self.begun = 0
        self.gate, self.entered = threading.Event(), threading.Event()
        self.gate.set()
        self.warmup = Warmup(
            always,
            lambda count: [Brief(spec) for spec in popular][:count],
            self,
            self.clock,
            lambda outcome, at: self.counted.append((outcome, at)),
        )

    def begin(self):
        self.begun += 1

    def warm(self, query):
        self.entered.set()
        assert self.gate.wait(5)
        assert (query.client, query.cursor) == ("", None)
        if query.brief.spec.startswith("cold"):
            raise Overloaded("No room.")
        if query.brief.spec.startswith("broken"):
            raise ZeroDivisionError
        self.warmed.append(query.brief.spec)


def test_what_is_always_warm_comes_first_then_what_is_asked_most_and_nothing_twice():
    kitchen = Kitchen(popular=("travel", "cars"))

    assert kitchen.warmup.run() is True
    assert kitchen.warmed == ["cars", "food", "travel"]
    assert kitchen.counted == [("ok", 1000.0)]
    assert kitchen.begun == 1


def test_before_the_first_run_nothing_is_known():
    state = Kitchen().warmup.state()

    assert (state.running, state.last_run_at, state.warmed, state.failed) == (False, None, None, None)


def test_after_a_run_the_state_tells_how_it_went():
    kitchen = Kitchen(("cars", "cold beer", "food"))
    kitchen.warmup.run()
    state = kitchen.warmup.state()

    assert (state.running, state.last_run_at, state.warmed, state.failed) == (False, 1000.0, 2, 1)
    assert kitchen.counted == [("ok", 1000.0)]


def test_a_run_in_which_nothing_could_be_warmed_has_failed():
    kitchen = Kitchen(("cold beer",))
    kitchen.warmup.run()

    assert kitchen.counted == [("failed", 1000.0)]


def test_a_bug_ends_the_run_as_failed_and_not_the_warm_ups_after_it():
    kitchen = Kitchen(("cars", "broken", "food"))
    with pytest.raises(ZeroDivisionError):
        kitchen.warmup.run()

    assert kitchen.counted == [("failed", 1000.0)]
    assert kitchen.warmup.progress() == Progress(("cars", "broken", "food"), 1, 0, running=False)
    with pytest.raises(ZeroDivisionError):
        kitchen.warmup.run()


def test_a_second_run_is_not_started_beside_the_first():
    kitchen, crowd = Kitchen(), Crowd()
    kitchen.gate.clear()
    crowd.start(kitchen.warmup.run)
    assert kitchen.entered.wait(5)

    assert kitchen.warmup.state().running is True
    assert kitchen.warmup.run() is False
    assert kitchen.warmup.planned() == ("cars", "food")
    kitchen.gate.set()
    assert crowd.join() == [True]
    assert kitchen.warmed == ["cars", "food"]


def test_who_waits_is_told_of_the_end_of_the_next_run_and_not_of_an_earlier_one():
    kitchen, crowd = Kitchen(), Crowd()
    kitchen.warmup.run()
    before = kitchen.warmup.state().last_run_at

    assert kitchen.warmup.wait_for_run_after(before, 0.0) is False
    assert kitchen.warmup.wait_for_run_after(None, 0.0) is True
    crowd.start(kitchen.warmup.wait_for_run_after, before, 5.0)
    kitchen.clock.advance(1)
    kitchen.warmup.run()
    assert crowd.join() == [True]


def test_told_to_stop_it_ends_at_the_next_brief_and_starts_no_more():
    kitchen, crowd = Kitchen(), Crowd()
    kitchen.gate.clear()
    crowd.start(kitchen.warmup.run)
    assert kitchen.entered.wait(5)
    kitchen.warmup.stop()
    kitchen.gate.set()

    crowd.join()
    until(lambda: not kitchen.warmup.state().running)
    assert kitchen.warmed == ["cars"]
    assert kitchen.warmup.run() is False


def test_the_plan_of_the_next_run_holds_at_least_what_is_always_warm():
    assert Kitchen(popular=("travel",)).warmup.planned() == ("cars", "food")


def test_asked_to_do_it_again_while_it_runs_it_runs_once_more():
    kitchen, crowd = Kitchen(), Crowd()
    assert kitchen.warmup.again() is False
    kitchen.gate.clear()
    crowd.start(kitchen.warmup.run)
    assert kitchen.entered.wait(5)

    assert [kitchen.warmup.again(), kitchen.warmup.again()] == [True, True]
    kitchen.gate.set()
    assert crowd.join() == [True]
    assert kitchen.warmed == ["cars", "food"] * 2
    assert kitchen.begun == 2


class Turns:
    """A turn that answers as it is told, and remembers when it was given back."""

    def __init__(self, *answers):
        self.answers, self.given_back = list(answers), 0

    def take(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def give_back(self):
        self.given_back += 1


def in_turn(kitchen, turn):
    counted = lambda outcome, at: kitchen.counted.append((outcome, at))  # noqa: E731
    return Warmup(("cars", "food"), lambda count: [], kitchen, kitchen.clock, counted, turn)


def test_while_another_instance_warms_up_this_one_waits_and_counts_nothing():
    kitchen, turn = Kitchen(), Turns(False)
    warmup = in_turn(kitchen, turn)

    assert warmup.run() is False
    assert (warmup.waits, kitchen.warmed, kitchen.counted) == (True, [], [])
    turn.answers = [True]
    assert warmup.run() is True
    assert (warmup.waits, kitchen.warmed, turn.given_back) == (False, ["cars", "food"], 1)


def test_a_turn_that_is_lost_in_between_ends_the_run_and_it_waits_again():
    kitchen = Kitchen()
    warmup = in_turn(kitchen, Turns(True, True, False))

    warmup.run()

    assert (kitchen.warmed, warmup.waits) == (["cars"], True)


def test_where_nobody_can_say_whose_turn_it_is_each_warms_up():
    kitchen = Kitchen()

    assert in_turn(kitchen, Turns(None)).run() is True
    assert kitchen.warmed == ["cars", "food"]
