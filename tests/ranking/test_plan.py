from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.plan import GROUPS_LIMIT, Plan, Planner, quoted
from service.ranking.vocabulary import Vocabulary
from tests.ranking.library import a_signal, fillers_of


@pytest.fixture
def plan(library):
    """Make plans over a catalogue of these names, and of many that have nothing to do with them."""

    def make(*names: str):
        signals = [a_signal(name, id=f"n{number}") for number, name in enumerate(names)]
        connection = library(*signals, *fillers_of(400)).connection()
        return lambda spec: Planner(Vocabulary.read(connection), connection).plan(spec)

    return make


def matches(plan: Plan) -> list[list[str]]:
    return [[variant.match for variant in group.variants] for group in plan.groups]


def test_a_known_word_stands_for_itself(plan):
    assert matches(plan("Car lovers")("cars")) == [['"cars"']]


def test_what_is_written_as_one_word_is_searched_as_a_phrase(plan):
    assert matches(plan("R&D managers")("R&D")) == [['"r d"']]


def test_a_phrase_the_catalogue_never_has_falls_into_its_words(plan):
    assert matches(plan("Car buyers", "Truck buyers")("car-truck")) == [['"car"'], ['"truck"']]


@pytest.mark.parametrize(
    ("name", "spec", "match"),
    [
        ("Smart home owners", "smarthome", '"smart home"'),
        ("E-commerce", "ecommerce", '"e commerce"'),
        ("Ecommerce", "e-commerce", '"ecommerce"'),
        ("Vehicles", "vehicel", '"vehicl"'),
        ("Skiing trips", "skier", '"ski"'),
        ("Pharmaceutical brands", "pharma", '"pharmaceut"'),
    ],
)
def test_other_ways_of_writing_a_word_are_found(plan, name, spec, match):
    (group,) = plan(name)(spec).groups
    assert match in [variant.match for variant in group.variants]


def test_two_words_are_found_written_as_one(plan):
    groups = plan("Smarthome", "Smart", "Home")("smart home").groups
    assert all('"smarthome"' in [variant.match for variant in group.variants] for group in groups)


def test_a_rare_word_stands_less_for_longer_ones(plan):
    (group,) = plan("Auto parts", "Automotive news")("auto").groups
    assert [(variant.match, variant.quality < 1) for variant in group.variants] == [
        ('"auto"', False),
        ('"automot"', True),
    ]


def test_a_word_that_is_known_is_not_corrected(plan):
    assert matches(plan("Baking", "Biking")("baking")) == [['"baking"']]


def test_of_equally_near_words_the_commonest_come_first(plan):
    assert matches(plan("Bright marble", "Bright margle", "Old marble")("marxle")) == [['"marbl"', '"margl"']]


def test_unknown_words_are_told(plan):
    made = plan("Car lovers")("cars zzzzzz")
    assert made.unknown == ("zzzzzz",)
    assert made.groups[1].variants == ()


def test_rare_words_are_worth_more_and_fillers_little(plan):
    groups = plan("Car lovers", "Car owners", "Golf people")("people golf cars").groups
    people, golf, cars = (group.worth for group in groups)
    assert golf > cars > people


def test_of_a_long_spec_the_known_and_rare_words_count(plan):
    spec = " ".join(f"word{number}" for number in range(90)) + " golf"
    groups = plan("Golf players")(spec).groups
    assert len(groups) == GROUPS_LIMIT
    assert groups[-1].text == "golf"


def test_no_words_make_an_empty_plan(plan):
    assert plan("Golf")("!!!") == Plan(())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_a_quoted_text_is_one_string_to_the_index(text):
    inner = quoted(text)[1:-1]
    assert inner.replace('""', "") == text.replace('"', "")
    assert inner.count('"') == 2 * text.count('"')
