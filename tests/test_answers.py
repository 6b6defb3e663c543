"""Pages: the shape of the contract, nothing made up, valid JSON whatever is spliced in, and words that are right."""

import json
import re
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.answers import Page, Pages
from service.describing import describe
from service.errors import CursorExpired, InvalidInput
from service.explanations import Explanation, WordShare
from service.messages import Brief, Deployment, Proposal, Query, Ranking, Signal
from service.paging import Pager
from service.stages import fields
from service.summary import message

FULL = Signal(
    "auto-suv-intenders",
    "SUV intenders",
    "People who compare SUVs.",
    ("Automotive", "In market", "SUV"),
    "audience",
    "marketplace",
    "Sample Data",
    "sample-data.example",
    6.4,
    3.2,
    "USD",
    ("US", "CA"),
    (Deployment("the-trade-desk"), Deployment("dv360", is_live=False)),
)


class FakeLibrary:
    """A catalogue of signals named by their row numbers; ``reads`` counts how often it was asked for some."""

    def __init__(self, signals=None):
        self.known = signals or {}
        self.reads = 0
        self.sample = False

    def signals(self, rows):
        self.reads += 1
        return [self.known.get(row, Signal(f"signal-{row}", f"Signal {row}")) for row in rows]

    def row_ids(self, rows):
        return [signal.id for signal in self.signals(rows)]


CARS = Brief("cars")


def a_ranking(rows=25, total=-1, brief=CARS, fingerprint="f1", **more):
    return Ranking(
        brief,
        "v1",
        fingerprint,
        array("q", range(1, rows + 1)),
        array("d", [1 - place / 1000 for place in range(rows)]),
        rows if total == -1 else total,
        **more,
    )


def unexplained(library, brief, rows):
    return [None] * len(rows)


def some_pages(entries=100, size=10_000_000, explanations=unexplained, **more):
    def reasons(library, brief, signals):
        return [f"About {signal.name}." for signal in signals]

    return Pages(
        Pager(b"k" * 32),
        reasons,
        explanations,
        entries,
        size,
        **more,
    )


def opened(page, cache="miss", request_id="request-1", context_id=None):
    return json.loads(page.complete(cache, request_id, context_id))


def test_an_answer_has_the_shape_of_the_contract():
    page = some_pages().make(FakeLibrary({1: FULL}), a_ranking(1), Query(Brief("cars")))

    assert opened(page, "hit", "req-12345", "ctx_1") == {
        "signals": [describe(FULL) | {"relevance": 1.0, "match_reason": "About SUV intenders."}],
        "ranking_method": "text",
        "fallback_reason": None,
        "message": "1 signal matches 'cars'; 1 shown, ranked by text.",
        "context_id": "ctx_1",
        "cached": True,
        "request_id": "req-12345",
        "pagination": {"has_more": False, "total_count": 1},
    }


def test_a_signal_is_described_in_the_words_of_the_contract():
    assert describe(FULL) == {
        "signal_agent_segment_id": "auto-suv-intenders",
        "signal_ref": {
            "scope": "data_provider",
            "data_provider_domain": "sample-data.example",
            "signal_id": "auto-suv-intenders",
        },
        "name": "SUV intenders",
        "description": "People who compare SUVs.",
        "path": ["Automotive", "In market", "SUV"],
        "kind": "audience",
        "signal_type": "marketplace",
        "data_provider": "Sample Data",
        "coverage_percentage": 6.4,
        "countries": ["US", "CA"],
        "deployments": [
            {"type": "platform", "platform": "the-trade-desk", "is_live": True},
            {"type": "platform", "platform": "dv360", "is_live": False},
        ],
        "pricing_options": [
            {"pricing_option_id": "auto-suv-intenders-cpm", "model": "cpm", "cpm": 3.2, "currency": "USD"}
        ],
    }


def test_what_is_unknown_is_absent_and_never_zero():
    described = describe(Signal("a", "A"))

    assert "coverage_percentage" not in described
    assert "pricing_options" not in described
    assert (described["countries"], described["deployments"]) == ([], [])


