from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import REJECTIONS
from service.monitoring.tally import ERRORS_KEPT, JOBS_KEPT, KEYS_KEPT, METHODS, OUTCOMES_KEPT, Tally
from service.monitoring.totals import (
    AI_OUTCOMES,
    BOUNDS,
    CACHE_RESULTS,
    CACHE_STATES,
    FALLBACK_REASONS,
    Histogram,
    RecentError,
    Totals,
    nothing_yet,
)

SIGNALS = "/api/signals"


def a_tally() -> Tally:
    return Tally([SIGNALS, "/health"])


def an_error(request_id: str) -> RecentError:
    return RecentError(1.0, request_id, SIGNALS, 500, "ValueError: no")


def bucket_of(histogram: Histogram) -> float | None:
    """Return the upper bound of the only bucket that is filled; None for the open one."""
    (index,) = [index for index, count in enumerate(histogram.buckets) if count]
    return BOUNDS[index] if index < len(BOUNDS) else None


def test_a_new_tally_equals_the_totals_of_a_service_that_has_just_started():
    started = nothing_yet()
    totals = a_tally().totals()

    assert totals.longest == dict.fromkeys(CACHE_STATES, 0.0)
    for name in Totals.__slots__:
        if name != "longest":
            assert getattr(totals, name) == getattr(started, name), name


def test_every_word_of_an_enumeration_is_there_with_zero_before_it_happens():
    totals = a_tally().totals()

    assert totals.rejected == dict.fromkeys(REJECTIONS, 0)
    assert totals.cache == dict.fromkeys(CACHE_RESULTS, 0)
    assert totals.fallbacks == dict.fromkeys(FALLBACK_REASONS, 0)
    assert totals.ai_outcomes == dict.fromkeys(("ok", *FALLBACK_REASONS), 0)
    assert totals.rankings == {"ai": 0, "text": 0}
    assert totals.warmups == {"ok": 0, "failed": 0}


def test_a_request_is_in_flight_from_begin_to_finish():
    tally = a_tally()

    tally.begin()
    tally.begin()
    tally.finish("GET", SIGNALS, 200, "miss", 0.1)

    assert tally.totals().in_flight == 1


def test_an_answer_of_the_server_itself_is_counted_without_having_been_in_flight():
    tally = a_tally()

    tally.answered("GET", "none", 408, 10.0)

    totals = tally.totals()
    assert totals.in_flight == 0
    assert totals.answers["GET", "none", "none"].statuses == ((408, 1),)


def test_answers_are_counted_by_method_endpoint_cache_and_status():
    tally = a_tally()

    for status in (200, 200, 503):
        tally.finish("GET", SIGNALS, status, "miss", 0.02)
    tally.finish("POST", SIGNALS, 200, "hit", 0.001)

    answers = tally.totals().answers
    assert answers["GET", SIGNALS, "miss"].statuses == ((200, 2), (503, 1))
    assert answers["GET", SIGNALS, "miss"].durations.count == 3
    assert answers["GET", SIGNALS, "miss"].durations.seconds == pytest.approx(0.06)
    assert answers["POST", SIGNALS, "hit"].statuses == ((200, 1),)


@pytest.mark.parametrize(
    ("seconds", "bound"),
    [(0.0, BOUNDS[0]), (0.001, 0.001), (0.0011, 0.0025), (1.0, 1.0), (30.0, 30.0), (120.0, 120.0), (120.1, None)],
)
def test_a_duration_goes_into_the_bucket_whose_bound_it_does_not_exceed(seconds: float, bound: float | None):
    tally = a_tally()

    tally.wait(seconds)

    assert bucket_of(tally.totals().waits) == bound


@pytest.mark.parametrize("threshold", [0.5, 1, 10, 20, 25, 30])
def test_every_duration_threshold_of_the_alerts_is_a_bound(threshold: float):
    assert threshold in BOUNDS
    assert list(BOUNDS) == sorted(set(BOUNDS))
    assert BOUNDS[-1] == 120


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=300))
@settings(max_examples=20, deadline=None)
def test_whatever_methods_and_endpoints_come_the_cells_are_bounded(pairs: list[tuple[str, str]]):
    tally = a_tally()

    for method, endpoint in pairs:
        tally.finish(method, endpoint, 404, "none", 0.001)

    answers = tally.totals().answers
    assert all(method in METHODS | {"other"} for method, _, _ in answers)
    assert all(endpoint in {SIGNALS, "/health", "none", "other"} for _, endpoint, _ in answers)
    assert sum(cell.durations.count for cell in answers.values()) == len(pairs)


def test_an_unknown_method_and_an_unknown_endpoint_share_the_label_other():
    tally = a_tally()

    tally.finish("BREW", "/coffee", 404, "none", 0.001)
    tally.finish("SPY", "/../etc", 404, "none", 0.001)

    assert tally.totals().answers["other", "other", "none"].statuses == ((404, 2),)


