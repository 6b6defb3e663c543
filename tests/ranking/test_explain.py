from __future__ import annotations

import pytest

from service.messages import Brief, Signal
from service.ranking.explain import REASON_LIMIT, explain
from service.ranking.local import LocalRanker
from tests.ranking.library import a_signal, fillers_of

SKI = a_signal("Ski trips", "Families who book chalets", path=("Travel", "Snow"), data_provider="Evergreen", id="ski-1")


@pytest.fixture
def why(library):
    def ask(spec: str, signal: Signal = SKI) -> str:
        (reason,) = LocalRanker().reasons(library(signal, *fillers_of(30)), Brief(spec), [signal])
        return reason

    return ask


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("skiing", "Name has ski."),
        ("skiing families", "Name has ski; description has families."),
        ("travel with chalets and trip", "Category has travel; description has chalets; name has trips."),
        ("evergreen", "Data provider has evergreen."),
        ("chalest", "Description has chalets (for chalest)."),
        ("ski trip", "The name is what was asked for."),
        ("ski-1", "Its id was asked for."),
        ("golf", ""),
    ],
)
def test_a_reason_says_which_words_stand_where(why, spec, reason):
    assert why(spec) == reason


def test_a_word_is_told_once_for_each_place(why):
    assert why("skis skiing ski") == "Name has ski."


def test_a_long_reason_is_cut_between_words(why):
    words = [f"verylongword{chr(97 + n)}" for n in range(22)]
    reason = why(" ".join(words), a_signal("Odd", " ".join(words)))
    assert len(reason) <= REASON_LIMIT
    assert reason.startswith("Description has verylongworda, ")
    assert reason.endswith("…")


def test_every_row_of_a_ranking_has_a_reason(sample):
    ranker = LocalRanker()
    for spec in ("cars", "skiing holydays", "smarthome", "R&D people", "parents shopping for strollers"):
        brief = Brief(spec)
        signals = sample.signals(ranker.rank(sample, brief).rows[:100])
        reasons = ranker.reasons(sample, brief, signals)
        assert len(reasons) == len(signals) > 0
        assert all(0 < len(reason) <= REASON_LIMIT for reason in reasons)


def test_a_plan_without_groups_explains_nothing():
    from service.ranking.plan import Plan

    assert explain(Plan(()), SKI, "!!!") == ""
