"""The parts of a relevance: whoever adds them up gets what was answered."""

from __future__ import annotations

import math

import pytest

from service.messages import Brief
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import WordVectors
from tests.ranking.semantic.nonsense import SENSE_SPECS
from tests.ranking.semantic.small import YEAR, indexed

HARD_SPECS = (
    "couples without kids",
    "women 30-39 who earn over $100k",
    '"ski resort"',
    "vehicle acquirers over 60 not trucks",
    "travel in france",
    "insurence quotes",
    "zzzzzzz wine",
    "people",
)


@pytest.fixture(scope="module", params=[10_000, 0], ids=["whole", "candidates"])
def semantic(request, sample, tmp_path_factory) -> Semantic:
    folder = tmp_path_factory.mktemp("anatomy") / "index"
    return Semantic(indexed(sample.connection(), folder, WordVectors(), exact=request.param), Synonyms.read(None), YEAR)


def recomputed(explanation):
    """Return the relevance, from nothing but what the explanation says."""
    score = sum(explanation.parts.values())
    assert score == pytest.approx(explanation.score, abs=1e-5)
    slope, offset = explanation.curve
    own = 1 / (1 + math.exp(offset - slope * score))
    return max(own, {"id": 1.0, "name": 0.97, None: 0.0}[explanation.raised_by])


def disagreeing(semantic, sample, brief):
    """Return the places at which the recomputed relevance is not the one that was answered."""
    ranking = semantic.rank(sample, brief, "v")
    lowest, wrong = 1.0, []
    for place, explanation in enumerate(semantic.explanations(sample, brief, ranking.rows[:30])):
        # Nobody is more relevant than the one before.
        lowest = min(lowest, recomputed(explanation))
        if abs(lowest - ranking.relevance[place]) > 1e-3:
            wrong.append((brief.spec, place))
    return wrong


def test_the_parts_and_the_curve_give_the_relevance_of_every_signal(semantic, sample):
    specs = [*SENSE_SPECS[:25], *HARD_SPECS, sample.all[7].name, sample.all[11].id]
    briefs = [Brief(spec) for spec in specs] + [Brief(spec, countries=("US",), max_cpm=3.0) for spec in HARD_SPECS]
    assert [place for brief in briefs for place in disagreeing(semantic, sample, brief)] == []


def test_the_shares_of_the_words_are_the_parts(semantic, sample):
    for spec in HARD_SPECS:
        brief = Brief(spec)
        rows = semantic.rank(sample, brief, "v").rows[:5]
        for explanation in semantic.explanations(sample, brief, rows):
            for part in ("meaning", "words"):
                shares = [word.parts[part] for word in explanation.words]
                assert sum(shares) == pytest.approx(explanation.parts[part], abs=1e-4), (spec, part)


def test_what_raises_a_signal_is_named(semantic, sample):
    signal = sample.all[7]
    for spec, by in ((signal.id, "id"), (signal.name, "name")):
        ranking = semantic.rank(sample, Brief(spec), "v")
        assert semantic.explanations(sample, Brief(spec), ranking.rows[:1])[0].raised_by == by


def test_a_row_that_was_never_found_has_no_parts(semantic, sample):
    assert semantic.explanations(sample, Brief("wine"), [10**9]) == [None]
