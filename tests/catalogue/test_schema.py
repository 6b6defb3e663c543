from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from service.catalogue import schema


def database(path, *statements: str):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def test_a_new_database_gets_every_migration_once(tmp_path):
    path = tmp_path / "signals.db"
    for _ in range(2):
        with schema.writing(path, 1) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("SELECT count(*) FROM signals_terms").fetchone() == (0,)


@pytest.mark.parametrize("opening", [schema.reading, schema.writing])
@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("PRAGMA user_version=99", "newer version"),
        ("CREATE TABLE customers(name)", "another program"),
    ],
)
def test_a_database_that_is_not_ours_is_refused_and_left_untouched(tmp_path, opening, statement, reason):
    path = database(tmp_path / "signals.db", statement)
    before = path.read_bytes()

    with pytest.raises(schema.CatalogueError, match=reason), opening(path, 1):
        pass

    assert path.read_bytes() == before


@pytest.mark.parametrize("opening", [schema.reading, schema.writing])
def test_a_file_that_is_no_database_is_damaged(tmp_path, opening):
    path = tmp_path / "signals.db"
    path.write_text("not a database, " * 1000)

    with pytest.raises(schema.Damaged, match="import the catalogue again"), opening(path, 1):
        pass


def test_reading_makes_no_file_and_takes_no_empty_one(tmp_path):
    path = tmp_path / "signals.db"
    with pytest.raises(schema.CatalogueError, match="does not exist"), schema.reading(path, 1):
        pass
    assert not path.exists()

    path.touch()
    with pytest.raises(schema.CatalogueError, match="holds no catalogue yet"), schema.reading(path, 1):
        pass


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("CREATE TABLE more(a)", "nonsense")))

    with pytest.raises(schema.CatalogueError, match="syntax error"), schema.writing(tmp_path / "signals.db", 1):
        pass

    with closing(sqlite3.connect(tmp_path / "signals.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_who_waits_too_long_for_a_lock_is_told_so(tmp_path):
    path = tmp_path / "signals.db"
    with schema.writing(path, 1) as first:
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(schema.Busy, match="another import"), schema.writing(path, 0.01) as second:
            second.execute("BEGIN IMMEDIATE")
        first.execute("ROLLBACK")
