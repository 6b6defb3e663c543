"""The figures of an instance travel whole, small, and are told from what is none."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.monitoring.figures import CLIENTS_SENT, COUNTS, DURATIONS, ERRORS_SENT, Figures, shortened, unpacked
from service.monitoring.totals import BOUNDS, Histogram
from tests.monitoring.fleets import histogram, some_figures


def test_figures_come_back_as_they_went_but_for_what_nobody_adds_up():
    figures = some_figures("one", requests=7, waits=[0.01, 0.2])

    found = unpacked(figures.packed())

    assert (found.counts, found.durations) == (figures.counts, figures.durations)
    assert found.stats == shortened(figures.stats)


def test_long_lists_are_cut_short():
    figures = some_figures("one")
    stats = figures.stats | {"recent_errors": [{}] * 50, "transitions": [{}] * 100}
    stats["clients"] = stats["clients"] | {"top": [{}] * 100, "blocked": [{}] * 100}

    found = unpacked(Figures(stats, figures.counts, figures.durations).packed()).stats

    assert (len(found["recent_errors"]), found["transitions"]) == (ERRORS_SENT, [])
    assert (len(found["clients"]["top"]), len(found["clients"]["blocked"])) == (CLIENTS_SENT, CLIENTS_SENT)


def packed(*document):
    return zlib.compress(json.dumps(document).encode())


COUNTED = dict.fromkeys(COUNTS, 1)
TIMED = {name: [[0] * (len(BOUNDS) + 1), 0.0] for name in DURATIONS}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        some_figures("one").packed()[:-1],
        packed(2, {}, COUNTED, TIMED),
        packed(1, {}, COUNTED),
        packed(1, {}, {}, TIMED),
        packed(1, {}, COUNTED, {}),
        packed(1, {}, COUNTED, TIMED | {"all": [[0, 1], 0.0]}),
        packed(1, {}, COUNTED, TIMED | {"all": [[-1] * (len(BOUNDS) + 1), 0.0]}),
        packed(1, {}, COUNTED, TIMED | {"all": [["1"] * (len(BOUNDS) + 1), 0.0]}),
        zlib.compress(b"[" * 100_000),
        zlib.compress(bytes(2_000_000)),
    ],
)
def test_what_is_no_figures_is_told_apart(data):
    with pytest.raises(ValueError, match=r".*"):
        unpacked(data)


@given(st.lists(st.floats(0, 200), max_size=50))
def test_durations_are_kept_by_bucket(seconds):
    assert unpacked(some_figures("one", waits=seconds).packed()).durations["waits"] == histogram(seconds)


def test_nothing_was_observed_yet():
    assert unpacked(some_figures("one").packed()).durations["ai"] == Histogram()
