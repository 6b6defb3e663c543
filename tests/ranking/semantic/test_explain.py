from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count

import pytest

from service.ranking.semantic.explain import REASON_LIMIT
from tests.ranking.library import MemoryLibrary, a_signal
from tests.ranking.semantic.small import indexed, ranking_over

CARS = a_signal("New cars, seen by dealers", path=("Automotive", "In market"))


@pytest.fixture
def reason(vectors, tmp_path):
    """Return a function that tells why a signal matches a spec."""

    numbers = count()

    def tell(signal, spec):
        with closing(sqlite3.connect(":memory:")) as connection:
            MemoryLibrary(connection, [signal], "v")
            return ranking_over(indexed(connection, tmp_path / str(next(numbers)), vectors)).reasons(spec, [signal])[0]

    return tell


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("vehicle acquirers", "'vehicle' ~ Automotive; 'acquirers' ~ In market"),
        ("cars", "'cars'"),
        ("crs cars", "'cars'"),
        ("automtive", "'automtive' ~ Automotive"),
        ("car without wine", "'car' ~ cars; not wine"),
        ("cars not over 50", "'cars'; not age 50 and over"),
        ("cars not under 18", "'cars'; not age under 18"),
        ("xqzzyqw", ""),
    ],
)
def test_a_reason_names_words_and_meanings(reason, spec, said):
    assert reason(CARS, spec) == said


def test_numbers_that_fit_are_named(reason):
    assert reason(a_signal("Age 30-34", path=("Age",)), "people of 30 to 39").endswith("age fits")


def test_a_provider_is_named_for_its_very_words_only(reason):
    assert reason(a_signal("Golf", data_provider="Vehicle Data"), "cars golf") == "'golf'"
    assert reason(a_signal("Golf", data_provider="Vehicle Data"), "golf vehicle data").startswith("'golf'; 'vehicle'")


def test_a_country_is_where_a_signal_can_be_used(reason):
    assert reason(a_signal("Golf", countries=("GB", "US")), "golf in Britain") == "'golf'; usable in GB"
    assert reason(a_signal("Golf", countries=("US",)), "golf in Britain") == "'golf'"


def test_an_id_and_a_name_are_recognised(reason):
    assert reason(a_signal("Golf", id="golf-1"), "golf-1") == "Its id was asked for."
    assert reason(CARS, "new CARS seen by dealer") == "The name is what was asked for."


def test_a_reason_is_short_plain_text(reason):
    signal = a_signal(" ".join(f"word{number}" for number in range(32)))
    said = reason(signal, " ".join(f"word{number}" for number in range(32)) + " <b>")
    assert len(said) <= REASON_LIMIT
    assert "<" not in said
