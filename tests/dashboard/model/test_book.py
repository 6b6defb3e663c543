import pytest

from dashboard.model.book import COARSE_SECONDS, KEYS, READINGS_AT_LEAST, Book, gauge, percent
from dashboard.model.snapshot import Metrics
from tests.dashboard.model.samples import WALL, FakeService

PLENTY = 10_000_000


def watched(seconds, each, service=None, step=1.0, budget=PLENTY, start=1000.0):
    """A book that saw ``each(service)`` happen before every poll."""
    service, book, at = service or FakeService(), Book(step, budget), start
    service.answer(times=0)
    while at <= start + seconds:
        book.take(service.snapshot(at))
        each(service)
        at += step
    return service, book


def newest(book, key):
    return book.history.points(key, book.history.newest)[-1].value


def test_a_rate_is_unknown_at_the_first_answer_and_known_at_the_second():
    service, book = watched(0, lambda s: s.answer(times=30))
    assert newest(book, "requests") is None
    book.take(service.snapshot(1001.0))
    assert newest(book, "requests") == 30.0


def test_a_rate_is_the_mean_of_the_last_five_seconds():
    service, book = watched(60, lambda s: s.answer(times=10))
    assert newest(book, "requests") == 10.0
    service.answer(times=990)
    book.take(service.snapshot(1061.0))
    assert newest(book, "requests") == pytest.approx((1000 + 40) / 5)


def test_every_sign_has_its_value():
    service = FakeService()
    service.gauges = {
        "signals_queue_depth": 92,
        "http_requests_in_flight": 4,
        "system_cpu_ratio": 0.41,
        "system_memory_ratio": 0.63,
    }

    def traffic(s):
        s.answer(times=18, seconds=0.05)
        s.answer(status="503", seconds=5.0)
        s.answer(status="429", cache="none", seconds=0.01)
        s.answer(cache="hit", seconds=0.01, times=20)
        s.count("ai_requests_total", 3, outcome="ok")
        s.count("ai_requests_total", 1, outcome="timeout")
        s.count("ai_requests_total", 9, outcome="overloaded")  # never put to the AI
        s.count("cache_requests_total", 3, result="hit")
        s.count("cache_requests_total", 1, result="miss")

    _, book = watched(120, traffic, service)
    values = {key: newest(book, key) for key in KEYS}
    assert values == {
        "requests": 40.0,
        "errors": 2.5,
        "latency": pytest.approx(1.0, abs=0.1),
        "cached": pytest.approx(0.095),
        "queue": 92.0,
        "work": 3.0,
        "refused": 1.0,
        "ai": 75.0,
        "cache": 75.0,
        "cpu": 41.0,
        "memory": 63.0,
    }


def test_what_cannot_be_known_is_unknown():
    book = Book(1.0, PLENTY)
    for at in (1.0, 2.0):
        book.take(FakeService().snapshot(at))
    assert {newest(book, key) for key in KEYS} == {None}
    assert gauge(Metrics({"a": {(): float("nan")}}), "a") is None
    assert percent(None, "a", "b") is None


def test_without_traffic_the_rate_is_zero_and_the_ratios_are_unknown():
    _, book = watched(10, lambda s: None)
    assert newest(book, "requests") == 0.0
    assert newest(book, "errors") is newest(book, "latency") is None


def test_a_reset_of_the_counters_never_makes_a_rate_negative():
    service, book = watched(20, lambda s: s.answer(times=10))
    service.counts.clear()
    service.answer(times=5)
    book.take(service.snapshot(1021.0))
    assert newest(book, "requests") == pytest.approx((4 * 10 + 5) / 5, rel=0.2)


def test_polls_that_brought_nothing_leave_a_gap():
    service, book = watched(20, lambda s: s.answer(times=10))
    book.miss(WALL + 1021)
    book.take(service.snapshot(1022.0))
    trend = [point.value for point in book.history.points("requests", WALL + 1019)]
    assert trend[-2] is None
    assert trend[-1] is not None


def test_a_miss_before_the_first_answer_leaves_nothing():
    book = Book(1.0, PLENTY)
    book.miss(WALL)
    assert book.history.newest is None


def test_after_a_long_gap_nothing_is_spread_over_it():
    service, book = watched(20, lambda s: s.answer(times=10))
    service.answer(times=5000)
    book.take(service.snapshot(1320.0))
    trend = [point.value for point in book.history.points("requests", WALL + 1019)]
    assert trend[-2:] == [None, None]
    service.answer(times=7)
    book.take(service.snapshot(1321.0))
    assert newest(book, "requests") == 7.0
    assert book.growth(900).count("requests") == 7
    assert book.growth(900, same_run=False).count("requests") == 5217


def test_an_answer_without_metrics_is_a_gap_and_counts_nothing():
    service, book = watched(5, lambda s: s.answer(times=10))
    counts, service.counts = service.counts, {}
    book.take(service.snapshot(1006.0))
    assert newest(book, "requests") is None
    service.counts = counts
    book.take(service.snapshot(1007.0))
    assert newest(book, "requests") == pytest.approx(10, rel=0.3)


def test_a_restart_keeps_the_trend_and_begins_the_counters_anew():
    service, book = watched(20, lambda s: s.answer(times=10))
    book.restart()
    service.answer(times=900)
    book.take(service.snapshot(1021.0))
    assert newest(book, "requests") is None
    assert len(book.history.points("requests", WALL)) == 22


def test_hours_of_readings_are_thinned_and_still_answer_for_the_whole_window():
    _, book = watched(30_000, lambda s: s.answer(times=5), step=5.0)
    assert len(book._readings) < 60 + COARSE_SECONDS / 15 + 10
    assert book.growth(3600).count("requests") == pytest.approx(3600, rel=0.02)
    assert book.growth(1e9).seconds == pytest.approx(COARSE_SECONDS, rel=0.01)


def test_readings_keep_their_budget():
    _, book = watched(3000, lambda s: s.answer(), step=1.0, budget=1000)
    assert len(book._readings) <= READINGS_AT_LEAST
    assert book.growth(60).rate("requests") == pytest.approx(1.0)
