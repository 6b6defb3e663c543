from __future__ import annotations

import pytest

from service.messages import Brief
from service.ranking.filters import Filters, prepare
from tests.ranking.library import a_signal

FULL = a_signal(
    "full",
    kind="contextual",
    data_provider="Ünited Data",
    coverage_percentage=10.0,
    cpm=2.0,
    countries=("US", "CA"),
    platforms=("dv360", "the-trade-desk"),
)
EURO = a_signal("euro", cpm=1.0, currency="EUR")
BARE = a_signal("bare")


@pytest.fixture
def verdicts(library):
    """Return for a brief which rows pass, and which lack something (with its bits)."""

    def ask(**brief) -> dict[str, int]:
        connection = library(FULL, EURO, BARE).connection()
        filters = Filters.of(Brief("x", **brief))
        prepare(connection)
        query = f"SELECT id, {filters.lacking} FROM signals WHERE {filters.condition}"
        return dict(connection.execute(query, filters.values).fetchall())

    return ask


def test_without_filters_everything_passes(verdicts):
    assert verdicts() == {"full": 0, "euro": 0, "bare": 0}


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ({"kinds": ("contextual",)}, {"full": 0}),
        ({"kinds": ("Contextual", "audience")}, {"full": 0, "euro": 0, "bare": 0}),
        ({"data_providers": ("ÜNITED data",)}, {"full": 0}),
        ({"data_providers": ("nobody",)}, {}),
        ({"max_cpm": 2.0}, {"full": 0, "bare": 1}),
        ({"max_cpm": 1.99}, {"bare": 1}),
        ({"min_coverage_percentage": 10.0}, {"full": 0, "euro": 1, "bare": 1}),
        ({"min_coverage_percentage": 10.1}, {"euro": 1, "bare": 1}),
        ({"countries": ("us", "FR")}, {"full": 0, "euro": 1, "bare": 1}),
        ({"countries": ("FR",)}, {"euro": 1, "bare": 1}),
        ({"platforms": (" DV360",)}, {"full": 0, "euro": 1, "bare": 1}),
        ({"platforms": ("360",)}, {"euro": 1, "bare": 1}),
        ({"max_cpm": 5.0, "countries": ("US",)}, {"full": 0, "bare": 3}),
        ({"platforms": ("';--", "\ud800", "%")}, {"euro": 1, "bare": 1}),
    ],
)
def test_a_filter_passes_what_fits_and_tells_apart_what_lacks_data(verdicts, brief, expected):
    assert verdicts(**brief) == expected


def test_the_bits_stand_for_the_filters_in_order():
    brief = Brief("x", max_cpm=1, min_coverage_percentage=1, countries=("US",), platforms=("dv360",))
    assert Filters.of(brief).names == ["max_cpm", "min_coverage_percentage", "countries", "platforms"]
