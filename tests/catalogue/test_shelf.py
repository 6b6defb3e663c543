from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.catalogue import shelf as shelf_module
from service.catalogue.rows import BadRow
from service.catalogue.shelf import SAMPLE, Shelf
from service.catalogue.store import Store
from service.errors import Conflict, Unavailable
from tests.catalogue.signals import GOLF, RAIN, SUV


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path):
    (tmp_path / "sample.csv").write_text("id,name\nsample-1,Sample one\n")
    return tmp_path / "signals.db"


@pytest.fixture
def clock():
    return Clock()


@contextmanager
def opened(path, clock):
    shelf = Shelf(path, clock=clock, sample=path.with_name("sample.csv"))
    shelf.open()
    try:
        yield shelf
    finally:
        shelf.close()


def names(shelf: Shelf) -> list[str]:
    with shelf.borrow() as snapshot:
        return [name for (name,) in snapshot.connection().execute("SELECT name FROM signals ORDER BY row")]


def spoil(path, offset: int = 0, length: int | None = None) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * (length or path.stat().st_size - offset))


def test_a_missing_catalogue_is_made_from_the_sample_and_says_so(path, clock):
    with opened(path, clock) as shelf:
        assert names(shelf) == ["Sample one"]
        assert shelf.current().sample
        assert shelf.current().loaded_at == datetime.fromtimestamp(clock.now, UTC)
        assert shelf.status().ok
        assert shelf.serves()


def test_an_import_that_was_killed_before_its_first_commit_is_made_good_by_the_sample(path, clock):
    path.touch()
    with opened(path, clock) as shelf:
        assert names(shelf) == ["Sample one"]


def test_an_existing_catalogue_is_not_mixed_with_the_sample(path, clock):
    Store(path).import_rows([SUV])
    with opened(path, clock) as shelf:
        assert names(shelf) == ["SUV intenders"]
        assert not shelf.current().sample


def test_the_shipped_sample_can_be_served(path, clock):
    shutil.copy(SAMPLE, path.with_name("sample.csv"))
    with opened(path, clock) as shelf:
        assert shelf.current().count > 100


def test_a_new_version_is_served_after_one_refresh_and_the_old_one_to_its_last_reader(path, clock, tmp_path):
    Store(path).import_rows([SUV])
    with opened(path, clock) as shelf:
        assert not shelf.refresh()
        with shelf.borrow() as old:
            rows = old.connection().execute("SELECT id FROM signals")
            Store(path).import_rows([GOLF])
            assert shelf.refresh()
            assert names(shelf) == ["SUV intenders", "Golf players"]
            assert rows.fetchall() == [("suv",)]
            assert len(list(tmp_path.glob("*.serving-*"))) == 2

        assert len(list(tmp_path.glob("*.serving-*"))) == 1
        assert not shelf.refresh()
    assert not list(tmp_path.glob("*.serving-*"))


def test_readers_in_many_threads_never_notice_a_swap(path, clock):
    Store(path).import_rows([SUV])
    with opened(path, clock) as shelf:
        stop = threading.Event()
        failures: list[BaseException] = []

        def read() -> None:
            try:
                while not stop.is_set():
                    with shelf.borrow() as snapshot:
                        assert snapshot.signal("suv") == SUV
                        assert len(snapshot.row_ids(range(1, snapshot.count + 1))) == snapshot.count
            except BaseException as failure:
                failures.append(failure)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in range(8):
            shelf.publish([replace(GOLF, id=f"golf-{number}")])
        stop.set()
        for reader in readers:
            reader.join(10)

        assert failures == []
        assert shelf.current().count == 9


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("overwritten by an editor " * 1000),
        lambda path: os.truncate(path, 9000),
        lambda path: spoil(path),
        lambda path: spoil(path, 4096 * 2),
    ],
    ids=["deleted", "emptied", "overwritten", "truncated", "spoilt", "spoilt behind its first pages"],
)
def test_harm_to_the_database_is_said_and_serves_on_until_it_is_mended(path, clock, harm):
    Store(path).import_rows([SUV, GOLF])
    with opened(path, clock) as shelf:
        before = shelf.status()
        clock.now += 60
        harm(path)
        assert not shelf.refresh()

        status = shelf.status()
        assert not status.ok
        assert "serving the catalogue loaded at 20" in status.detail
        assert str(path.parent) not in status.detail
        assert status.since > before.since
        assert names(shelf) == ["SUV intenders", "Golf players"]

        clock.now += 60
        assert not shelf.refresh()
        assert shelf.status().since == status.since
        for file in path.parent.glob("signals.db*"):
            if ".serving-" not in file.name:
                file.unlink()
        Store(path).import_rows([RAIN])
        assert shelf.refresh()
        assert shelf.status().ok
        assert names(shelf) == ["Rainy days"]


