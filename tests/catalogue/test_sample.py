"""The sample catalogue: large and varied enough to be worth searching, plausible, and honest about being invented."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from service.catalogue.rows import open_text, read_rows
from service.messages import KINDS, Signal

SAMPLE = Path(__file__).parents[2] / "service" / "catalogue" / "sample.csv"
LEAST_OF_A_KIND = {"audience": 400, "contextual": 100, "geographical": 50, "temporal": 50, "environmental": 30}
KNOWN_EVERYWHERE = {"the-trade-desk", "dv360"}


@pytest.fixture(scope="module")
def signals():
    with SAMPLE.open("rb") as raw, open_text(raw) as stream:
        return list(read_rows(stream, "csv"))


def words(text):
    return frozenset(re.findall(r"\w+", text.lower()))


def share(signals, holds):
    return sum(map(holds, signals)) / len(signals)


def test_every_row_is_a_signal_and_there_are_enough(signals):
    assert [row for row in signals if not isinstance(row, Signal)] == []
    assert len(signals) >= 1200


def test_ids_and_names_are_unique(signals):
    assert max(Counter(signal.id for signal in signals).values()) == 1
    assert max(Counter(signal.name.casefold() for signal in signals).values()) == 1


def test_all_six_kinds_are_well_represented(signals):
    kinds = Counter(signal.kind for signal in signals)

    assert set(kinds) == set(KINDS)
    assert all(kinds[kind] >= LEAST_OF_A_KIND.get(kind, 20) for kind in KINDS)


def test_invented_data_claims_no_marketplace_and_no_real_provider(signals):
    assert {signal.signal_type for signal in signals} == {"owned"}
    assert all(signal.provider_domain.endswith(".example") for signal in signals)


def test_there_are_several_providers_each_with_a_domain_of_its_own(signals):
    providers = {(signal.data_provider, signal.provider_domain) for signal in signals}

    assert len(providers) >= 5
    assert len({name for name, _ in providers}) == len({domain for _, domain in providers}) == len(providers)
    assert max(Counter(signal.data_provider for signal in signals).values()) < len(signals) / 3


def test_some_coverage_and_some_prices_are_unknown(signals):
    assert 0.08 <= share(signals, lambda signal: signal.coverage_percentage is None) <= 0.15
    assert 0.08 <= share(signals, lambda signal: signal.cpm is None) <= 0.15


def test_coverage_and_prices_are_plausible_and_differ(signals):
    coverage = [signal.coverage_percentage for signal in signals if signal.coverage_percentage is not None]
    prices = [signal.cpm for signal in signals if signal.cpm is not None]

    assert 0 < min(coverage) <= max(coverage) <= 95
    assert 0.1 <= min(prices) <= max(prices) <= 25
    assert len(set(coverage)) > 50
    assert len(set(prices)) > 50
    assert {signal.currency for signal in signals if signal.cpm is not None} >= {"USD", "EUR"}


def test_countries_and_platforms_are_of_use_and_sometimes_unknown(signals):
    countries = Counter(country for signal in signals for country in signal.countries)
    platforms = Counter(place.platform for signal in signals for place in signal.deployments)

    assert len(countries) >= 10
    assert len(platforms) >= 5
    assert set(platforms) >= KNOWN_EVERYWHERE
    assert any(not signal.countries for signal in signals)
    assert any(not signal.deployments for signal in signals)


def test_every_signal_has_a_path_and_a_description_that_says_something(signals):
    assert all(2 <= len(signal.path) <= 5 for signal in signals)
    assert all(len(words(signal.description)) >= 10 for signal in signals)


def test_no_opening_of_four_words_is_worn_out(signals):
    openings = Counter(tuple(re.findall(r"[\w'-]+", signal.description.lower())[:4]) for signal in signals)

    assert openings.most_common(1)[0][1] <= 5


def test_no_two_descriptions_share_more_than_six_words_in_ten(signals):
    described = [(words(signal.description), signal.id) for signal in signals]
    alike = [
        (one, other)
        for (mine, one), (yours, other) in combinations(described, 2)
        if len(mine & yours) > 0.6 * min(len(mine), len(yours))
    ]

    assert alike == []


@pytest.mark.parametrize(
    "wanted",
    ["cars", "food", "sports", "travel", "fashion", "technology", "health", "finance", "entertainment", "parents"],
)
def test_the_usual_questions_meet_signals_in_their_own_words(signals, wanted):
    stem = wanted.rstrip("s")[:7]
    assert (
        sum(stem in f"{signal.name} {signal.description} {' '.join(signal.path)}".lower() for signal in signals) >= 10
    )
