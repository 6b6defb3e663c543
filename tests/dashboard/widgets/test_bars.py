"""Bars of one line: their length is the share, their marks are the limits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.snapshot import Alert
from dashboard.widgets.bars import bar, fact, gauge, limited, ranked, reach
from dashboard.widgets.runs import width_of


def text(row):
    return "".join(part for part, _ in row)


@settings(max_examples=60)
@given(st.none() | st.floats(-1, 2), st.integers(0, 60))
def test_a_bar_is_always_as_wide_as_asked(share, width):
    assert width_of(bar(share, width)) == width


def test_a_bar_grows_by_half_cells_and_the_least_share_still_shows():
    assert text(bar(0.25, 6)) == "━╸────"
    assert text(bar(0.0001, 6)) == "╸─────"
    assert text(bar(0.0, 6)) == text(bar(None, 6)) == "──────"


def test_limits_are_marked_and_the_firing_one_wins():
    assert text(limited(0.2, 0.5, 0.8, 10, "line")) == "━━───┆──┃─"
    assert text(limited(0.2, 0.8, 0.8, 10, "line")).count("┃") == 1
    assert limited(0.2, 0.5, 0.8, 0, "line") == []


@pytest.mark.parametrize(
    ("alert", "end"),
    [
        (Alert("a", "ok", unit="requests", fires=80), 100),
        (Alert("a", "ok", unit="ratio", fires=0.1), 0.125),
        (Alert("a", "ok", unit="ratio", fires=0.9), 1.0),
        (Alert("a", "ok", unit="ratio", comparison="<", fires=0.8), 1.0),
        (Alert("a", "ok", unit="seconds", comparison="<", fires=8, clears=10), 12.5),
        (Alert("a", "ok"), 1.0),
    ],
)
def test_a_gauge_reaches_a_little_beyond_firing_and_a_ratio_never_beyond_all(alert, end):
    assert reach(alert) == pytest.approx(end)


def test_a_gauge_without_value_shows_its_limits():
    assert text(gauge(Alert("a", "no_data", warns=50, fires=80), 10, "line")) == "─────┆──┃─"


def test_the_largest_count_has_the_longest_bar_and_zeros_are_dim():
    rows = ranked([("timeout", 4.0), ("error", 0.0)], 30, 5)

    assert text(rows[0]).count("━") > 10 and text(rows[0]).endswith("4")
    assert rows[1][0][1] == "stale"
    assert [width_of(row) for row in rows] == [30, 30]
    assert ranked([], 30, 5) == [] and len(ranked([("a", 1.0)] * 9, 30, 5)) == 5


def test_a_fact_names_its_figure_and_fits():
    assert text(fact("p95", [("2.10 s", "value")], 20)) == "p95         2.10 s  "
