"""What is private in a catalogue: kept apart from what is public, and changed only where a file says so."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from service.catalogue import schema
from service.catalogue.shelf import Shelf
from service.catalogue.store import Store
from service.messages import Price, Signal
from tests.catalogue.signals import GOLF, RAIN, SUV
from tests.doubles import FakeClock

SECRET = Signal(
    "secret", "Secret golf", "golf golf golf", visible_to=("acme", "globex"), prices=(Price("acme", 2.0, "EUR"),)
)
OTHER = Signal("other", "Other secret", visible_to=("globex",))
PRICED = replace(SUV, prices=(Price("acme", 1.5, "USD"),))
SAID = frozenset({"visible_to", "prices"})


def said(signal):
    """Return the signal as of a file with both columns."""
    return replace(signal, told=SAID)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "signals.db", clock=FakeClock(1_700_000_000.0))


def tables(store):
    """Return all that is public, byte for byte."""
    with closing(sqlite3.connect(store.path)) as connection:
        queries = (
            "SELECT * FROM signals ORDER BY row",
            "SELECT * FROM signals_terms",
            "SELECT * FROM signals_fts_data",
        )
        meta = dict(connection.execute("SELECT key, value FROM meta WHERE key NOT IN ('sights', 'edition')").fetchall())
        return [connection.execute(query).fetchall() for query in queries], meta


def viewers(store):
    with closing(sqlite3.connect(store.path)) as connection:
        return dict(connection.execute("SELECT principal, version FROM viewers").fetchall())


def test_what_is_imported_comes_out_again_public_first(store):
    report = store.import_rows([SECRET, PRICED, GOLF, OTHER])

    assert (report.inserted, report.updated) == (4, 0)
    assert list(store.signals()) == [PRICED, GOLF, SECRET, OTHER]
    stats = store.stats()
    assert (stats.signals, stats.private, stats.priced_apart, stats.principals) == (2, 2, 2, 2)
    assert store.check() == []


def test_what_is_public_is_the_same_with_and_without_what_is_private(tmp_path):
    plain, other = (Store(tmp_path / name, clock=FakeClock(1_700_000_000.0)) for name in ("plain.db", "other.db"))
    plain.import_rows([SUV, GOLF, RAIN])
    other.import_rows([PRICED, SECRET, GOLF, OTHER, RAIN])

    assert tables(plain) == tables(other)
    assert plain.version == other.version


def test_a_private_import_moves_nothing_public_not_even_the_edition(store):
    store.import_rows([SUV, GOLF])
    before = tables(store)
    with closing(sqlite3.connect(store.path)) as connection:
        edition = connection.execute("SELECT value FROM meta WHERE key = 'edition'").fetchone()

    report = store.import_rows([PRICED, SECRET])

    assert (report.inserted, report.updated, report.unchanged) == (1, 1, 0)
    assert tables(store) == before
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'edition'").fetchone() == edition


def test_a_file_that_does_not_tell_changes_nobodys_sight(store):
    store.import_rows([PRICED, SECRET])

    report = store.import_rows(
        [replace(SUV, name="SUV shoppers"), replace(SECRET, name="New", visible_to=(), prices=())]
    )

    assert report.updated == 2
    kept = {signal.id: signal for signal in store.signals()}
    assert kept["suv"] == replace(PRICED, name="SUV shoppers")
    assert kept["secret"] == replace(SECRET, name="New")


def test_a_file_that_tells_makes_public_and_private(store):
    store.import_rows([PRICED, SECRET, GOLF])
    private_golf = replace(GOLF, visible_to=("acme",))

    report = store.import_rows([said(SUV), said(replace(SECRET, visible_to=(), prices=())), said(private_golf)])

    assert (report.inserted, report.updated, report.removed) == (0, 3, 0)
    assert set(store.signals()) == {SUV, replace(SECRET, visible_to=(), prices=()), private_golf}
    assert store.check() == []


def test_replacing_removes_what_the_file_does_not_name(store):
    store.import_rows([PRICED, SECRET, OTHER, GOLF])

    report = store.import_rows([GOLF, OTHER], replace=True)

    assert report.removed == 2
    assert list(store.signals()) == [GOLF, OTHER]
    assert viewers(store).keys() == {"globex"}
    assert store.check() == []


def test_the_version_of_a_viewer_is_of_what_it_sees_alone(store):
    store.import_rows([PRICED, SECRET, OTHER])
    before = viewers(store)

    store.import_rows([said(replace(SECRET, visible_to=("acme", "globex", "initech")))])
    assert {name: viewers(store)[name] for name in before} == before

    store.import_rows([said(replace(SECRET, visible_to=("acme", "globex"), prices=(Price("acme", 3.0, "EUR"),)))])
    after = viewers(store)
    assert after["globex"] == before["globex"]
    assert after["acme"] != before["acme"]

    store.import_rows([said(SECRET)])
    assert viewers(store) == before


def test_an_import_that_says_the_same_again_changes_nothing(store):
    store.import_rows([PRICED, SECRET])
    with closing(sqlite3.connect(store.path)) as connection:
        before = connection.execute("SELECT value FROM meta WHERE key = 'sights'").fetchone()

    report = store.import_rows([said(PRICED), said(SECRET)])

    assert (report.unchanged, report.updated) == (2, 0)
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'sights'").fetchone() == before


def test_a_bad_row_keeps_what_is_private_out_as_well(store):
    from service.catalogue.rows import BadRow

    store.import_rows([GOLF])
    assert not store.import_rows([SECRET, BadRow(3, "bad")]).written
    assert list(store.signals()) == [GOLF]


def test_a_check_finds_what_is_private_and_belongs_to_nothing(store):
    store.import_rows([SECRET])
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("DELETE FROM private_signals")
        connection.commit()

    assert store.check() == ["what is private does not match the signals"]


def an_older_catalogue(path, signals):
    """Make a database of the first schema."""
    Store(path).import_rows(signals)
    with closing(sqlite3.connect(path)) as connection:
        for table in ("private_signals", "sights", "viewers"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


def test_a_catalogue_of_the_first_schema_is_read_and_brought_up_to_date(tmp_path):
    path = tmp_path / "signals.db"
    an_older_catalogue(path, [GOLF])
    store = Store(path)

    assert list(store.signals()) == [GOLF]
    store.import_rows([SECRET])
    assert store.stats().private == 1


def test_a_catalogue_of_the_first_schema_that_cannot_be_written_is_served(tmp_path):
    path = tmp_path / "signals.db"
    an_older_catalogue(path, [GOLF])
    before = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection, schema.reading(path, 1, oldest=1):
        connection.execute("BEGIN IMMEDIATE")
        shelf = Shelf(path, first_wait_seconds=0.01)
        shelf.open()
        assert shelf.current().count == 1
        shelf.close()
        connection.execute("ROLLBACK")
    assert path.read_bytes() == before


class Served:
    """A shelf over a store."""

    def __init__(self, store):
        self.store, self.shelf = store, Shelf(store.path)
        self.shelf.open()

    def imports(self, *signals, **how):
        self.store.import_rows([said(signal) for signal in signals], **how)
        self.shelf.refresh()
        return self.shelf.current()


@pytest.fixture
def served(store):
    store.import_rows([PRICED, GOLF, SECRET, OTHER])
    served = Served(store)
    yield served
    served.shelf.close()


def test_a_viewer_sees_its_own_at_its_own_price_and_nobody_else_does(served):
    with served.shelf.borrow() as snapshot:
        acme, globex = (snapshot.seen_by(snapshot.viewer(name)) for name in ("acme", "globex"))
        assert snapshot.viewer("initech") == ""

        assert (acme.signal("secret").cpm, acme.signal("secret").currency) == (2.0, "EUR")
        assert (globex.signal("secret").cpm, acme.signal("other")) == (None, None)
        assert (acme.signal("suv").cpm, globex.signal("suv").cpm) == (1.5, 3.2)
        assert snapshot.signal("secret") is None
        assert [signal.id for signal in acme.overlay().own.values()] == ["secret"]
        assert acme.row_ids([*acme.overlay().own]) == ["secret"]
        assert [signal.visible_to for signal in acme.signals([*acme.overlay().own, 1])] == [(), ()]


def test_a_private_change_is_served_under_the_same_public_version(served):
    before = served.shelf.current()
    after = served.imports(replace(OTHER, name="Another name"))

    assert after is not before
    assert (after.version, after.edition, after.private) == (before.version, before.edition, 2)
    assert after.viewer("globex") != before.viewer("globex")
    assert after.viewer("acme") == before.viewer("acme")


def test_private_content_that_comes_back_under_other_row_numbers_is_another_viewer(served):
    before = served.shelf.current().viewer("globex")
    served.imports(replace(OTHER, visible_to=("acme",)), replace(SECRET, visible_to=("acme",)))
    assert served.shelf.current().viewer("globex") == ""
    served.imports(PRICED, GOLF, replace=True)

    served.imports(OTHER, SECRET)
    after = served.shelf.current().viewer("globex")

    assert after.startswith(before)
    assert after != before
