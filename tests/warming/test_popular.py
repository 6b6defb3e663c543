"""What is asked most: counted in a bounded table that fades."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.messages import Brief, Query
from service.warming.popular import Popular
from tests.doubles import FakeClock

HOUR = 3600.0
FILTERED = Brief("cars", ("dv360",), ("US", "GB"), ("Sample Data",), ("audience",), 4.5, 1.0)


class Counted:
    """A table over a clock; its half-life is an hour."""

    def __init__(self, kept=100):
        self.clock = FakeClock()
        self.popular = Popular(self.clock, kept, HOUR)

    def ask(self, spec, times=1, **fields):
        for _ in range(times):
            self.popular.note(Query(Brief(spec), **({"client": "192.0.2.1"} | fields)))

    def specs(self, count=10):
        return [brief.spec for brief in self.popular.most(count)]


def test_the_most_asked_come_first_and_what_was_asked_once_does_not_count():
    counted = Counted()
    counted.ask("cars", 3)
    counted.ask("food", 5)
    counted.ask("once")

    assert counted.specs() == ["food", "cars"]
    assert counted.specs() == ["food", "cars"], "looking changes nothing"


def test_no_more_come_than_were_wanted():
    counted = Counted()
    for number in range(5):
        counted.ask(f"spec {number}", number + 2)

    assert counted.specs(2) == ["spec 4", "spec 3"]


def test_deeper_pages_warm_ups_and_what_sees_private_signals_do_not_count():
    counted = Counted()
    counted.ask("deep", 9, cursor="abc")
    counted.ask("warm", 9, client="")
    for _ in range(9):
        counted.popular.note(Query(Brief("private", viewer="acme@1"), client="192.0.2.1"))

    assert counted.specs() == []


def test_the_same_words_with_other_filters_are_another_question():
    counted = Counted()
    counted.ask("cars", 2)
    for _ in range(3):
        counted.popular.note(Query(Brief("cars", countries=("US",)), client="192.0.2.1"))

    assert counted.popular.most(10) == [Brief("cars", countries=("US",)), Brief("cars")]


def test_an_asking_counts_half_after_each_half_life():
    counted = Counted()
    counted.ask("cars", 5)

    counted.clock.advance(2 * HOUR)
    assert counted.specs() == ["cars"], "5 are 1.25"
    counted.ask("food", 2)
    assert counted.specs() == ["food", "cars"]
    counted.clock.advance(HOUR)
    assert counted.specs() == [], "no more than one asking is left of either"


def test_a_service_that_runs_for_years_still_counts():
    """Weights that only grow leave the range of a number after a thousand half-lives."""
    counted = Counted()
    for _ in range(300):
        counted.clock.advance(100 * HOUR)
        counted.ask("cars", 2)
        assert counted.specs() == ["cars"]


def test_a_full_table_forgets_its_lighter_half_and_strangers_do_not_push_out_what_is_popular():
    counted = Counted(kept=10)
    counted.ask("cars", 3)
    for number in range(1000):
        counted.ask(f"stranger {number}")

    assert counted.specs() == ["cars"]


def test_what_was_saved_is_popular_after_a_restart_and_has_aged_meanwhile():
    before, after = Counted(), Counted()
    before.ask("food", 3)
    for _ in range(9):
        before.popular.note(Query(FILTERED, client="192.0.2.1"))

    after.popular.restore(before.popular.saved(), 2 * HOUR)

    assert after.popular.most(10) == [FILTERED]
    after.popular.restore(before.popular.saved(), -5.0)
    assert after.popular.most(10) == [FILTERED, Brief("food")], "a clock set back ages nothing"


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, "null", "{}", "[1]", '[[1,{"spec":3}]]', '[["x",{}]]', "[[1,[]]]", '[[null,{"a":1}]]']
)
def test_what_cannot_be_read_is_passed_over(text):
    counted = Counted()
    counted.popular.restore(text, 0.0)

    assert counted.specs() == []


def test_a_row_that_cannot_be_read_keeps_no_other_out():
    before, after = Counted(), Counted()
    before.ask("cars", 3)
    rows = [[9, {"spec": "half"}], *json.loads(before.popular.saved())]

    after.popular.restore(json.dumps(rows), 0.0)
    assert after.specs() == ["cars"]


@given(st.lists(st.integers(0, 30), max_size=200))
def test_the_table_never_grows_beyond_its_bound(numbers):
    counted = Counted(kept=10)
    for number in numbers:
        counted.ask(f"spec {number}", 2)

    assert len(counted.specs(1000)) <= 10