def test_a_known_zero_is_said():
    described = describe(Signal("a", "A", coverage_percentage=0.0, cpm=0.0))

    assert described["coverage_percentage"] == 0.0
    assert described["pricing_options"][0]["cpm"] == 0.0


@pytest.mark.parametrize(
    ("signal_type", "domain", "reference"),
    [
        ("owned", "a.example", {"scope": "signal_source", "signal_source_url": "https://a.example"}),
        ("custom", "a.example", {"scope": "data_provider", "data_provider_domain": "a.example"}),
        ("marketplace", "", {"scope": "signal_source"}),
        ("owned", "", {"scope": "signal_source"}),
    ],
)
def test_nobody_claims_a_marketplace_for_a_signal_of_their_own(signal_type, domain, reference):
    signal = Signal("a", "A", signal_type=signal_type, provider_domain=domain)

    assert describe(signal)["signal_ref"] == reference | {"signal_id": "a"}


def test_an_agent_is_named_by_its_address():
    signal = Signal("a", "A", deployments=(Deployment("", type="agent", agent_url="https://agent.example"),))

    assert describe(signal)["deployments"] == [{"type": "agent", "agent_url": "https://agent.example", "is_live": True}]


NASTY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ['"', "\\", "</script>", "\u2028", "\x00", '","cached":true', "é☂𝄞"]
)


@given(
    cache=st.sampled_from(["hit", "stale", "miss", "none"]),
    request_id=st.from_regex(r"[A-Za-z0-9._-]{8,64}", fullmatch=True),
    context_id=st.none() | st.from_regex(fields.CONTEXT_ID, fullmatch=True).filter(lambda text: "\n" not in text),
    words=NASTY,
    rows=st.integers(0, 3),
)
def test_whatever_is_spliced_in_the_answer_is_json_and_says_what_it_should(cache, request_id, context_id, words, rows):
    library = FakeLibrary({1: Signal("a", words, words, (words,), data_provider=words)})
    ranking = a_ranking(rows, brief=Brief(words), reasons={1: words}, near=(words,))
    document = opened(some_pages().make(library, ranking, Query(Brief(words))), cache, request_id, context_id)

    assert document["cached"] is (cache in ("hit", "stale"))
    assert document["request_id"] == request_id
    assert document.get("context_id") == context_id
    assert ("context_id" in document) == (context_id is not None)
    assert rows == 0 or document["signals"][0]["name"] == words


@given(rows=st.integers(0, 40), size=st.integers(1, 100))
def test_pages_follow_each_other_without_gaps_and_repeats(rows, size):
    pages, ranking, library, cursor, ids = some_pages(), a_ranking(rows), FakeLibrary(), None, []
    while True:
        query = Query(Brief("cars"), size, cursor)
        pages.check(query)
        document = opened(pages.make(library, ranking, query))
        ids += [signal["signal_agent_segment_id"] for signal in document["signals"]]
        assert len(document["signals"]) <= size
        cursor = document["pagination"].get("cursor")
        assert document["pagination"]["has_more"] is (cursor is not None)
        if cursor is None:
            break

    assert ids == [f"signal-{row}" for row in range(1, rows + 1)]


def test_relevance_and_reason_stay_with_their_row_on_every_page():
    pages, ranking = some_pages(), a_ranking(5, reasons={4: "r" * 500})
    first = opened(pages.make(FakeLibrary(), ranking, Query(Brief("cars"), 3)))
    second = opened(pages.make(FakeLibrary(), ranking, Query(Brief("cars"), 3, first["pagination"]["cursor"])))

    assert [signal["relevance"] for signal in first["signals"]] == [1.0, 0.999, 0.998]
    assert [signal["relevance"] for signal in second["signals"]] == [0.997, 0.996]
    assert [signal["match_reason"] for signal in second["signals"]] == ["r" * 200, "About Signal 5."]


def test_beyond_the_limit_the_total_is_absent():
    document = opened(some_pages().make(FakeLibrary(), a_ranking(1000, total=None), Query(Brief("cars"))))

    assert "total_count" not in document["pagination"]
    assert document["message"].startswith("More than 1000 signals match 'cars'; 10 shown")