def test_refusals_looks_and_rankings_are_counted_by_their_word():
    tally = a_tally()

    tally.reject("rate_limited")
    tally.cache("stale")
    tally.rank("ai")
    tally.rank("text", "timeout")
    tally.rank("text")

    totals = tally.totals()
    assert totals.rejected["rate_limited"] == 1
    assert totals.cache["stale"] == 1
    assert totals.rankings == {"ai": 1, "text": 2}
    assert totals.fallbacks["timeout"] == sum(totals.fallbacks.values()) == 1


def test_a_fallback_for_a_reason_nobody_knows_is_an_error():
    tally = a_tally()

    tally.rank("text", "sunspots")

    assert tally.totals().fallbacks["error"] == 1


@pytest.mark.parametrize("outcome", AI_OUTCOMES)
def test_a_call_of_the_ai_is_counted_by_outcome_and_timed(outcome: str):
    tally = a_tally()

    tally.ai(outcome, 2.0)

    totals = tally.totals()
    assert totals.ai_outcomes[outcome] == sum(totals.ai_outcomes.values()) == 1
    assert totals.ai.seconds == 2.0


def test_only_a_good_warm_up_moves_the_time_of_the_last_good_one():
    tally = a_tally()

    tally.warmup("failed", 100.0)
    assert tally.totals().warmed_at is None
    tally.warmup("ok", 200.0)
    tally.warmup("failed", 300.0)

    assert tally.totals().warmed_at == 200.0
    assert tally.totals().warmups == {"ok": 1, "failed": 2}


def test_jobs_are_counted_by_outcome_and_timed_by_job():
    tally = a_tally()

    tally.job("sample", "ok", 0.01)
    tally.job("sample", "error", 0.02)
    tally.job("sample", "missed", None)

    totals = tally.totals()
    assert totals.jobs == {("sample", "ok"): 1, ("sample", "error"): 1, ("sample", "missed"): 1}
    assert totals.job_durations["sample"].count == 2


def test_jobs_and_outcomes_beyond_the_bound_share_one_label():
    tally = a_tally()

    for job in range(JOBS_KEPT + 5):
        for outcome in range(OUTCOMES_KEPT + 2):
            tally.job(f"job-{job}", f"outcome-{outcome}", 0.01)

    totals = tally.totals()
    assert len(totals.job_durations) == JOBS_KEPT + 1
    assert len(totals.jobs) == JOBS_KEPT * OUTCOMES_KEPT + 1
    assert sum(totals.jobs.values()) == (JOBS_KEPT + 5) * (OUTCOMES_KEPT + 2)


def test_the_last_errors_are_kept_newest_first():
    tally = a_tally()

    for number in range(ERRORS_KEPT + 10):
        tally.error(an_error(str(number)))

    kept = tally.recent_errors()
    assert len(kept) == ERRORS_KEPT
    assert [kept[0].request_id, kept[-1].request_id] == [str(ERRORS_KEPT + 9), "10"]


def test_totals_do_not_change_after_they_were_taken():
    tally = a_tally()
    tally.finish("GET", SIGNALS, 200, "hit", 0.001)
    before = tally.totals()

    tally.finish("GET", SIGNALS, 200, "hit", 0.001)
    tally.wait(0.0)
    tally.cache("hit")

    assert before.answers["GET", SIGNALS, "hit"].statuses == ((200, 1),)
    assert before.answers["GET", SIGNALS, "hit"].durations.count == 1
    assert before.waits.count == 0
    assert before.cache["hit"] == 0


def test_two_totals_share_the_cells_that_did_not_move_between_them():
    tally = a_tally()
    tally.finish("GET", SIGNALS, 200, "hit", 0.001)
    tally.finish("GET", "/health", 200, "none", 0.001)
    before = tally.totals()

    tally.finish("GET", "/health", 200, "none", 0.001)

    after = tally.totals()
    assert after.answers["GET", SIGNALS, "hit"] is before.answers["GET", SIGNALS, "hit"]
    assert after.answers["GET", "/health", "none"] is not before.answers["GET", "/health", "none"]


def test_reading_totals_keeps_the_longest_answer_and_a_cut_begins_it_anew():
    tally = a_tally()
    tally.finish("GET", SIGNALS, 200, "miss", 3.0)
    tally.finish("GET", SIGNALS, 200, "miss", 2.0)

    assert tally.totals().longest["miss"] == 3.0
    assert tally.cut().longest["miss"] == 3.0
    assert tally.totals().longest["miss"] == 0.0


def test_nothing_is_lost_when_threads_count_at_once():
    tally = a_tally()

    def work(_: int) -> None:
        for _ in range(500):
            tally.begin()
            tally.finish("GET", SIGNALS, 200, "hit", 0.001)
            tally.totals()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    totals = tally.totals()
    assert totals.in_flight == 0
    assert totals.answers["GET", SIGNALS, "hit"].statuses == ((200, 2000),)
    assert totals.answers["GET", SIGNALS, "hit"].durations.count == 2000


def test_requests_with_keys_are_counted_by_their_holders_and_those_beyond_the_bound_together():
    tally = Tally([])
    for number in range(KEYS_KEPT + 2):
        tally.key(f"holder-{number}")
    tally.key("holder-0")

    keys = tally.totals().keys
    assert (keys["holder-0"], keys["other"], len(keys)) == (2, 2, KEYS_KEPT + 1)
