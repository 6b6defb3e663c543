from __future__ import annotations

import os

import pytest

from service.ranking import shelved


def test_an_index_stands_beside_its_database(tmp_path):
    assert shelved.place(tmp_path / "signals.db", "abc") == tmp_path / "signals.db.index-abc"


def test_a_draft_becomes_the_index_by_one_rename(tmp_path):
    folder = tmp_path / "signals.db.index-abc"
    drafted, lock = shelved.draft(folder)
    (drafted / "file").write_text("whole")
    shelved.publish(drafted, folder)
    os.close(lock)
    assert (folder / "file").read_text() == "whole"
    assert not drafted.exists()


def test_sweeping_removes_other_indexes_and_dead_drafts_but_no_draft_under_work(tmp_path):
    mine, other = tmp_path / "signals.db.index-new", tmp_path / "signals.db.index-old"
    mine.mkdir()
    other.mkdir()
    stranger = tmp_path / "another.db.index-old"
    stranger.mkdir()
    working, lock = shelved.draft(mine)
    dead, dead_lock = shelved.draft(mine)
    os.close(dead_lock)
    shelved.sweep(mine)
    left = {path.name for path in tmp_path.iterdir()}
    os.close(lock)
    assert left == {mine.name, stranger.name, working.name}
    assert dead.name not in left


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_where_nothing_can_be_written_the_temporary_directory_serves(tmp_path):
    tmp_path.chmod(0o500)
    assert shelved.place(tmp_path / "signals.db", "abc").parent != tmp_path
