from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing

import pytest

from service.catalogue import copies, schema
from service.catalogue.store import Store
from tests.catalogue.signals import SUV


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "signals.db"
    Store(path).import_rows([SUV])
    return path


def test_a_copy_is_locked_until_it_is_discarded_and_leftovers_are_swept(database):
    left = database.with_name("signals.db.serving-1-1")
    left.touch()
    with schema.reading(database, 1) as source:
        path, lock = copies.take(source, database)

    assert copies.sweep(database) == 1
    assert path.exists()
    assert not left.exists()

    copies.discard(path, lock)
    assert not path.exists()


def test_two_copies_of_one_process_have_different_names(database):
    with schema.reading(database, 1) as source:
        taken = [copies.take(source, database) for _ in range(2)]

    assert len({path for path, _ in taken}) == 2
    for path, lock in taken:
        copies.discard(path, lock)


def test_where_the_folder_is_not_writable_the_copy_goes_to_the_temporary_directory(tmp_path, monkeypatch):
    shelter = tmp_path / "temporary"
    shelter.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(shelter))
    with closing(sqlite3.connect(":memory:")) as source:
        source.execute("CREATE VIRTUAL TABLE signals_fts USING fts5(name)")
        source.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS)}")
        path, lock = copies.take(source, tmp_path / "missing" / "signals.db")

    assert path.parent == shelter
    copies.discard(path, lock)


def test_where_nothing_is_writable_the_reason_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with (
        closing(sqlite3.connect(":memory:")) as source,
        pytest.raises(schema.CatalogueError, match="neither beside it"),
    ):
        copies.take(source, tmp_path / "missing" / "signals.db")


def test_a_damaged_index_is_found_and_its_copy_removed(database):
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("DELETE FROM signals_fts_idx")
        connection.execute("DELETE FROM signals_fts_data WHERE id > 10")
    with schema.reading(database, 1) as source, pytest.raises(schema.Damaged, match="full-text index"):
        copies.take(source, database)

    assert not list(database.parent.glob("*.serving-*"))


def test_a_locked_database_is_given_up_after_some_tries(database, monkeypatch):
    monkeypatch.setattr(copies, "BUSY_TRIES", 1)
    with closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode=DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        with closing(sqlite3.connect(database, timeout=0.01)) as source, pytest.raises(schema.Busy):
            copies.take(source, database)
        holder.execute("ROLLBACK")


def test_a_copy_that_somebody_sweeps_while_it_is_made_is_made_again(database, monkeypatch):
    once = iter([True])
    locking = copies.fcntl.flock

    def robbed(lock: int, operation: int) -> None:
        locking(lock, operation)
        if next(once, False):
            database.with_name(f"signals.db.serving-{os.getpid()}-1").unlink()

    monkeypatch.setattr(copies.fcntl, "flock", robbed)
    with schema.reading(database, 1) as source:
        path, lock = copies.take(source, database)

    assert path.name.endswith("-2")
    copies.discard(path, lock)


def test_a_copy_that_is_being_swept_is_left_to_the_sweeper(database, monkeypatch):
    once = iter([True])
    locking = copies.fcntl.flock

    def refused(lock: int, operation: int) -> None:
        if next(once, False):
            raise BlockingIOError
        locking(lock, operation)

    monkeypatch.setattr(copies.fcntl, "flock", refused)
    with schema.reading(database, 1) as source:
        path, lock = copies.take(source, database)

    assert path.name.endswith("-2")
    copies.discard(path, lock)


def test_a_copy_goes_to_the_temporary_directory_where_the_disk_beside_the_database_is_full(database, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(database.parent / "elsewhere"))
    (database.parent / "elsewhere").mkdir()
    whole = copies.ensure_whole

    def full(connection, path):
        if next(full_once, False):
            raise sqlite3.OperationalError("database or disk is full")
        whole(connection, path)

    full_once = iter([True])
    monkeypatch.setattr(copies, "ensure_whole", full)
    with schema.reading(database, 1) as source:
        path, lock = copies.take(source, database)

    assert path.parent.name == "elsewhere"
    assert not list(database.parent.glob("*.serving-*"))
    assert copies.sweep(database) == 0
    copies.discard(path, lock)
