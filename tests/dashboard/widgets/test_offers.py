"""A consumer's answer is read whatever a server sends, and nothing is made up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.client import Explored
from dashboard.widgets.offer_rows import detail, offer_line, refused, summary
from dashboard.widgets.offers import limit_left, numeric, offers, price, request_id, status_words, told
from dashboard.widgets.runs import width_of

KEYS = ("signals", "name", "path", "pricing_options", "cpm", "deployments", "relevance")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["signals", "name", "path", "pricing_options", "cpm", "deployments", "relevance"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from(["signals", "message", "pagination", "ranking_method"]), JSON, max_size=4))
def test_any_json_can_be_shown(document):
    answer = Explored(200, 0.1, (), document)

    assert all(width_of(row) == 80 for row in summary(answer, "", 80))
    for index, item in enumerate(offers(document)):
        assert offer_line(index, item, 10).cells["relevance"]
        assert detail(item, 60, 6)


def test_unknown_price_and_coverage_are_dashes_never_nought():
    (item,) = offers({"signals": [{"name": "x", "coverage_percentage": "6"}]})

    assert (item.price, item.coverage) == ("–", None)
    assert price({"pricing_options": [{"cpm": None}, {"cpm": 2, "currency": "EUR"}]}) == "2.00 EUR"


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("inf"), 10**400])
def test_what_is_no_finite_number_is_none(value):
    assert numeric({"x": value}, "x") is None


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ((("RateLimit", '"default";r=93;t=41'), ("RateLimit-Policy", '"default";q=100;w=60')), (93, 100)),
        ((("x-ratelimit-remaining", "7"), ("x-ratelimit-limit", "10")), (7, 10)),
        ((("RateLimit", '"default";r=93;t=41'),), None),
        ((("x-ratelimit-remaining", "many"), ("x-ratelimit-limit", "10")), None),
        ((), None),
    ],
)
def test_what_is_left_is_known_only_if_the_answer_says_it(headers, left):
    assert limit_left(headers) == left


def test_the_request_id_comes_from_the_header_or_the_document():
    assert request_id(Explored(200, 0.1, (("X-Request-ID", "a"),))) == "a"
    assert request_id(Explored(200, 0.1, (), {"request_id": "b"})) == "b"
    assert request_id(Explored(None, 0.1)) == "–"


def test_a_fallback_is_said_to_be_one():
    answer = Explored(200, 0.0124, (), {"ranking_method": "text", "fallback_reason": "timeout"})

    assert told(answer) == ["12.4 ms", "ranked by text (timeout)"]


def test_statuses_have_their_words():
    assert [status_words(s) for s in (404, 799, None)] == ["404 Not Found", "799", "no answer"]


def test_no_answer_at_all_is_an_error_with_its_reason():
    rows = refused(Explored(None, 3.0, problem="connection refused"), 80)

    assert rows[0][0] == ("▲ no answer", "word-fire")
    assert "connection refused" in "".join(text for text, _ in rows[1])