def test_a_new_version_that_is_damaged_is_never_swapped_in(path, clock):
    Store(path).import_rows([SUV])
    with opened(path, clock) as shelf:
        Store(path).import_rows([GOLF])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("DELETE FROM signals_fts_data WHERE id > 10")

        assert not shelf.refresh()
        assert "full-text index" in shelf.status().detail
        assert names(shelf) == ["SUV intenders"]


def test_a_damaged_catalogue_at_the_start_serves_nothing_until_a_good_one_comes(path, clock):
    path.write_text("not a database " * 1000)
    with opened(path, clock) as shelf:
        assert not shelf.serves()
        assert "damaged" in shelf.status().detail
        with pytest.raises(Unavailable):
            shelf.current()
        with pytest.raises(Unavailable), shelf.borrow():
            pass
        with pytest.raises(Unavailable, match="cannot be written"):
            shelf.publish([SUV])

        path.unlink()
        assert shelf.publish([SUV]).written
        assert names(shelf) == ["SUV intenders"]
        assert shelf.status().ok


def test_a_missing_sample_is_said_and_does_not_stop_the_start(path, clock):
    path.with_name("sample.csv").unlink()
    with opened(path, clock) as shelf:
        assert not shelf.status().ok
        assert not shelf.serves()


def test_what_failed_is_not_tried_every_second_but_again_after_a_while(path, clock, monkeypatch):
    Store(path).import_rows([SUV])
    taken: list[int] = []
    take = shelf_module.copies.take

    def full(source, database):
        taken.append(1)
        if len(taken) == 1:
            raise sqlite3.OperationalError("database or disk is full")
        return take(source, database)

    monkeypatch.setattr(shelf_module.copies, "take", full)
    with opened(path, clock) as shelf:
        assert "disk is full" in shelf.status().detail
        assert not shelf.refresh()
        assert len(taken) == 1

        clock.now += shelf_module.RETRY_SECONDS
        assert shelf.refresh()
        assert names(shelf) == ["SUV intenders"]


def test_a_locked_database_is_tried_again_at_once(path, clock, monkeypatch):
    monkeypatch.setattr(shelf_module, "LOCK_WAIT_SECONDS", 0.01)
    Store(path).import_rows([SUV])
    with opened(path, clock) as shelf:
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("PRAGMA journal_mode=DELETE")
            holder.execute("BEGIN EXCLUSIVE")
            assert not shelf.refresh()
            assert "locked" in shelf.status().detail
            assert names(shelf) == ["SUV intenders"]
            holder.execute("ROLLBACK")

        assert not shelf.refresh()
        assert shelf.status().ok


def test_publishing_imports_and_serves_at_once(path, clock):
    with opened(path, clock) as shelf:
        report = shelf.publish([SUV, GOLF], replace=True)

        assert (report.inserted, report.removed) == (2, 1)
        assert names(shelf) == ["SUV intenders", "Golf players"]
        assert shelf.current().version == report.version


