"""Private signals among public ones: merged by relevance, filtered and counted for their viewer alone."""

import sqlite3
from array import array
from contextlib import closing

import pytest

from service.catalogue.overlay import BACKGROUND, Overlay
from service.messages import RANKING_LIMIT, Brief, Signal
from service.ranking.local import LocalRanker
from service.ranking.viewing import Viewing
from tests.doubles import a_ranking
from tests.ranking.library import MemoryLibrary, a_signal, fillers_of

VIEWER = "acme@1"
OWN = {
    -1: a_signal("Golf club members", "golf", id="members", cpm=2.0, countries=("US",)),
    -2: a_signal("Golf travellers", "people who travel for golf", id="travellers"),
}


class Seen:
    """A library as its viewer sees it."""

    def __init__(self, library, overlay):
        self._library, self._overlay, self.version = library, overlay, library.version

    def connection(self):
        return self._library.connection()

    def signals(self, rows):
        return [self._overlay.own.get(row) or self._library.signals([row])[0] for row in rows]

    def overlay(self):
        return self._overlay


class Fixed:
    """A public ranker that always answers the same."""

    version = "fixed"

    def __init__(self, **ranking):
        self.ranking = ranking

    def rank(self, library, brief):
        return a_ranking(brief, **self.ranking)

    def reasons(self, library, brief, signals):
        return ["public" if not signal.id.startswith("t") else "" for signal in signals]


@pytest.fixture
def seen():
    public = [a_signal("Golf fans", "golf", id="fans"), *fillers_of(60)]
    with closing(sqlite3.connect(":memory:")) as connection:
        library = MemoryLibrary(connection, public, "v1")
        yield Seen(library, Overlay(connection, f"v1/{VIEWER}", OWN))


def by_text(**ranking):
    return Viewing(Fixed(**ranking) if ranking else LocalRanker(), lambda version: None)


def brief(spec="golf", **filters):
    return Brief(spec, viewer=VIEWER, **filters)


def test_without_a_viewer_the_public_ranking_is_the_ranking(seen):
    assert by_text().rank(seen, Brief("golf")) == LocalRanker().rank(seen, Brief("golf"))


def test_private_signals_stand_among_public_ones_by_relevance(seen):
    ranking = by_text().rank(seen, brief())

    assert set(ranking.rows) == {1, -1, -2}
    assert list(ranking.relevance) == sorted(ranking.relevance, reverse=True)
    assert ranking.total == 3


def test_the_order_of_the_public_signals_stays_and_equals_come_behind_the_viewers_own(seen):
    found = by_text().rank(seen, brief("golf travellers")).relevance[0]
    ranking = by_text(rows=array("q", (9, 8, 7)), relevance=array("d", (1.0, found, 0.01))).rank(
        seen, brief("golf travellers")
    )

    assert [row for row in ranking.rows if row > 0] == [9, 8, 7]
    assert list(ranking.rows)[:3] == [9, -2, 8]


def test_filters_hold_for_private_signals_and_what_lacks_data_is_counted(seen):
    public = {"rows": array("q"), "relevance": array("d"), "total": 0, "left_out": {"max_cpm": 4}, "near": ("gold",)}

    ranking = by_text(**public).rank(seen, brief(max_cpm=2.0))
    assert (list(ranking.rows), ranking.total, ranking.left_out, ranking.near) == ([-1], 1, {"max_cpm": 5}, ())

    nothing = by_text(**public).rank(seen, brief(kinds=("bidding",)))
    assert (list(nothing.rows), nothing.total, nothing.left_out, nothing.near) == ([], 0, {"max_cpm": 4}, ("gold",))


def test_a_ranking_never_holds_more_than_its_limit_and_says_that_there_are_more(seen):
    rows = array("q", range(1, RANKING_LIMIT + 1))
    relevance = array("d", [0.9] * RANKING_LIMIT)

    full = by_text(rows=rows, relevance=relevance, total=RANKING_LIMIT).rank(seen, brief())
    more = by_text(rows=rows, relevance=relevance, total=None).rank(seen, brief())

    assert (len(full.rows), full.total) == (RANKING_LIMIT, None)
    assert (len(more.rows), more.total) == (RANKING_LIMIT, None)


def test_the_sample_that_weighs_words_is_never_part_of_an_answer(seen):
    ranking = by_text(rows=array("q"), relevance=array("d"), total=0).rank(seen, brief("unrelated001 golf"))

    assert set(ranking.rows) <= OWN.keys()
    assert seen.overlay().connection().execute("SELECT count(*) FROM signals").fetchone()[0] > len(OWN)


def test_a_large_catalogue_gives_a_sample_of_bounded_size():
    with closing(sqlite3.connect(":memory:")) as connection:
        MemoryLibrary(connection, fillers_of(3 * BACKGROUND), "v1")
        overlay = Overlay(connection, "v1/acme", OWN)

    (count,) = overlay.connection().execute("SELECT count(*) FROM signals").fetchone()
    assert count == BACKGROUND + len(OWN)


def test_a_private_signal_that_the_public_ranker_cannot_explain_is_explained_by_its_own(seen):
    ranker = by_text(rows=array("q"), relevance=array("d"), total=0)

    said = ranker.reasons(seen, brief("travellers of golf who fly"), [OWN[-1], OWN[-2], Signal("x", "X")])

    assert (said[0], said[2]) == ("public", "public")
    assert "travellers" in said[1].lower()
