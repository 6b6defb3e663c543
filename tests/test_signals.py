"""The end of the door walk: a question becomes a page, or a refusal; what is unchanged is not sent again."""

import contextlib
import json
from array import array
from dataclasses import replace

import pytest

from service.answers import Pages
from service.errors import Draining, InvalidInput, NotFound, Unavailable
from service.messages import Brief, Query, Ranked, Ranking, Signal
from service.paging import Pager
from service.signals import Signals, is_of, matches, rank_with
from tests.doubles import a_request


class FakeSnapshot:
    """One version of a catalogue in which row 7 is the signal ``suv``."""

    sample = False

    def __init__(self, version="v1"):
        self.version = version

    def signal(self, signal_id):
        return Signal("suv", "SUV intenders") if signal_id == "suv" else None

    def signals(self, rows):
        return [Signal("suv", "SUV intenders") for _ in rows]

    def row_ids(self, rows):
        return ["suv" for _ in rows]


class Desk:
    """Signals over doubles; remembers what was counted, asked and how often a slot was taken."""

    def __init__(self, cache="miss", snapshot=None, draining=False):
        self.counted, self.questions, self.slots = [], [], 0
        self.snapshot = snapshot or FakeSnapshot()
        self.pages = Pages(
            Pager(b"k" * 32),
            lambda library, brief, signals: ["why"] * len(signals),
            lambda library, brief, rows: [None] * len(rows),
            10,
            100_000,
        )
        self.answer = Signals(
            lambda query: Ranked(a_ranking(query.brief), cache, 0.25),
            self.pages,
            self,
            self.borrow,
            self,
            lambda request: draining,
            self.questions.append,
        )

    def cache(self, result):
        self.counted.append(result)

    def rank(self, method, fallback_reason=None):
        self.counted.append((method, fallback_reason))

    @contextlib.contextmanager
    def slot(self, client, gone):
        self.slots += 1
        yield 0.0

    @contextlib.contextmanager
    def borrow(self):
        yield self.snapshot


def a_ranking(brief):
    return Ranking(brief, "v1", "f1", array("q", [7]), array("d", [0.5]), 1)


def test_a_question_is_answered_counted_and_remembered():
    desk = Desk("hit")
    response = desk.answer.search(a_request(id="request-1"))

    document = json.loads(response.body)
    assert response.status == 200
    assert [signal["name"] for signal in document["signals"]] == ["SUV intenders"]
    assert (document["cached"], document["request_id"]) == (True, "request-1")
    assert desk.counted == ["hit", ("text", None)]
    assert [query.brief.spec for query in desk.questions] == ["cars"]
    assert response.fields["queue_wait"] == 0.25


def test_the_headers_tell_caches_what_they_may_do():
    headers = dict(Desk("stale").answer.search(a_request()).headers)

    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Authorization, X-Adcp-Auth, Origin"
    assert headers["X-Cache"] == "stale"
    assert headers["ETag"].startswith('W/"')


def test_an_unchanged_answer_is_not_sent_again():
    desk = Desk()
    etag = dict(desk.answer.search(a_request()).headers)["ETag"]
    again = desk.answer.search(a_request(environ={"HTTP_IF_NONE_MATCH": etag}))

    assert (again.status, again.body) == (304, b"")
    assert dict(again.headers)["ETag"] == etag
    assert "Content-Type" not in dict(again.headers)


def test_a_page_is_cut_in_a_slot_and_only_once():
    desk = Desk()
    for _ in range(5):
        desk.answer.search(a_request())

    assert desk.slots == 1


def test_a_forged_cursor_is_refused_before_anything_is_ranked():
    desk = Desk()
    with pytest.raises(InvalidInput):
        desk.answer.search(a_request(query_string="spec=cars&cursor=forged"))

    assert (desk.counted, desk.slots) == ([], 0)


def test_a_catalogue_that_never_stands_still_is_unavailable_and_not_waited_for():
    with pytest.raises(Unavailable) as refusal:
        Desk(snapshot=FakeSnapshot("v2")).answer.search(a_request())
    assert refusal.value.retry_after == 1


def test_one_signal_is_found_by_its_id():
    response = Desk().answer.signal(a_request(), "suv")

    assert json.loads(response.body)["name"] == "SUV intenders"
    with pytest.raises(NotFound):
        Desk().answer.signal(a_request(), "nobody")


def test_a_service_that_shuts_down_takes_no_new_question():
    for ask in (lambda desk: desk.answer.search(a_request()), lambda desk: desk.answer.signal(a_request(), "suv")):
        with pytest.raises(Draining) as refusal:
            ask(Desk(draining=True))
        assert refusal.value.retry_after == 1


def test_the_first_page_is_made_while_the_slot_is_held_and_others_later():
    class FakeRanker:
        def rank(self, library, brief):
            return a_ranking(brief)

    desk = Desk()
    work = rank_with(FakeRanker(), desk.pages, desk.borrow)
    first = Query(Brief("cars"))
    later = Query(Brief("cars"), cursor="x")

    assert desk.pages.kept(work(first).ranking, first) is not None
    assert desk.pages.kept(work(later).ranking, later) is None


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ("", False),
        ('W/"abc"', True),
        ('"abc"', True),
        ("*", True),
        ('"x", W/"abc" , "y"', True),
        ('"abcd"', False),
        ("abc", False),
        ('w/"abc"', False),
        ('"x,abc"', False),
    ],
)
def test_an_entity_tag_is_compared_weakly(header, same):
    assert matches(header, 'W/"abc"') is same


def test_a_ranking_of_a_viewer_is_of_a_snapshot_only_while_the_viewer_sees_the_same():
    class Seen:
        version = "v1"

        def viewer(self, principal):
            return f"{principal}@2"

    assert is_of(Seen(), a_ranking(Brief("cars")))
    assert is_of(Seen(), a_ranking(Brief("cars", viewer="acme@2")))
    assert not is_of(Seen(), a_ranking(Brief("cars", viewer="acme@1")))
    assert not is_of(Seen(), replace(a_ranking(Brief("cars")), catalogue_version="v2"))