def test_a_page_is_made_once_for_each_ranking_cursor_and_size():
    pages, ranking, library = some_pages(), a_ranking(), FakeLibrary()
    query = Query(Brief("cars"))
    assert pages.kept(ranking, query) is None
    page = pages.make(library, ranking, query)

    assert pages.kept(ranking, Query(Brief("cars"), client="another", context_id="ctx")) is page
    assert pages.kept(ranking, Query(Brief("cars"), max_results=9)) is None
    assert pages.kept(ranking, Query(Brief("cars"), cursor="x")) is None
    assert pages.kept(a_ranking(fingerprint="f2"), query) is None


def test_kept_pages_are_bounded_in_entries_and_bytes():
    few, small = some_pages(entries=2), some_pages(size=5_000)
    for pages in (few, small):
        for number in range(30):
            pages.make(FakeLibrary(), a_ranking(fingerprint=f"f{number}"), Query(Brief("cars")))

    assert len(few._kept) == 2
    assert 0 < small._kept.bytes_used <= 5_000


def test_the_entity_tag_is_weak_and_tells_rankings_and_pages_apart():
    pages, library = some_pages(), FakeLibrary()
    query = Query(Brief("cars"), 5)
    cursor = opened(page := pages.make(library, a_ranking(), query))["pagination"]["cursor"]
    others = [
        pages.make(library, a_ranking(fingerprint="f2"), query),
        pages.make(library, a_ranking(), Query(Brief("cars"), 6)),
        pages.make(library, a_ranking(), Query(Brief("cars"), 5, cursor)),
    ]

    assert re.fullmatch(r'W/"[0-9a-f]{18}"', page.etag)
    assert len({page.etag, *(other.etag for other in others)}) == 4
    assert some_pages().make(library, a_ranking(), query).etag == page.etag


def test_a_forged_cursor_is_refused_before_anything_is_computed():
    with pytest.raises(InvalidInput):
        some_pages().check(Query(Brief("cars"), cursor="forged"))
    some_pages().check(Query(Brief("cars")))


def test_after_a_change_of_the_catalogue_the_page_goes_on_or_has_expired():
    pages = some_pages()
    cursor = opened(pages.make(FakeLibrary(), a_ranking(), Query(Brief("cars"), 3)))["pagination"]["cursor"]
    query = Query(Brief("cars"), 2, cursor)
    document = opened(pages.make(FakeLibrary(), a_ranking(fingerprint="f2"), query))

    assert [signal["name"] for signal in document["signals"]] == ["Signal 4", "Signal 5"]
    with pytest.raises(CursorExpired):
        pages.make(FakeLibrary(), a_ranking(rows=2, fingerprint="f3"), query)


@pytest.mark.parametrize(
    ("ranking", "shown", "said"),
    [
        (a_ranking(1), 1, "1 signal matches 'cars'; 1 shown, ranked by text."),
        (a_ranking(7), 5, "7 signals match 'cars'; 5 shown, ranked by text."),
        (a_ranking(7, method="ai"), 7, "7 signals match 'cars'; 7 shown, ranked by AI."),
        (a_ranking(1000, total=None), 10, "More than 1000 signals match 'cars'; 10 shown, ranked by text."),
        (a_ranking(340, total=None), 10, "At least 340 signals match 'cars'; 10 shown, ranked by text."),
        (a_ranking(0), 0, "No signal matches 'cars'. Try other words, such as a product or an interest."),
        (
            a_ranking(0, brief=Brief("cars", countries=("US",))),
            0,
            "No signal matches 'cars'. Try other words or fewer filters.",
        ),
        (
            a_ranking(0, brief=Brief("stroler"), near=("stroller",)),
            0,
            "No signal matches 'stroler'. Did you mean 'stroller'? Try other words, such as a product or an interest.",
        ),
        (
            a_ranking(0, brief=Brief("x", max_cpm=0.0), near=("a", "b", "c")),
            0,
            "No signal matches 'x'. Did you mean 'a', 'b' or 'c'? Try other words or fewer filters.",
        ),
        (
            a_ranking(2, left_out={"max_cpm": 3, "min_coverage_percentage": 1, "countries": 0}),
            2,
            "2 signals match 'cars'; 2 shown, ranked by text. "
            "Left out for want of data: 3 without a price in USD, 1 without a known coverage.",
        ),
        (
            a_ranking(0, brief=Brief("cars", max_cpm=1.0), left_out={"platforms": 4, "countries": 2}),
            0,
            "No signal matches 'cars'. Left out for want of data: 4 without platforms, 2 without countries. "
            "Try other words or fewer filters.",
        ),
    ],
)  # fmt: skip
def test_the_message_says_what_matched_what_was_left_out_and_what_to_try(ranking, shown, said):
    assert message(ranking, shown) == said


