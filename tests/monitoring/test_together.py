"""Totals of a fleet add up; nothing in them is averaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.monitoring.quantiles import quantile
from service.monitoring.together import document, readable, totals
from tests.monitoring.fleets import histogram, some_figures


def test_counts_rates_and_room_are_sums():
    told = totals([some_figures("one", requests=10, errors=1), some_figures("two", requests=30, errors=3)])

    assert told["instances"] == 2
    assert [told["requests"][name] for name in ("total", "errors", "in_flight")] == [40, 4, 0]
    assert told["requests"]["rate"] == pytest.approx(1.0 + 3.0)
    assert told["queue"] | {"wait_seconds": None} == {
        "depth": 2,
        "capacity": 200,
        "peak": 4,
        "slots": 4,
        "busy": 2,
        "wait_seconds": None,
    }
    assert [told["system"][name] for name in ("memory_used_bytes", "process_rss_bytes", "threads")] == [2000, 1000, 40]


def test_a_ratio_is_that_of_the_sums_and_no_mean_of_ratios():
    busy, quiet = some_figures("busy", requests=99, hits=1), some_figures("quiet", requests=1, errors=1)

    told = totals([busy, quiet])

    assert told["requests"]["error_rate"] == 0.01
    assert told["cache"]["hit_rate"] == pytest.approx(1 / 101, abs=1e-6)


def test_what_the_ai_did_is_judged_over_all_calls():
    told = totals([some_figures("one", ai=["ok", "ok", "overloaded"]), some_figures("two", requests=4, ai=["timeout"])])

    assert (told["ai"]["enabled"], told["ai"]["requests"]) == (True, 4)
    assert told["ai"]["success_rate"] == pytest.approx(2 / 3, abs=1e-6)
    assert (told["ai"]["failures"]["timeout"], told["ai"]["failures"]["overloaded"]) == (1, 1)
    assert told["ai"]["fallback_rate"] == 0.5


@given(st.lists(st.lists(st.floats(0, 150), max_size=20), min_size=1, max_size=5))
def test_percentiles_are_those_of_all_observations_together(instances):
    told = totals([some_figures(f"{number}", waits=waits) for number, waits in enumerate(instances)])

    every = histogram([one for waits in instances for one in waits])
    for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        found, expected = told["queue"]["wait_seconds"][name], quantile(every, q)
        assert found == (None if expected is None else pytest.approx(expected, abs=1e-6))


def test_percents_and_the_longest_answer_are_those_of_the_worst_instance():
    told = totals(
        [some_figures("one", requests=5, seconds=0.1, cpu=20.0), some_figures("two", requests=1, seconds=2.0, cpu=90.0)]
    )

    assert told["system"]["cpu_percent"] == 90.0
    assert told["requests"]["duration_seconds"]["max"] == 2.0
    assert told["requests"]["duration_seconds"]["p50"] < 0.2


def test_what_nobody_knows_is_null():
    told = totals([some_figures("one")])

    assert told["system"]["cpu_percent"] is None
    assert told["requests"]["error_rate"] is None
    assert told["requests"]["duration_seconds"] == {"p50": None, "p95": None, "p99": None, "max": None}
    assert told["ai"]["fallback_rate"] is None


def test_the_same_catalogue_is_one_whatever_an_instance_has_made_of_it():
    told = totals([some_figures(name, version=f"e9f5{made}") for name, made in (("one", ""), ("two", "-1+160e8c7c"))])

    assert told["catalogues"] == [{"version": "e9f5", "instances": 2}]


def test_catalogues_and_loud_alerts_tell_who():
    told = totals(
        [
            some_figures("one", alerts=[("HighCpu", "firing"), ("AiSlow", "ok")]),
            some_figures("two", alerts=[("HighCpu", "firing")], version="v2"),
            some_figures("three", alerts=[("HighCpu", "warning")], version="v2"),
        ]
    )

    assert told["catalogues"] == [{"version": "v2", "instances": 2}, {"version": "v1", "instances": 1}]
    assert told["alerts"] == [
        {"name": "HighCpu", "state": "firing", "instances": ["one", "two"]},
        {"name": "HighCpu", "state": "warning", "instances": ["three"]},
    ]


def test_one_instance_is_a_fleet_too():
    one = some_figures("one", requests=3)

    told = document([one])
    assert told["instances"] == [one.stats]
    assert told["totals"]["requests"]["total"] == 3


def test_figures_that_make_no_sense_are_counted_and_keep_nobody_out():
    good = some_figures("one", requests=3)
    odd = some_figures("two")
    odd.stats["requests"] = "none"

    found, bad = readable({"one": good.packed(), "two": odd.packed(), "three": b"junk"})

    assert ([*found], bad) == (["one"], 2)
