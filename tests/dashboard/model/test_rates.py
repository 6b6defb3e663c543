from itertools import pairwise
from math import inf, isclose, nan

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.rates import COLUMNS_AT_MOST, ROUTES_AT_MOST, Growth, Ledger, columns_of, growth, quantile
from dashboard.model.snapshot import Metrics

STEPS = st.lists(st.integers(0, 50) | st.just("restart"), min_size=1, max_size=30)


def one(name, value, **labels):
    return Metrics({name: {tuple(sorted(labels.items())): value}})


def ledger_of(*scrapes):
    ledger = Ledger()
    for scrape in scrapes:
        ledger.take(scrape)
    return ledger


def counted(ledger, name):
    index = ledger.columns.get((name, 0.0))
    return 0.0 if index is None else ledger.reading(0, 0).totals[index]


def test_a_counter_that_fell_began_at_zero():
    assert growth(5, 8) == 3
    assert growth(5, 2) == 2
    assert growth(None, 4) == 4
    assert growth(5, 5) == 0


@settings(max_examples=100)
@given(STEPS)
def test_the_growth_is_that_of_prometheus_add_what_stood_before_at_each_fall(steps):
    value, values = 0, []
    for step in steps:
        value = 0 if step == "restart" else value + step
        values.append(float(value))
    # The formula of Prometheus' increase(), without extrapolation: last - first + what was lost at each fall.
    lost = sum(before for before, after in pairwise(values) if after < before)
    expected = values[-1] - values[0] + lost

    ledger = ledger_of(*(one("rankings_total", value, method="text") for value in values))

    assert counted(ledger, "rankings") == counted(ledger, "rankings:text") == expected


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=20))
def test_series_grow_each_by_itself_so_that_one_fall_hides_no_rise(pairs):
    scrapes = [
        Metrics({"ai_requests_total": {(("outcome", "ok"),): float(a), (("outcome", "error"),): float(b)}})
        for a, b in pairs
    ]
    ledger = ledger_of(*scrapes)
    alone = [sum(growth(x, y) for x, y in pairwise(s)) for s in zip(*pairs, strict=True)]
    assert counted(ledger, "ai") == sum(alone)
    assert counted(ledger, "ai:ok") == alone[0]


def test_the_first_scrape_counts_nothing_and_a_series_born_later_counts_from_zero():
    ledger = ledger_of(one("cache_requests_total", 900.0, result="hit"))
    assert counted(ledger, "lookups") == 0
    ledger.take(one("cache_requests_total", 7.0, result="miss"))
    assert counted(ledger, "lookups:miss") == 7


def test_after_a_rebase_the_next_scrape_only_says_where_counters_stand():
    ledger = ledger_of(one("ai_requests_total", 5.0), one("ai_requests_total", 6.0))
    ledger.rebase()
    ledger.take(one("ai_requests_total", 100.0))
    assert counted(ledger, "ai") == 1


def test_requests_count_by_status_and_5xx_are_errors_and_operators_are_left_out():
    assert columns_of("http_requests_total", (("endpoint", "/a"), ("status", "503"))) == (
        ("requests", 0.0),
        ("requests:503", 0.0),
        ("errors", 0.0),
    )
    assert columns_of("http_requests_total", (("endpoint", "/api/monitoring/stats"), ("status", "200"))) == ()


def test_buckets_count_by_their_bound():
    name = "http_request_duration_seconds_bucket"
    assert columns_of(name, (("cache", "hit"), ("le", "+Inf"))) == (("latency:hit", inf),)
    assert columns_of("ai_request_duration_seconds_bucket", (("le", "0.5"),)) == (("ai_latency", 0.5),)
    assert columns_of(name, (("cache", "hit"), ("le", "low"))) == columns_of(name, (("cache", "hit"),)) == ()


def test_values_that_are_no_numbers_change_nothing():
    ledger = ledger_of(*(one("ai_requests_total", value) for value in (1.0, nan, 2.0, inf)))
    assert counted(ledger, "ai") == 0 or counted(ledger, "ai") == 2


def test_columns_and_what_is_remembered_of_series_have_bounds():
    def scrape(step):
        return Metrics({"ai_requests_total": {(("outcome", f"{step}-{i}"),): 1.0 for i in range(3000)}})

    ledger = ledger_of(*(scrape(step) for step in range(4)))
    ledger.take(one("ai_requests_total", 1.0, outcome="x" * 9999))
    assert len(ledger.columns) == COLUMNS_AT_MOST
    assert len(ledger._routes) <= ROUTES_AT_MOST
    assert counted(ledger, "ai") == 9001


def test_a_rate_needs_time_and_a_column_born_in_between_stood_at_zero():
    ledger = ledger_of(one("ai_requests_total", 0.0))
    older = ledger.reading(10.0, 0)
    ledger.take(one("ai_requests_total", 30.0))
    grown = Growth(older, ledger.reading(25.0, 0), ledger.columns)
    assert grown.count("ai") == 30
    assert grown.rate("ai") == 2.0
    assert grown.count("never") == 0
    assert Growth(older, older, ledger.columns).rate("ai") is None


def test_a_quantile_lies_linearly_within_its_bucket():
    buckets = [(1.0, 50.0), (2.0, 100.0), (inf, 100.0)]
    assert quantile(0.5, buckets) == 1.0
    assert quantile(0.75, buckets) == 1.5
    assert quantile(0.25, buckets) == 0.5


def test_a_quantile_beyond_the_last_bound_is_that_bound_and_of_nothing_is_unknown():
    assert quantile(0.95, [(1.0, 0.0), (inf, 10.0)]) == 1.0
    assert quantile(0.95, [(1.0, 0.0), (inf, 0.0)]) is None
    assert quantile(0.95, []) is quantile(0.95, [(1.0, 5.0), (2.0, 5.0)]) is quantile(0.95, [(inf, 5.0)]) is None


def test_a_dip_in_counts_so_far_is_filled():
    assert quantile(0.9, [(1.0, 9.0), (2.0, 4.0), (3.0, 10.0), (inf, 10.0)]) == 1.0


@settings(max_examples=150)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_the_quantile_of_a_delta_is_that_of_what_came_in_between(before, between):
    """Whatever the histogram held before, only the observations of the window count, each in its own bucket."""
    bounds = ("0.1", "1.0", "10.0", "+Inf")
    name = "ai_request_duration_seconds_bucket"

    def scrape(counts):
        so_far = [float(sum(counts[: i + 1])) for i in range(4)]
        return Metrics({name: {(("le", bound),): value for bound, value in zip(bounds, so_far, strict=True)}})

    ledger = ledger_of(scrape(before), scrape([a + b for a, b in zip(before, between, strict=True)]))
    older = Ledger().reading(0.0, 0)
    grown = Growth(older, ledger.reading(1.0, 0), ledger.columns)
    found = grown.quantile(0.95, "ai_latency")

    if not sum(between):
        assert found is None
        return
    ranked = [i for i, count in enumerate(between) for _ in range(count)]
    bucket = next(i for i in range(4) if sum(between[: i + 1]) >= 0.95 * len(ranked) and between[i])
    edges = (0.0, 0.1, 1.0, 10.0, 10.0)
    assert edges[bucket] <= found <= edges[bucket + 1] or isclose(found, edges[bucket + 1])
