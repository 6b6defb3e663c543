"""What words stand for, and that it does not depend on what was asked before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ranking.semantic.reading import Reader
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.understanding import CORRECTIONS
from service.ranking.semantic.vectors import WordVectors
from tests.ranking.semantic.small import YEAR, indexed

SAID = "cars vehicel automtive insurence holydays golf people vintge travle headhpones smarthome skiing nonsens luxry"
spoken = st.lists(st.sampled_from([*SAID.split(), "xqzzyqw", "not", "runing shoes"]), min_size=1, max_size=14)


@pytest.fixture(scope="module")
def index(sample, tmp_path_factory):
    return indexed(sample.connection(), tmp_path_factory.mktemp("understanding") / "index", WordVectors())


@settings(max_examples=60, deadline=None)
@given(before=spoken, words=spoken)
def test_a_spec_is_read_alike_whatever_was_asked_before(index, before, words):
    synonyms, spec = Synonyms.read(None), " ".join(words)
    index.understood.clear()
    fresh = Reader(index, synonyms, YEAR).read(spec)
    index.understood.clear()
    Reader(index, synonyms, YEAR).read(" ".join(before))
    assert Reader(index, synonyms, YEAR).read(spec) == fresh
    assert Reader(index, synonyms, YEAR).read(spec) == fresh


def test_only_so_many_words_of_a_spec_are_corrected_known_or_not(index):
    wrong = [f"{one}automtive" for one in "bcdfghjklm"]
    spec = " ".join([*(f"{word}q" for word in wrong), "vehicel"])
    assert len(wrong) > CORRECTIONS
    synonyms = Synonyms.read(None)
    assert Reader(index, synonyms, YEAR).read("vehicel").words[0].meant != "vehicel"
    assert Reader(index, synonyms, YEAR).read(spec).words[-1].meant == "vehicel"


def test_what_is_kept_of_words_is_bounded(index):
    index.understood.clear()
    for number in range(50):
        Reader(index, Synonyms([]), YEAR).read(" ".join(f"word{number}x{other}" for other in range(30)))
    assert 0 < len(index.understood) <= index.understood.capacity
    assert index.understood.bytes_used <= 5_000_000
