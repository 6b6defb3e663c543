import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from dashboard.marks_file import KEPT_SECONDS, MARKS_AT_MOST, MarksFile, state_folder

URL = "http://web-1:8000"
SINCE = "2026-10-22T12:39:00+00:00"
NOW, WALL = 500.0, 1_790_000_000.0


class Kept:
    """A file of marks with a clock to turn."""

    def __init__(self, path):
        self.path, self.problems, self.at = path, [], 0.0

    def open(self, restarted_after=0.0):
        """Open the file as a dashboard does whose monotonic clock began anew."""
        self.at += restarted_after
        return MarksFile(self.path, self.problems.append, clock=lambda: NOW, wall=lambda: WALL + self.at)

    def say(self, do):
        file = self.open()
        do(file.marks_of(URL))
        file.close()


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "state" / "signals-dashboard" / "marks.json")


def test_an_acknowledgement_outlasts_the_dashboard_for_its_target_only(kept):
    kept.say(lambda marks: marks.acknowledge("QueueBacklog", SINCE))

    again = kept.open(60.0)
    mark = again.marks_of(URL).of("QueueBacklog")
    assert (mark.acknowledged, mark.since) == (True, SINCE)
    assert not again.marks_of("http://web-2:8000").of("QueueBacklog").acknowledged
    again.close()


def test_a_snooze_goes_on_by_the_wall_clock(kept):
    kept.say(lambda marks: marks.snooze("HighCpu", NOW + 900.0))

    again = kept.open(restarted_after=300.0)
    assert again.marks_of(URL).of("HighCpu").snoozed_until == NOW + 600.0
    again.close()


def test_only_the_owner_can_read_it(kept):
    kept.say(lambda marks: marks.acknowledge("HighCpu", SINCE))

    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_nothing_is_written_before_the_operator_says_something(kept):
    kept.open().close()

    assert not kept.path.parent.exists()


def test_two_dashboards_keep_each_others_marks(kept):
    one, other = kept.open(), kept.open()
    one.marks_of(URL).acknowledge("HighCpu", SINCE)
    one.close()
    other.marks_of(URL).acknowledge("HighMemory", SINCE)
    other.close()

    third = kept.open()
    marks = third.marks_of(URL)
    assert marks.of("HighCpu").acknowledged
    assert marks.of("HighMemory").acknowledged
    third.close()


def acknowledge_many(path, name):
    file = MarksFile(path, print)
    marks = file.marks_of(URL)
    for number in range(20):
        marks.acknowledge(f"{name}-{number}", SINCE)
    file.close()


def test_two_processes_that_write_at_once_lose_nothing(kept):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=acknowledge_many, args=(kept.path, name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)

    rows = json.loads(kept.path.read_text())["rows"]
    assert {row["alert"] for row in rows} == {f"{name}-{number}" for name in "ab" for number in range(20)}


def test_marks_of_a_month_ago_and_the_oldest_of_too_many_are_forgotten(kept):
    kept.say(lambda marks: marks.acknowledge("Ancient", SINCE))
    kept.at += KEPT_SECONDS + 1
    kept.say(lambda marks: marks.acknowledge("HighCpu", SINCE))
    assert [row["alert"] for row in json.loads(kept.path.read_text())["rows"]] == ["HighCpu"]

    row = json.loads(kept.path.read_text())["rows"][0]
    many = [{**row, "alert": f"rule-{number}", "at": row["at"] - number} for number in range(MARKS_AT_MOST + 5)]
    kept.path.write_text(json.dumps({"marks": 1, "rows": many}))
    kept.say(lambda marks: marks.acknowledge("HighMemory", SINCE))
    left = {row["alert"] for row in json.loads(kept.path.read_text())["rows"]}
    assert len(left) == MARKS_AT_MOST
    assert {"HighMemory", "rule-0"} <= left
    assert f"rule-{MARKS_AT_MOST}" not in left


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"marks": 2, "rows": []}',
        '{"marks": 1, "rows": [{"target": "x"}]}',
        "[" * 100_000,
        '{"marks": 1}',
        '{"marks": 1, "rows": 3}',
    ],
    ids=["half", "a list", "newer", "not a mark", "deep", "no rows", "rows a number"],
)
def test_a_damaged_file_is_set_aside_and_told_of(kept, text):
    kept.path.parent.mkdir(parents=True)
    kept.path.write_text(text)

    kept.say(lambda marks: marks.acknowledge("HighCpu", SINCE))

    assert kept.problems == [f"{kept.path} was damaged; it is set aside as marks.damaged.json"]
    assert kept.path.with_suffix(".damaged.json").read_text() == text
    assert [row["alert"] for row in json.loads(kept.path.read_text())["rows"]] == ["HighCpu"]


def test_a_folder_that_cannot_be_written_is_told_of_once_and_marks_live_on(kept):
    kept.path.parent.parent.write_text("a file where the folder should be")
    file = kept.open()
    marks = file.marks_of(URL)
    marks.acknowledge("HighCpu", SINCE)
    marks.acknowledge("HighMemory", SINCE)
    file.close()

    assert len(kept.problems) == 1
    assert "cannot be" in kept.problems[0]
    assert marks.of("HighCpu").acknowledged


def test_a_mark_after_the_end_is_kept_in_memory(kept):
    file = kept.open()
    marks = file.marks_of(URL)
    file.close()

    marks.acknowledge("HighCpu", SINCE)

    assert marks.of("HighCpu").acknowledged
    assert not kept.path.exists()


def test_the_folder_is_where_the_platform_keeps_state():
    home = Path("/home/op")
    assert state_folder({}, home, windows=False) == home / ".local/state/signals-dashboard"
    assert state_folder({"XDG_STATE_HOME": "/s"}, home, windows=False) == Path("/s/signals-dashboard")
    assert state_folder({"XDG_STATE_HOME": "here"}, home, windows=False) == home / ".local/state/signals-dashboard"
    assert state_folder({"LOCALAPPDATA": "/l"}, home, windows=True) == Path("/l/signals-dashboard")
