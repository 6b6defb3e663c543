"""Proposals that outlive a restart: found again by the words of the brief."""

from service.ai.kept_proposals import Proposals
from service.messages import Brief, Proposal

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
