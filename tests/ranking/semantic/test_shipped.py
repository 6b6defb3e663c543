"""The word vectors and the glossary that ship with the service, over the sample catalogue."""

from __future__ import annotations

import pytest

from service.messages import Brief
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import FOLDER, WordVectors, normalised
from tests.ranking.semantic.nonsense import NONSENSE_SPECS, SENSE_SPECS
from tests.ranking.semantic.small import YEAR, indexed


@pytest.fixture(scope="module")
def semantic(sample, tmp_path_factory) -> Semantic:
    index = indexed(sample.connection(), tmp_path_factory.mktemp("shipped") / "index", WordVectors())
    return Semantic(index, Synonyms.read(None), YEAR)


def names(semantic, sample, spec, most=3):
    ranking = semantic.rank(sample, Brief(spec), "v")
    return " | ".join(signal.name for signal in sample.signals(ranking.rows[:most])).lower()


def test_the_files_are_sound_small_and_free_of_pickle():
    vectors = WordVectors()
    assert vectors.count > 60_000
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 16 * 2**20
    near = normalised(vectors.rows([vectors.rank(word) for word in ("oenophile", "wine", "tractor")]))
    assert near[0] @ near[1] > near[0] @ near[2]


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ("oenophiles", "wine"),
        ("vehicle acquirers", "suv"),
        ("skiing holydays", "ski"),
        ("kids' strollers", "toddler"),
        ("people saving for their pension", "pension"),
        ("photovoltaics", "solar"),
        ("EV owners", "electric"),
        ("insurence quotes", "insurance"),
        ("smarthome", "smart home"),
        ("campng", "camping"),
        ("hosptial workers", "hospital"),
        ("migraine sufferers", "migraine"),
        ("eSports fans", "esports"),
    ],
)
def test_meanings_forms_and_misspellings_find_what_was_meant(semantic, sample, spec, word):
    assert word in names(semantic, sample, spec)


@pytest.mark.parametrize(
    ("spec", "within", "without"),
    [
        ("women not over 50", "women 25-34", "women 55 plus"),
        ("adults but not millennials", "adults 18-24", "millennial"),
        ("adults 25-54 not 35-44", "adults 45-54", "adults 35-44"),
        ("household income over $50k but not over $150k", "$75,000", "income $250k"),
        ("renters not homeowners", "renters", "homeowner"),
        ("sports other than golf", "sport", "golf"),
    ],
)
def test_what_is_not_wanted_makes_way_for_what_is(semantic, sample, spec, within, without):
    found = names(semantic, sample, spec, 20)
    assert within in found
    assert without not in found


@pytest.mark.parametrize("spec", ["no children", "adults without kids", "people who don't have children"])
def test_an_absence_alone_finds_what_speaks_of_it(semantic, sample, spec):
    ranking = semantic.rank(sample, Brief(spec), "v")
    found = sample.signals(ranking.rows)
    assert {signal.name for signal in found} == {"No children at home", "Dual income, no kids"}
    assert all(reason.startswith("not ") for reason in semantic.reasons(spec, found))


@pytest.mark.parametrize("spec", ["minus seniors", "not under 18", "everything but sports"])
def test_nothing_but_what_is_not_wanted_finds_nothing(semantic, sample, spec):
    assert not semantic.rank(sample, Brief(spec), "v").rows


def test_nine_of_ten_nonsense_specs_get_nothing(semantic, sample):
    answered = [spec for spec in NONSENSE_SPECS if semantic.rank(sample, Brief(spec), "v").rows]
    assert len(NONSENSE_SPECS) == 50
    assert len(answered) <= 5, answered


def test_unusual_specs_get_something(semantic, sample):
    assert [spec for spec in SENSE_SPECS if not semantic.rank(sample, Brief(spec), "v").rows] == []


def test_words_a_letter_away_are_told_before_those_of_like_meaning(semantic, sample):
    assert semantic.rank(sample, Brief("camaras"), "v").near[0] == "cameras"


def test_every_name_finds_its_signal_first(semantic, sample):
    for signal in sample.all[::40]:
        ranking = semantic.rank(sample, Brief(signal.name), "v")
        first = sample.signals(ranking.rows[:3])
        assert signal.name.lower() in [one.name.lower() for one in first], signal.name
        assert ranking.relevance[0] >= 0.9
