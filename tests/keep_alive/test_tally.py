import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keep_alive import RECENT, Tally, summary_of
from tests.keep_alive.samples import FAILED, Ping, a_ping, an_answer, document

ILL = an_answer(503, document("unhealthy", queue="unhealthy"))


def failed(tries=4):
    return Ping(FAILED, tries, 60.0)


def tally_of(*pings):
    tally = Tally()
    for ping in pings:
        tally = tally.after(ping)
    return tally


def test_every_kind_of_ping_is_counted():
    tally = tally_of(a_ping(), a_ping(ILL), a_ping(seconds=52.1), a_ping(tries=2), failed())

    assert (tally.pings, tally.ill, tally.cold, tally.failed, tally.outages) == (5, 1, 2, 1, 1)
    assert tally.slowest == 52.1


def test_failures_in_a_row_are_one_outage():
    assert tally_of(failed(), failed(), a_ping(), failed(), a_ping(ILL), a_ping()).outages == 2


def test_what_failed_has_no_time_of_an_answer():
    tally = tally_of(failed())

    assert (tally.recent, tally.slowest, tally.figures()["p50_ms"]) == ((), None, None)


@pytest.mark.parametrize(("good", "bad", "percent"), [(1, 0, 100.0), (0, 1, 0.0), (2, 1, 66.6), (9_999, 1, 99.9)])
def test_uptime_is_rounded_down_so_that_100_means_all(good, bad, percent):
    assert Tally(pings=good + bad, failed=bad).figures()["uptime_percent"] == percent


@given(st.lists(st.floats(0.001, 200), min_size=1, max_size=60), st.integers(0, 2 * RECENT))
def test_the_median_is_that_of_the_last_thousand_and_memory_stays_bounded(times, before):
    tally = Tally(recent=(0.5,) * min(before, RECENT))
    for seconds in times:
        tally = tally.after(a_ping(seconds=seconds))

    kept = [*(0.5,) * before, *times][-RECENT:]
    assert len(tally.recent) <= RECENT
    assert tally.figures()["p50_ms"] == round(statistics.median(kept) * 1000)
    assert tally.slowest == max(times)


def test_the_summary_is_one_line_of_all_figures():
    told = summary_of(tally_of(a_ping(), a_ping(), a_ping(seconds=12.3), failed(), failed()))

    assert told == "5 pings: up 60 %, p50 100 ms, slowest 12300 ms, 1 cold start, 1 outage, 2 failed, 0 ill"


def test_the_summary_of_nothing_claims_nothing():
    assert summary_of(Tally()) == "no ping was finished"
    assert Tally().figures()["uptime_percent"] is None
    assert summary_of(tally_of(failed())) == "1 ping: up 0 %, 0 cold starts, 1 outage, 1 failed, 0 ill"
