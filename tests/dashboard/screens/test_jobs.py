"""The jobs screen: what runs by itself, and what it runs on."""

import pytest

from dashboard.model.snapshot import Alert, JobRow
from dashboard.screens.jobs import job_line, usage
from dashboard.widgets.moments import Moments
from tests.dashboard.screens.scenes import on_screen, text_of


def words(line, key):
    return "".join(text for text, _ in line.cells[key])


def test_a_job_that_never_ran_is_not_said_to_be_well():
    line = job_line(JobRow("x", None, None, None, None, 0, 0), Moments(0.0, str))

    assert [words(line, key) for key in ("glyph", "outcome", "last", "next")] == ["–", "–", "not yet", "–"]


def test_a_job_that_failed_says_so_in_glyph_and_word():
    line = job_line(JobRow("x", None, None, "error", 1.0, 5, 2), Moments(0.0, str))

    assert (words(line, "glyph"), words(line, "outcome")) == ("▲", "error")


@pytest.mark.parametrize(("unit", "scale"), [("ratio", 0.01), ("percent", 1.0)])
def test_a_limit_means_the_same_as_a_ratio_and_in_per_cent(unit, scale):
    rule = Alert("HighCpu", "ok", unit=unit, warns=70 * scale, fires=90 * scale)

    assert usage(75.0, rule, 30)[0] == ("75.0 %  ", "value-warn")
    assert usage(95.0, rule, 30)[0][1] == "value-fire"
    assert usage(None, rule, 30)[0][0].strip() == "–"


async def test_jobs_say_when_they_ran_how_it_ended_and_when_they_run_next():
    async with on_screen("5", size=(80, 24)) as pilot:
        row = next(line for line in text_of(pilot).splitlines() if "warm_up" in line)

    for part in ("▲", "error", "1m25s ago", "302 ms", "3", "in 2m09s"):
        assert part in row


async def test_machine_process_build_and_catalogue_are_there():
    async with on_screen("5", size=(80, 24)) as pilot:
        text = text_of(pilot)

    for part in ("78.4 %", "62.4 %", "121 MB", "19", "44", "3d 04:12", "1.0.0", "1.20k", "sample data", "cgroup"):
        assert part in text
