"""Proposals that outlive a restart: found again by the words of the brief."""

from dataclasses import replace

from service.ai.kept_proposals import Proposals
from service.messages import Brief, Proposal
from service.state import State
from tests.doubles import FakeClock

CARS = Brief("family cars")
IDEA = Proposal("proposal-1", "Roof box owners", "Families who travel by car.", "They need space.")


class FakeShelf:
    """Keeps proposals by spec."""

    def __init__(self):
        self.kept = {}

    def proposals(self, spec, count):
        return tuple(self.kept.get(spec, ())[:count])

    def keep_proposals(self, spec, proposals):
        self.kept[spec] = list(proposals)


def test_what_the_model_made_is_found_again_by_the_same_words_whatever_the_filters():
    shelf = FakeShelf()
    assert Proposals(shelf).of(CARS) == ()
    Proposals(shelf).keep(CARS, [IDEA])

    assert Proposals(shelf).of(Brief("FAMILY \u00a0 Ｃars", countries=("US",))) == (IDEA,)
    assert Proposals(shelf).of(Brief("boats")) == ()


def test_an_answer_without_ideas_takes_none_away():
    shelf = FakeShelf()
    Proposals(shelf).keep(CARS, [IDEA])
    Proposals(shelf).keep(CARS, [])

    assert Proposals(shelf).of(CARS) == (IDEA,)


def test_switched_off_there_are_none_whatever_the_model_makes():
    Proposals(None).keep(CARS, [IDEA])

    assert Proposals(None).of(CARS) == ()


def test_what_was_made_for_a_viewer_is_its_own_and_takes_nothing_from_others(tmp_path):
    state = State(tmp_path / "state.db", FakeClock(), print)
    state.open()
    kept = Proposals(state)
    seen = replace(CARS, viewer="acme@1")
    kept.keep(CARS, [IDEA])
    kept.keep(seen, [IDEA])

    assert kept.of(CARS) == (IDEA,)
    [own] = kept.of(replace(seen, viewer="acme@2"))
    assert (own.name, own.id != IDEA.id) == (IDEA.name, True)
    assert kept.of(replace(CARS, viewer="globex@1")) == ()
    state.close()
