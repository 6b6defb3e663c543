from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue import importing, schema
from service.catalogue.rows import BadRow
from service.catalogue.store import Store
from service.messages import Signal
from tests.catalogue.signals import GOLF, RAIN, SUV, catalogues

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BAD = BadRow(7, "cpm '-1' is not a finite number from 0 up")


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "signals.db", clock=NOON.timestamp, wait_seconds=0.05)


def found(store: Store, words: str) -> list[str]:
    with closing(sqlite3.connect(store.path)) as connection:
        query = (
            "SELECT id FROM signals_fts JOIN signals ON row = signals_fts.rowid WHERE signals_fts MATCH ? ORDER BY id"
        )
        return [identity for (identity,) in connection.execute(query, (words,))]


def test_an_import_adds_updates_and_leaves_the_rest(store):
    store.import_rows([SUV, GOLF])
    report = store.import_rows([SUV, replace(GOLF, name="Golfers"), RAIN])

    assert (report.inserted, report.updated, report.removed, report.unchanged) == (1, 1, 0, 1)
    assert list(store.signals()) == [SUV, replace(GOLF, name="Golfers"), RAIN]
    assert found(store, "players") == []
    assert found(store, "golfer") == ["golf"]
    assert store.check() == []


def test_replacing_removes_what_is_not_in_the_file(store):
    store.import_rows([SUV, GOLF])
    report = store.import_rows([GOLF, RAIN], replace=True)

    assert (report.inserted, report.updated, report.removed, report.unchanged) == (1, 0, 1, 1)
    assert list(store.signals()) == [GOLF, RAIN]
    assert found(store, "suv OR golf OR rainy") == ["golf", "rain"]
    assert store.check() == []


def test_of_an_id_given_twice_the_last_wins_within_a_batch_and_across(store, monkeypatch):
    later = replace(SUV, name="Later")
    store.import_rows([SUV, later])
    assert list(store.signals()) == [later]

    monkeypatch.setattr(importing, "BATCH_ROWS", 1)
    store.import_rows([SUV, GOLF, later], replace=True)
    assert list(store.signals()) == [later, GOLF]
    assert store.check() == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(catalogues, st.booleans()), max_size=3), catalogues.filter(bool), st.integers(1, 3))
def test_equal_content_has_an_equal_version_whatever_happened_before(tmp_path_factory, history, catalogue, batch):
    folder = tmp_path_factory.mktemp("catalogue")
    fresh, old = Store(folder / "fresh.db"), Store(folder / "old.db")
    for rows, replacing in history:
        old.import_rows(rows, replace=replacing)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "BATCH_ROWS", batch)
        fresh.import_rows(catalogue)
        old.import_rows(list(reversed(catalogue)), replace=True)

    assert old.version == fresh.version
    assert old.check() == fresh.check() == []


def test_one_bad_row_means_that_nothing_is_written(store):
    before = store.import_rows([SUV]).version
    report = store.import_rows([GOLF, BAD, RAIN])

    assert not report.written
    assert (report.inserted, report.bad, report.bad_count, report.version) == (0, [BAD], 1, before)
    assert list(store.signals()) == [SUV]


def test_bad_rows_can_be_skipped_but_not_a_file_that_is_spoilt(store):
    assert store.import_rows([GOLF, BAD, RAIN], skip_bad=True).inserted == 2
    report = store.import_rows([SUV, BadRow(9, "the rest is not UTF-8", fatal=True)], skip_bad=True)

    assert not report.written
    assert list(store.signals()) == [GOLF, RAIN]


def test_the_list_of_bad_rows_is_bounded_and_their_count_is_not(store):
    report = store.import_rows(BadRow(line, "no") for line in range(importing.BAD_LIMIT + 5))

    assert (len(report.bad), report.bad_count) == (importing.BAD_LIMIT, importing.BAD_LIMIT + 5)


def test_rows_that_fail_to_come_leave_the_catalogue_as_it_was(store, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 1)
    store.import_rows([SUV])

    def broken():
        yield GOLF
        raise OSError("the disk was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        store.import_rows(broken())
    assert list(store.signals()) == [SUV]


def test_row_numbers_stay_with_their_ids(store):
    def numbers():
        with closing(sqlite3.connect(store.path)) as connection:
            return dict(connection.execute("SELECT id, row FROM signals"))

    store.import_rows([SUV, GOLF])
    before = numbers()
    store.import_rows([RAIN, replace(GOLF, cpm=1.0), SUV], replace=True)

    assert numbers() == before | {"rain": 3}


def test_the_sample_goes_into_an_empty_catalogue_only(store):
    assert store.is_blank()
    store.import_rows([SUV, GOLF], sample=True)
    assert store.stats().sample
    assert not store.is_blank()

    store.import_rows([SUV])
    assert store.stats().sample, "nothing but the sample is in there still"
    store.import_rows([RAIN])
    assert not store.stats().sample
    store.import_rows([replace(SUV, name="Other")], sample=True)
    assert list(store.signals()) == [SUV, GOLF, RAIN]
    assert not store.stats().sample


def test_a_catalogue_is_not_replaced_by_nothing(store):
    before = store.import_rows([SUV]).version
    report = store.import_rows([], replace=True)

    assert not report.written
    assert "not replaced by nothing" in report.bad[0].reason
    assert store.version == before


def test_a_catalogue_of_no_rows_is_not_blank(store):
    assert store.is_blank()
    store.import_rows([])

    assert not store.is_blank()
    assert store.version == schema.EMPTY_VERSION


def test_statistics_count_what_is_known(store):
    store.import_rows([SUV, GOLF, RAIN])
    stats = store.stats()

    assert (stats.signals, stats.data_providers, stats.with_coverage, stats.with_price) == (3, 1, 2, 1)
    assert stats.kinds == {"audience": 1, "contextual": 1, "environmental": 1}
    assert stats.signal_types == {"owned": 3}
    assert stats.loaded_at == NOON
    assert stats.version == store.version


def test_a_second_importer_waits_for_a_bounded_time(store):
    def greedy():
        with pytest.raises(schema.Busy):
            Store(store.path, wait_seconds=0.05).import_rows([RAIN])
        yield SUV

    store.import_rows(greedy())
    assert list(store.signals()) == [SUV]


def test_progress_is_told_after_each_batch(store, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 2)
    done: list[int] = []
    store.import_rows([SUV, GOLF, RAIN], progress=done.append)

    assert done == [2, 3]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM signals WHERE id = 'suv'", "version does not match"),
        ("UPDATE signals SET name = 'Tampered'", "full-text index does not match"),
    ],
)
def test_a_check_finds_what_was_changed_behind_its_back(store, statement, problem):
    store.import_rows([SUV, GOLF])
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute(statement)

    assert any(problem in line for line in store.check())


def test_values_are_bound_and_never_become_sql(store):
    nasty = Signal("x", "'); DROP TABLE signals; --", description='" OR 1=1 NEAR(')
    store.import_rows([nasty])

    assert list(store.signals()) == [nasty]
