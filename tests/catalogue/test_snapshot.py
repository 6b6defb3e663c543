from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from service.catalogue import copies, schema
from service.catalogue.snapshot import Snapshot
from service.catalogue.store import Store
from service.errors import Unavailable
from tests.catalogue.signals import GOLF, RAIN, SUV

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "signals.db"
    Store(path, clock=NOON.timestamp).import_rows([SUV, GOLF, RAIN])
    with schema.reading(path, 1) as source:
        made = Snapshot(*copies.take(source, path))
    yield made
    if made.hold():
        made.release()
        made.release()


def test_a_snapshot_tells_what_it_is(snapshot):
    assert (snapshot.count, snapshot.sample, snapshot.loaded_at) == (3, False, NOON)
    assert len(snapshot.version) == 32


def test_signals_come_in_the_order_asked_for(snapshot):
    assert snapshot.signals([3, 1]) == [RAIN, SUV]
    assert snapshot.row_ids([2, 3, 1]) == ["golf", "rain", "suv"]
    assert snapshot.signals([]) == snapshot.row_ids([]) == []


def test_what_is_not_there_is_said(snapshot):
    assert snapshot.signal("golf") == GOLF
    assert snapshot.signal("nobody") is None
    with pytest.raises(KeyError):
        snapshot.signals([1, 99])
    with pytest.raises(KeyError):
        snapshot.row_ids([99])


def test_each_thread_reads_through_its_own_connection(snapshot):
    here = snapshot.connection()
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(snapshot.connection).result()
        assert pool.submit(snapshot.connection).result() is there

    assert snapshot.connection() is here is not there


def test_a_connection_is_handed_on_so_that_there_are_only_as_many_as_read_at_once(snapshot):
    used = set()

    def read():
        assert snapshot.hold()
        with snapshot:
            used.add(id(snapshot.connection()))

    for _ in range(5):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(read).result()

    assert len(used) == 1


def test_nothing_can_be_written(snapshot):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        snapshot.connection().execute("DELETE FROM signals")


def test_the_last_holder_closes_it(snapshot, tmp_path):
    assert snapshot.hold()
    with snapshot:
        snapshot.release()
        assert snapshot.signal("suv") == SUV

    assert not snapshot.hold()
    assert not list(tmp_path.glob("*.serving-*"))
    assert snapshot.count == 3
    with pytest.raises(Unavailable, match="replaced"):
        snapshot.connection()
