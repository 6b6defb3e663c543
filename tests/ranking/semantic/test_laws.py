"""What holds for every spec and every filter, over the sample."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.messages import RANKING_LIMIT, Brief, Ranking
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import WordVectors
from tests.ranking.library import MemoryLibrary
from tests.ranking.semantic.small import YEAR, indexed


@pytest.fixture
def library_of(sample):
    """Return a function that opens the sample once more, for a thread of its own."""

    @contextmanager
    def opened():
        with closing(sqlite3.connect(":memory:")) as connection:
            yield MemoryLibrary(connection, sample.all, "sample")

    return opened


hostile = st.text(max_size=60) | st.text("\"*^:()+-ANDORNT {}~'aeiou\0\n", max_size=40)
plain = st.sampled_from(
    ["cars", "family travel", "not parents", "over 60", "wine in France", '"ski holiday"', "people"]
)


@pytest.fixture(scope="module", params=[10_000, 0], ids=["whole", "candidates"])
def semantic(request, sample, tmp_path_factory) -> Semantic:
    folder = tmp_path_factory.mktemp("laws") / "index"
    index = indexed(sample.connection(), folder, WordVectors(), exact=request.param)
    return Semantic(index, Synonyms.read(None), YEAR)


@settings(max_examples=120, deadline=None)
@given(spec=hostile)
def test_no_text_raises(sample, semantic, spec):
    ranking = semantic.rank(sample, Brief(spec), "v")
    assert isinstance(ranking, Ranking)
    assert len(ranking.rows) == len(ranking.relevance) <= RANKING_LIMIT
    assert len(set(ranking.rows)) == len(ranking.rows)
    assert list(ranking.relevance) == sorted(ranking.relevance, reverse=True)
    semantic.reasons(spec, sample.all[:2])


@settings(max_examples=40, deadline=None)
@given(
    spec=plain,
    kinds=st.sets(st.sampled_from(["audience", "contextual"])),
    most=st.none() | st.floats(0, 5),
    least=st.none() | st.floats(0, 30),
    countries=st.sets(st.sampled_from(["US", "gb", "DE"])),
)
def test_every_signal_of_a_filtered_ranking_passes(sample, semantic, spec, kinds, most, least, countries):
    brief = Brief(
        spec,
        kinds=tuple(sorted(kinds)),
        max_cpm=most,
        min_coverage_percentage=least,
        countries=tuple(sorted(countries)),
    )
    for signal in sample.signals(semantic.rank(sample, brief, "v").rows):
        assert not kinds or signal.kind in kinds
        assert most is None or (signal.cpm is not None and signal.cpm <= most and signal.currency == "USD")
        assert least is None or (signal.coverage_percentage or -1.0) >= least
        assert not countries or {country.upper() for country in countries} & set(signal.countries)


def test_the_longest_spec_is_answered(sample, semantic):
    words = " ".join(signal.name.split()[0] for signal in sample.all)[:1000]
    assert semantic.rank(sample, Brief(words), "v").rows


def test_searches_of_many_threads_do_not_touch_each_other(library_of, semantic):
    specs = ("cars", "golf", "wine", "family travel")
    with library_of() as here:
        alone = {spec: semantic.rank(here, Brief(spec), "v").rows for spec in specs}
    wrong = []

    def ask(first: int) -> None:
        with library_of() as mine:
            for place in range(12):
                spec = specs[(first + place) % len(specs)]
                if semantic.rank(mine, Brief(spec), "v").rows != alone[spec]:
                    wrong.append(spec)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