def test_sample_data_says_that_it_is_sample_data():
    library = FakeLibrary()
    library.sample = True

    told = opened(some_pages().make(library, a_ranking(3), Query(CARS)))["message"]

    assert told.endswith("This is sample data, invented to try the service out.")


def test_a_long_question_is_shortened_in_the_message():
    said = message(a_ranking(3, brief=Brief("x" * 1000)), 3)

    assert f"'{'x' * 79}…'" in said
    assert "'" + "x" * 80 + "'" in message(a_ranking(3, brief=Brief("x" * 80)), 3)


def test_a_page_of_nothing_is_an_empty_list():
    document = opened(some_pages().make(FakeLibrary(), a_ranking(0), Query(Brief("cars"))))

    assert (document["signals"], document["pagination"]) == ([], {"has_more": False, "total_count": 0})


def test_a_page_is_completed_by_splicing_alone():
    page = Page(b'{"signals":[],', 'W/"1"')

    assert page.complete("miss", "r", None) == b'{"signals":[],"cached":false,"request_id":"r"}'


def test_proposals_follow_the_first_page_marked_as_no_more_than_that():
    idea = Proposal("proposal-1", "Roof box owners", "Families who travel by car.", "They need space.")
    pages = some_pages(proposals=lambda brief: [idea] if brief == CARS else [])

    def document(ranking, cursor=None):
        return opened(pages.make(FakeLibrary(), ranking, Query(CARS, cursor=cursor)))

    first = document(a_ranking(25))

    assert first["custom_segment_proposals"] == [
        {
            "custom_segment_id": "proposal-1",
            "status": "proposed",
            "proposed_name": "Roof box owners",
            "description": "Families who travel by car.",
            "creation_rationale": "They need space.",
        }
    ]
    assert "custom_segment_proposals" not in document(a_ranking(25), first["pagination"]["cursor"])
    assert "custom_segment_proposals" not in document(a_ranking(25, brief=Brief("boats"), fingerprint="f2"))


def test_explanations_are_told_on_pages_of_their_own_and_made_only_when_asked_for():
    asked = []

    def explanations(library, brief, rows):
        asked.append(list(rows))
        parts = {"meaning": 0.5, "depth": -0.015}
        words = (WordShare("cars", "cars", 0.9, {"meaning": 0.5}),)
        return [Explanation("meaning", parts, 0.485, 0.106, words, curve=(8.6, 6.3)), *[None] * (len(rows) - 1)]

    pages, ranking = some_pages(explanations=explanations), a_ranking(2, method="ai", placed=1)
    plain, told = Query(CARS), Query(CARS, explain=True)
    page = pages.make(FakeLibrary(), ranking, plain)
    assert asked == []
    assert pages.kept(ranking, told) is None
    explained = pages.make(FakeLibrary(), ranking, told)

    assert asked == [[1, 2]]
    assert explained.etag != page.etag
    assert pages.kept(ranking, plain) is page
    assert pages.kept(ranking, told) is explained
    first, second = [signal.pop("explanation") for signal in opened(explained)["signals"]]
    assert first == {
        "ordered_by": "ai",
        "ranker": "meaning",
        "parts": {"meaning": 0.5, "depth": -0.015},
        "score": 0.485,
        "relevance": 0.106,
        "words": [{"asked": "cars", "meant": "cars", "weight": 0.9, "parts": {"meaning": 0.5}}],
        "curve": {"slope": 8.6, "offset": 6.3},
    }
    # Behind what the AI placed, and of a ranker that is gone: nothing is made up.
    assert second == {"ordered_by": "local"}
    assert [signal["name"] for signal in opened(page)["signals"]] == ["Signal 1", "Signal 2"]
