import errno
import json
import os
import stat
import threading

import pytest

from dashboard.config import Target
from dashboard.recording import recorder as recorder_module
from dashboard.recording.reader import Recording
from dashboard.recording.recorder import Recorder, recording
from tests.dashboard.recording.samples import NAME, history, kept

TARGET = Target(NAME, "http://localhost:8000", "a-secret-token")
ANSWERS = history([("asked", 1), ("lost", 0), ("asked", 2)] * 10)


def recorded(path, answers, problems=None):
    with recording(path, [TARGET], (problems if problems is not None else []).append) as keep:
        for answer in answers:
            keep(TARGET, answer)


def read(path):
    return [repr(answer) for answer in Recording(path).answers(NAME, 0.0)]


def test_what_was_seen_is_in_the_file(tmp_path):
    path = tmp_path / "night.jsonl"
    recorded(path, ANSWERS)

    assert read(path) == [repr(kept(answer)) for answer in ANSWERS]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "a-secret-token" not in path.read_text()


def test_a_second_session_is_appended(tmp_path):
    path = tmp_path / "night.jsonl"
    recorded(path, ANSWERS[:15])
    recorded(path, ANSWERS[15:])

    assert read(path) == [repr(kept(answer)) for answer in ANSWERS]


def test_behind_half_a_line_a_new_one_begins(tmp_path):
    path = tmp_path / "night.jsonl"
    recorded(path, ANSWERS[:15])
    path.write_bytes(path.read_bytes()[:-20])
    recorded(path, ANSWERS[15:])

    found = Recording(path)
    assert found.skipped == 1
    assert len(list(found.answers(NAME, 0.0))) == len(ANSWERS) - 1


def test_two_dashboards_never_write_into_one_file(tmp_path):
    path = tmp_path / "night.jsonl"
    first = Recorder(path, [TARGET], print)

    with pytest.raises(ValueError, match=r"night\.jsonl is being recorded to by another dashboard"):
        Recorder(path, [TARGET], print)
    first.close()
    Recorder(path, [TARGET], print).close()


def test_a_file_that_cannot_be_opened_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"cannot record to .*: Is a directory"):
        Recorder(tmp_path, [TARGET], print)


def test_a_full_disk_ends_the_recording_and_is_told_once(tmp_path):
    problems, written = [], threading.Event()

    def told(problem):
        problems.append(problem)
        written.set()

    found = Recorder(tmp_path / "night.jsonl", [TARGET], told)
    file = found._file

    class Full:
        """A disk without room."""

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    found._file = Full()
    found.write(TARGET, ANSWERS[0])
    assert written.wait(10)
    found.write(TARGET, ANSWERS[1])
    found.close()
    file.close()

    assert len(problems) == 1
    assert problems[0].endswith("cannot be written, recording has ended: No space left on device")


def test_what_the_disk_is_too_slow_for_is_dropped_and_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder_module, "WAITING_AT_MOST", 2)
    problems, held = [], threading.Event()
    found = Recorder(tmp_path / "night.jsonl", [TARGET], problems.append)
    append = found._append
    found._append = lambda line: (held.wait(10), append(line))
    for answer in ANSWERS[:9]:
        found.write(TARGET, answer)
    held.set()
    found.close()

    assert found.dropped >= 5
    assert len(problems) == 1
    assert "written too slowly" in problems[0]


def test_it_is_synced_to_the_disk_once_a_second_at_most(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    recorded(tmp_path / "night.jsonl", ANSWERS)

    assert len(synced) <= 2


def test_without_a_file_nothing_is_kept():
    with recording(None, [TARGET], print) as keep:
        assert keep is None


def test_every_line_is_whole_json(tmp_path):
    path = tmp_path / "night.jsonl"
    recorded(path, ANSWERS)

    assert [type(json.loads(line)) for line in path.read_bytes().splitlines()] == [dict] * (len(ANSWERS) + 1)
