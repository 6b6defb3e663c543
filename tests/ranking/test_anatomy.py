"""The parts of a relevance by full text: whoever adds them up gets what was answered."""

from __future__ import annotations

import pytest

from service.messages import Brief
from service.ranking.local import LocalRanker

SPECS = (
    "cars", "family travel", "parents shopping for strollers", "skiing holydays", "people", "wine", "golf travel spain",
    "women 30-39",
)  # fmt: skip


@pytest.mark.parametrize("spec", SPECS)
def test_the_parts_add_up_to_the_relevance_of_every_signal(sample, spec):
    ranker, brief = LocalRanker(), Brief(spec, countries=("US",))
    ranking = ranker.rank(sample, brief)
    assert ranking.rows
    explanations = ranker.explanations(sample, brief, ranking.rows)
    for relevance, explanation in zip(ranking.relevance, explanations, strict=True):
        score = sum(explanation.parts.values())
        assert score == pytest.approx(explanation.score, abs=1e-9)
        assert max(score, 0.97 if explanation.raised_by == "name" else 0.0) == pytest.approx(relevance, abs=1e-4)
        assert sum(word.parts["words"] for word in explanation.words) == pytest.approx(explanation.parts["words"])


def test_an_id_raises_to_the_top_and_a_strange_row_has_no_parts(sample):
    ranker, brief = LocalRanker(), Brief(sample.all[7].id)
    row = ranker.rank(sample, brief).rows[0]
    found, unknown = ranker.explanations(sample, brief, [row, 10**9])
    assert (found.raised_by, found.relevance) == ("id", 1.0)
    assert unknown is None