def test_bad_rows_publish_nothing(path, clock):
    with opened(path, clock) as shelf:
        report = shelf.publish([SUV, BadRow(3, "no")])

        assert not report.written
        assert names(shelf) == ["Sample one"]


def test_one_import_at_a_time(path, clock, monkeypatch):
    monkeypatch.setattr(shelf_module, "LOCK_WAIT_SECONDS", 0.01)
    with opened(path, clock) as shelf:

        def rows():
            with pytest.raises(Conflict):
                shelf.publish([RAIN])
            other = Shelf(path, clock=clock)
            with pytest.raises(Conflict):
                other.publish([RAIN])
            yield SUV

        shelf.publish(rows(), replace=True)
        assert names(shelf) == ["SUV intenders"]


def test_content_that_comes_back_under_other_row_numbers_has_another_version(path, clock):
    with opened(path, clock) as shelf:
        shelf.publish([SUV, GOLF], replace=True)
        first = shelf.current().version
        shelf.publish([GOLF], replace=True)
        shelf.publish([GOLF, SUV], replace=True)

        assert shelf.current().content == first
        assert shelf.current().version != first


def test_the_memory_of_versions_is_bounded(path, clock, monkeypatch):
    monkeypatch.setattr(shelf_module, "VERSIONS_REMEMBERED", 1)
    with opened(path, clock) as shelf:
        shelf.publish([SUV], replace=True)
        version = shelf.current().version
        shelf.publish([GOLF], replace=True)
        shelf.publish([SUV], replace=True)

        assert shelf.current().version == version


def test_who_borrows_in_the_moment_of_a_swap_gets_the_new_snapshot(path, clock, monkeypatch):
    with opened(path, clock) as shelf:
        old = shelf.current()
        shelf.publish([SUV], replace=True)
        new = shelf.current()
        late = iter([old])
        monkeypatch.setattr(shelf, "current", lambda: next(late, new))

        with shelf.borrow() as snapshot:
            assert snapshot is new


def spill(copy) -> None:
    with copy.open("ab") as file:
        file.write(b"x")


@pytest.mark.parametrize("harm", [lambda copy: copy.unlink(), spoil, spill], ids=["tidied away", "spoilt", "appended"])
def test_a_private_copy_that_somebody_touches_is_made_anew_at_the_next_refresh(path, clock, harm):
    Store(path).import_rows([SUV, GOLF])
    with opened(path, clock) as shelf:
        version = shelf.current().version
        (copy,) = path.parent.glob("*.serving-*")
        harm(copy)
        assert shelf.refresh()

        assert names(shelf) == ["SUV intenders", "Golf players"]
        assert (shelf.current().version, shelf.status().ok) == (version, True)
        assert not shelf.refresh()
        assert len(list(path.parent.glob("*.serving-*"))) == 1


def test_while_no_file_can_be_opened_a_reader_is_told_to_come_back_and_is_no_bug(path, clock):
    Store(path).import_rows([SUV])
    with opened(path, clock) as shelf, shelf.borrow() as snapshot:
        (copy,) = path.parent.glob("*.serving-*")
        away = copy.rename(path.with_name("away"))
        failures = []

        def read() -> None:
            try:
                snapshot.connection()
            except Unavailable as refusal:
                failures.append(refusal.retry_after)

        reader = threading.Thread(target=read)
        snapshot.connection()
        reader.start()
        reader.join(10)
        away.rename(copy)

        assert failures == [1]


def test_a_clock_that_is_set_back_does_not_put_the_next_try_off(path, clock):
    path.write_text("not a database " * 1000)
    with opened(path, clock) as shelf:
        clock.now -= 86_400
        path.unlink()
        path.write_text("not a database " * 1000)
        shelf.refresh()
        since = shelf._refused_at

        assert since == clock.now
        clock.now -= 3600
        shelf.refresh()
        assert shelf._refused_at == clock.now
