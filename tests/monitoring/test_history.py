from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitoring.history import CACHED, SAMPLE_SECONDS, SAMPLES_KEPT, History
from service.monitoring.tally import Tally

SIGNALS = "/api/signals"
START = 1000.0


class Service:
    """A tally whose job takes a sample every five seconds, on a clock that the test moves."""

    def __init__(self) -> None:
        self.tally = Tally([SIGNALS, "/health"])
        self.history = History(START)
        self.now = START

    def answer(self, status: int = 200, cache: str = "miss", seconds: float = 0.01, times: int = 1) -> None:
        for _ in range(times):
            self.tally.begin()
            self.tally.finish("GET", SIGNALS, status, cache, seconds)

    def sample(self, times: int = 1) -> None:
        for _ in range(times):
            self.now += SAMPLE_SECONDS
            self.history.add(self.now, self.tally.cut())

    def lately(self, seconds: float):
        return self.history.delta(self.tally.totals(), self.now, seconds)


def test_a_service_that_has_just_started_knows_no_rate():
    delta = Service().lately(60)

    assert delta.span == 0
    assert delta.rate(delta.requests) is None
    assert delta.quantile(0.5) is None
    assert delta.maximum() is None


def test_a_young_service_reports_over_the_time_it_has_lived():
    service = Service()
    service.answer(times=30)
    service.now += 3

    delta = service.lately(60)

    assert delta.span == 3
    assert delta.rate(delta.requests) == 10


def test_a_window_counts_only_what_happened_in_it():
    service = Service()
    service.answer(status=500, times=7)
    service.sample(20)
    service.answer(times=6)
    service.sample(6)

    delta = service.lately(60)

    assert delta.span == 60
    assert delta.statuses == {200: 6}
    assert delta.errors == 0
    assert delta.rate(delta.requests) == pytest.approx(0.1)


def test_the_sample_nearest_to_the_window_is_taken_and_the_span_is_the_real_one():
    service = Service()
    service.sample(20)
    service.now += 2

    assert service.lately(60).span == 62
    assert service.lately(59).span == 57


def test_after_a_gap_in_the_samples_the_span_says_how_long_it_was():
    service = Service()
    service.sample(2)
    service.now += 300
    service.answer(times=31)

    delta = service.lately(60)

    assert delta.span == 300
    assert delta.requests == 31


def test_a_clock_before_the_first_sample_makes_no_negative_span():
    service = Service()
    service.now -= 10

    assert service.lately(60).span == 0


def test_the_history_is_bounded_and_reaches_fifteen_minutes_back():
    service = Service()
    service.sample(3 * SAMPLES_KEPT)

    assert service.lately(900).span == 900
    assert service.lately(86_400).span == 900


def test_the_history_is_dense_for_five_minutes_and_sparse_behind():
    service = Service()
    service.sample(2 * SAMPLES_KEPT + 200)
    spans = [service.lately(5 * n).span for n in range(181)]

    assert len(service.history._samples) == SAMPLES_KEPT < 90
    assert spans[:62] == [5 * n for n in range(62)]
    assert all(abs(span - 5 * n) <= 15 for n, span in enumerate(spans))
    assert len(set(spans[62:])) <= 21


@given(st.lists(st.integers(0, 3), min_size=400, max_size=400), st.integers(0, 399))
@settings(max_examples=20, deadline=None)
def test_what_is_thinned_out_loses_neither_a_request_nor_the_longest_answer(slots: list[int], slow: int):
    service = Service()
    for place, count in enumerate(slots):
        service.answer(times=count)
        if place == slow:
            service.answer(seconds=40.0)
        service.sample()

    delta = service.lately(900)
    within = round(delta.span / SAMPLE_SECONDS)

    assert delta.requests == sum(slots[-within:]) + (slow >= 400 - within)
    assert (delta.maximum() == 40.0) is (slow >= 400 - within)


def test_errors_are_answers_of_500_and_more():
    service = Service()
    for status in (200, 404, 429, 499, 500, 503):
        service.answer(status=status)

    delta = service.lately(60)

    assert delta.requests == 6
    assert delta.errors == 2
    assert delta.statuses[429] == 1


def test_quantiles_and_maxima_are_told_by_cache_state():
    service = Service()
    service.answer(cache="hit", seconds=0.001, times=10)
    service.answer(cache="stale", seconds=0.002)
    service.answer(cache="miss", seconds=40.0, times=3)

    delta = service.lately(60)

    assert delta.maximum() == 40.0
    assert delta.maximum(CACHED) == 0.002
    assert delta.quantile(0.95, CACHED) <= 0.002
    assert 30 < delta.quantile(0.95, ("miss",)) <= 40
    assert delta.durations(CACHED).count == 11
    assert delta.durations().count == 14
    assert delta.quantile(0.95, ("none",)) is None


def test_the_longest_answer_is_forgotten_when_its_span_has_left_the_window():
    service = Service()
    service.answer(seconds=9.0)
    service.sample()
    service.answer(seconds=1.0)
    service.sample(11)
    assert service.lately(60).maximum() == 9.0

    service.sample()
    assert service.lately(60).maximum() == 1.0

    service.sample()
    assert service.lately(60).maximum() is None


def test_an_answer_since_the_last_sample_is_in_the_maximum_already():
    service = Service()
    service.sample(3)
    service.answer(seconds=5.0)

    assert service.lately(60).maximum() == 5.0


def test_endpoints_are_told_busiest_first_over_all_their_cache_states():
    service = Service()
    service.tally.finish("GET", "/health", 200, "none", 0.001)
    service.answer(cache="hit", times=2)
    service.answer(cache="miss", status=503)

    busiest, quiet = service.lately(60).endpoints()

    assert (busiest.endpoint, busiest.method, busiest.requests, busiest.errors) == (SIGNALS, "GET", 3, 1)
    assert busiest.durations.count == 3
    assert (quiet.endpoint, quiet.requests, quiet.errors) == ("/health", 1, 0)


def test_every_other_counter_is_told_over_the_window_too():
    service = Service()

    def all_once() -> None:
        service.tally.reject("blocked")
        service.tally.cache("hit")
        service.tally.rank("text", "quota")
        service.tally.ai("quota", 2.0)
        service.tally.wait(0.5)

    all_once()
    service.sample(20)
    all_once()
    delta = service.lately(60)

    assert delta.rejected["blocked"] == 1
    assert delta.cache == {"hit": 1, "stale": 0, "miss": 0}
    assert delta.rankings == {"ai": 0, "text": 1}
    assert delta.fallbacks["quota"] == 1
    assert delta.ai_outcomes["quota"] == 1
    assert delta.ai.count == 1
    assert delta.waits.count == 1


def test_a_counter_that_shrank_counts_from_zero():
    service = Service()
    service.answer(times=5)
    service.tally.reject("invalid")
    service.tally.reject("invalid")
    service.sample()
    service.tally = Tally([SIGNALS])
    service.answer(times=2)
    service.tally.reject("invalid")

    delta = service.lately(0)

    assert delta.requests == 2
    assert delta.rejected["invalid"] == 1


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_the_requests_of_a_window_are_those_of_its_slots(slots: list[int], window: int):
    service = Service()
    for count in slots:
        service.answer(times=count)
        service.sample()

    delta = service.lately(window * SAMPLE_SECONDS)

    assert delta.requests == sum(slots[-window:])
    assert delta.span == min(window, len(slots)) * SAMPLE_SECONDS
