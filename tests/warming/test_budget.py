"""How many calls of the AI warm-ups may make a day."""

import pytest

from service.warming.budget import DAY_SECONDS, Budget
from tests.doubles import FakeClock


class Purse:
    """Budgets over one clock and one note, as after restarts."""

    def __init__(self, calls=3, note=None):
        self.calls, self.note, self.clock = calls, note, FakeClock(20_000.5 * DAY_SECONDS)
        self.budget = self.again()

    def again(self):
        def save(text):
            self.note = text

        self.budget = Budget(self.calls, self.clock, lambda: self.note, save)
        return self.budget


def test_what_is_spent_is_not_left():
    budget = Purse(calls=2).budget

    assert budget.left() == 2
    budget.spend()
    assert budget.left() == 1
    budget.spend()
    budget.spend()
    assert budget.left() == 0


def test_at_midnight_utc_it_begins_anew():
    purse = Purse(calls=1)
    purse.budget.spend()

    purse.clock.advance(DAY_SECONDS / 2 - 1)
    assert purse.budget.left() == 0
    purse.clock.advance(1)
    assert purse.budget.left() == 1


def test_a_restart_gives_nothing_back():
    purse = Purse(calls=3)
    purse.budget.spend()

    assert purse.again().left() == 2
    purse.clock.advance(DAY_SECONDS)
    assert purse.again().left() == 3


@pytest.mark.parametrize("note", ["", "x", "1", "1 2 3", "20000 -7", "1e9 2"])
def test_a_note_that_makes_no_sense_is_no_spending(note):
    assert Purse(calls=3, note=note).budget.left() == 3


def test_what_other_instances_spent_counts_too():
    spent = {}

    def together(day, more):
        spent[day] = spent.get(day, 0) + more
        return spent[day]

    clock = FakeClock()
    one, other = (Budget(3, clock, lambda: None, lambda text: None, together) for _ in range(2))
    one.spend()
    other.spend()

    assert (one.left(), other.left()) == (1, 1)


def test_what_nobody_can_say_of_others_is_left_to_each():
    known = [1]
    budget = Budget(3, FakeClock(), lambda: None, lambda text: None, lambda day, more: known[0])
    budget.spend()
    known[0] = None

    assert budget.left() == 2
    budget.spend()
    assert budget.left() == 1
