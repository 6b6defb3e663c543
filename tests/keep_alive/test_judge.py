import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keep_alive import Answer, better, clean, health_of, judge
from tests.keep_alive.samples import FAILED, HEALTHY, PAGE, REFUSED, an_answer, document


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 418, 429, 499, 304])
def test_any_answer_under_500_is_awake_and_says_its_status(status):
    verdict = judge(an_answer(status, b"whatever"))

    assert (verdict.state, verdict.detail) == ("awake", f"HTTP {status}")


@pytest.mark.parametrize(("status", "settled"), [(401, True), (403, True), (429, True), (404, False), (410, False)])
def test_who_is_let_in_by_nobody_need_not_be_asked_again_at_the_other_address(status, settled):
    assert judge(an_answer(status, b"")).settled is settled


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599])
@pytest.mark.parametrize("body", [PAGE, b"", b"{}", b'{"status":"suspended"}', b'{"status":"ill","checks":{}}'])
def test_any_5xx_that_is_not_the_health_document_failed(status, body):
    verdict = judge(an_answer(status, body))

    assert (verdict.state, verdict.detail, verdict.settled) == ("failed", f"HTTP {status}", False)


def test_a_health_document_with_another_5xx_than_503_failed():
    assert judge(an_answer(500, document("unhealthy", queue="unhealthy"))).state == "failed"


def test_a_healthy_document_is_awake_with_nothing_to_add():
    verdict = judge(an_answer())

    assert (verdict.state, verdict.detail, verdict.health, verdict.failing) == ("awake", "", "healthy", ())
    assert verdict.settled


def test_a_degraded_document_is_awake_and_names_what_is_degraded():
    verdict = judge(an_answer(200, document("degraded", disk="healthy", alerts="degraded")))

    assert (verdict.state, verdict.detail, verdict.failing) == ("awake", "degraded: alerts", ("alerts",))
    assert judge(an_answer(200, document("degraded"))).detail == "degraded"


def test_a_health_document_with_503_is_ill_and_names_the_worst_first():
    verdict = judge(an_answer(503, document("unhealthy", alerts="degraded", queue="unhealthy", disk="healthy")))

    assert (verdict.state, verdict.detail, verdict.settled) == ("ill", "queue, alerts", True)


def test_an_unhealthy_document_is_ill_whatever_its_status_and_one_of_503_whatever_it_says():
    assert judge(an_answer(200, document("unhealthy", queue="unhealthy"))).state == "ill"
    assert judge(an_answer(503)).detail == "it says healthy"


def test_names_of_checks_are_shortened_and_counted():
    verdict = judge(an_answer(503, document("unhealthy", **{f"check{n}": "unhealthy" for n in range(8)})))

    assert verdict.detail == "check0, check1, check2, check3, check4 and 3 more"
    assert len(verdict.failing) == 8


def test_a_web_page_of_200_is_not_the_service():
    by_body, by_type = an_answer(200, b"\n " + PAGE.lower()), an_answer(200, b"hello", content_type="text/html; x")

    for answer in (by_body, by_type):
        verdict = judge(answer)
        assert (verdict.state, verdict.detail) == ("failed", "HTTP 200 with a web page, not the service")
        assert not verdict.settled


def test_a_health_document_counts_even_if_it_calls_itself_a_page():
    assert judge(an_answer(content_type="text/html")).state == "awake"


def test_the_word_of_the_platform_that_nothing_runs_there_failed_though_it_is_a_404():
    verdict = judge(an_answer(404, b"Not Found", x_render_routing="no-server"))

    assert (verdict.state, verdict.detail) == ("failed", "HTTP 404, no-server")
    assert judge(an_answer(404, b"Not Found", x_render_routing="dynamic")).state == "awake"


def test_the_word_of_the_platform_is_shown_with_a_5xx():
    answer = an_answer(503, b"", x_render_routing="hibernate-wake-error\x1b[2J")

    assert judge(answer).detail == "HTTP 503, hibernate-wake-error·[2J"


def test_no_answer_failed_and_a_redirect_elsewhere_too():
    assert judge(REFUSED) == FAILED
    verdict = judge(an_answer(302, b"", problem="redirects to https://other.example"))
    assert (verdict.state, verdict.detail, verdict.settled) == ("failed", "redirects to https://other.example", False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"healthy"',
        b'{"status":"ok"}',
        b'{"status":"healthy"}',
        b'{"status":"healthy","checks":[]}',
        b'{"status":["healthy"],"checks":{}}',
        b'{"status":"healthy","checks":{}',
        b"[" * 60_000,
        b"\xff\xfe\x00",
        b'{"status":"healthy","checks":{},"x":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_a_health_document_is_none_however_broken(body):
    assert health_of(body) is None


def test_a_check_that_says_nothing_counts_as_failing():
    body = json.dumps({"status": "unhealthy", "checks": {"a": None, "b": "healthy", "c": {"status": "healthy"}}})

    assert health_of(body.encode()) == ("unhealthy", ("a", "b"))


@given(st.binary(max_size=200), st.integers(200, 599), st.text(max_size=20), st.text(max_size=20))
def test_whatever_comes_is_judged_and_its_words_fit_one_line(body, status, kind, routing):
    verdict = judge(an_answer(status, body, content_type=kind, x_render_routing=routing))

    assert verdict.detail.isprintable()
    assert (verdict.state == "failed") >= (status >= 500 and verdict.health is None)


@given(st.dictionaries(st.text(max_size=60), st.sampled_from(["healthy", "degraded", "unhealthy", None]), max_size=9))
def test_names_of_a_server_bring_nothing_but_visible_signs_to_a_line(checks):
    verdict = judge(an_answer(503, document("unhealthy", **{"\x1b[31m\u202e\n\ud800": "unhealthy"} | checks)))

    assert verdict.detail.isprintable()
    assert len(verdict.detail) < 250


@given(st.text(max_size=300))
def test_a_cleaned_text_is_printable_and_short(text):
    assert clean(text).isprintable()
    assert len(clean(text)) <= 100
    assert clean(clean(text)) == clean(text)


# --- Of two addresses ----------------------------------------------------------------------------------------------

ALIVE = judge(an_answer(200, b'{"status":"ok"}'))


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (an_answer(404, b""), "by /health; /api/monitoring/health gave HTTP 404"),
        (an_answer(502, PAGE), "by /health; /api/monitoring/health gave HTTP 502"),
        (an_answer(200, PAGE), "by /health; /api/monitoring/health gave HTTP 200 with a web page, not the service"),
    ],
)
def test_the_second_address_counts_when_the_first_gave_nothing_and_the_line_says_why(first, told):
    chosen = better(judge(first), ALIVE)

    assert (chosen.state, chosen.answer.status, chosen.detail) == ("awake", 200, told)


@pytest.mark.parametrize("second", [502, 404])
def test_an_answer_of_the_first_address_is_not_lost_by_what_the_second_gives(second):
    first = judge(an_answer(404, b""))

    assert better(first, judge(an_answer(second, PAGE))) == first
    assert better(first, judge(Answer(9.0, problem="connection reset"))) == first


def test_two_failures_are_one():
    first, second = judge(an_answer(503, PAGE)), judge(an_answer(502, PAGE))

    assert better(first, second).state == "failed"


def test_a_health_document_at_the_second_address_keeps_its_illness():
    ill = judge(an_answer(503, document("unhealthy", queue="unhealthy")))

    assert better(judge(an_answer(502, PAGE)), ill) == ill


def test_the_document_of_the_tests_is_one():
    assert health_of(HEALTHY) == ("healthy", ())
