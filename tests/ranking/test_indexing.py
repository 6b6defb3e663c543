"""The index beside a real database: built by a real child process, opened, swapped, damaged, and taught."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from service.catalogue.shelf import Shelf
from service.catalogue.store import Store
from service.messages import Brief
from service.ranking import building, shelved
from service.ranking.choice import Choice
from service.ranking.indexing import Indexer
from service.ranking.local import LocalRanker
from service.ranking.semantic import layout
from service.turns import Turns
from tests.ranking.library import a_signal
from tests.running import wait_for

CARS, WINE = a_signal("In market for cars", path=("Automotive",)), a_signal("Vineyard visitors", path=("Wine",))


class Bench:
    """A database on a shelf, with its indexer and ranker."""

    def __init__(self, folder, synonyms=None, **options):
        self.database = folder / "signals.db"
        Store(self.database).import_rows([CARS, WINE])
        self.shelf = Shelf(self.database)
        self.shelf.open()
        self.events = []
        self.indexer = Indexer(self.shelf.borrow, self.database, synonyms, self.hear, Turns(), **options)
        self.ranker = Choice(LocalRanker(), self.indexer.ready)

    def hear(self, level, event, **fields):
        del level
        self.events.append((event, fields))

    def names(self, spec):
        with self.shelf.borrow() as library:
            ranking = self.ranker.rank(library, Brief(spec))
            assert ranking.catalogue_version == library.version
            return [signal.name for signal in library.signals(ranking.rows)]

    def told(self):
        return [event for event, _ in self.events]

    def folders(self):
        return [path for path in self.database.parent.iterdir() if ".index-" in path.name]


@pytest.fixture
def bench(tmp_path):
    made = []

    def make(**options):
        made.append(Bench(tmp_path, **options) if not made else again(made[-1]))
        return made[-1]

    yield make
    for one in made:
        one.indexer.stop()
        one.shelf.close()


def again(bench):
    """The same database, looked at by another process so to speak."""
    other = Bench.__new__(Bench)
    other.database, other.events = bench.database, []
    other.shelf = Shelf(bench.database)
    other.shelf.open()
    other.indexer = Indexer(other.shelf.borrow, bench.database, None, other.hear, Turns())
    other.ranker = Choice(LocalRanker(), other.indexer.ready)
    return other


def test_full_text_answers_until_the_index_is_built_and_the_version_tells_of_the_change(bench):
    here = bench()
    before = here.shelf.current().version
    assert here.names("automobile") == []
    here.indexer.look()
    assert here.names("automobile") == [CARS.name]
    assert here.shelf.current().version != before
    assert here.told() == ["index_built", "index_ready"]
    assert len(here.folders()) == 1


def test_an_index_that_is_there_is_opened_not_built(bench):
    bench().indexer.look()
    other = bench()
    other.indexer.look()
    assert other.told() == ["index_ready"]
    assert other.names("automobile") == [CARS.name]


def test_a_new_catalogue_gets_a_new_index_and_the_old_one_is_swept(bench):
    here = bench()
    here.indexer.look()
    (old,) = here.folders()
    here.shelf.publish([a_signal("Golf weekends")])
    assert here.names("golfers") == ["Golf weekends"]
    here.indexer.look()
    assert here.names("automobile") == [CARS.name]
    assert here.names("tennis")[:1] == ["Golf weekends"]
    assert old not in here.folders()
    assert len(here.folders()) == 1


@pytest.mark.parametrize("damage", ["a byte", "a file", "the manifest"])
def test_a_damaged_index_is_built_anew(bench, damage):
    bench().indexer.look()
    other = bench()
    (folder,) = other.folders()
    manifest = folder / "manifest.json"
    if damage == "a byte":
        raw = bytearray((folder / "vectors.npy").read_bytes())
        raw[-1] ^= 1
        (folder / "vectors.npy").write_bytes(raw)
    elif damage == "a file":
        (folder / "impacts.npy").unlink()
    else:
        manifest.write_text("{")
    other.indexer.look()
    assert other.told() == ["index_damaged", "index_built", "index_ready"]
    assert other.names("automobile") == [CARS.name]


@pytest.mark.parametrize(
    ("where", "name", "value"), [(None, "format", 1), ("facts", "year", "1999"), ("facts", "vectors", "of before")]
)
def test_an_index_of_another_version_or_year_is_built_anew_and_called_no_damage(bench, where, name, value):
    bench().indexer.look()
    other = bench()
    (folder,) = other.folders()
    told = json.loads((folder / "manifest.json").read_text())
    (told[where] if where else told)[name] = value
    (folder / "manifest.json").write_text(json.dumps(told))
    other.indexer.look()
    assert other.told() == ["index_outdated", "index_built", "index_ready"]
    assert other.names("automobile") == [CARS.name]


def test_what_a_build_left_that_was_killed_is_swept(bench):
    here = bench()
    dead = here.database.parent / f"{here.database.name}.index-x.building-y"
    dead.mkdir()
    (dead / "docs.npy").write_bytes(b"half")
    here.indexer.look()
    assert not dead.exists()
    assert here.names("automobile") == [CARS.name]


def test_synonyms_are_read_live_and_change_the_version(bench, tmp_path):
    path = tmp_path / "synonyms.tsv"
    path.write_text("zork\tvineyard\n", encoding="utf-8")
    here = bench(synonyms=path)
    here.indexer.look()
    assert here.names("zork") == [WINE.name]
    before = here.shelf.current().version
    path.write_text("zork\tcars please\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    here.indexer.look()
    assert here.names("zork") == [CARS.name]
    assert here.shelf.current().version != before
    assert here.told().count("index_built") == 1
    path.unlink()
    here.indexer.look()
    assert "synonyms_unreadable" in here.told()
    assert here.names("zork") == [CARS.name]


def test_a_thread_of_its_own_looks_after_the_index_until_it_is_stopped(bench):
    here = bench()
    here.indexer.start()
    wait_for(lambda: here.names("automobile"))
    here.indexer.stop()
    assert here.indexer._thread is not None
    assert not here.indexer._thread.is_alive()


def test_a_build_that_fails_is_told_and_full_text_goes_on(bench, tmp_path):
    here = bench(root=tmp_path)  # where there is no program to run
    with pytest.raises(RuntimeError, match="the build ended with"):
        here.indexer.look()
    assert here.names("cars") == [CARS.name]


def test_a_catalogue_that_has_hardly_changed_gets_its_index_out_of_the_old_one(bench):
    here = bench()
    here.shelf.publish([a_signal(f"Golf weekends {number}") for number in range(40)])
    here.indexer.look()
    (old,) = here.folders()
    here.shelf.publish([a_signal("Tennis fans")])
    here.indexer.look()
    assert [fields["changed"] for event, fields in here.events if event == "index_built"] == [0, 1]
    assert here.names("tennis")[0] == "Tennis fans"
    assert old not in here.folders()
    assert len(here.folders()) == 1


DIES = """
import os, signal, sys
from pathlib import Path
from service.ranking import shelved
from service.ranking.building import build_apart
from service.ranking.semantic import layout

left = int(sys.argv[1])

def dying(step):
    def taken(*arguments, **more):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **more)
    return taken

layout.save, layout.seal, shelved.publish = map(dying, (layout.save, layout.seal, shelved.publish))
source, folder, base = map(Path, sys.argv[2:])
build_apart(source, folder, {}, base)
print("done", left)
"""


def test_a_kill_at_any_step_of_an_update_leaves_the_old_index_and_nothing_half_made(tmp_path):
    database, base, folder = tmp_path / "signals.db", tmp_path / "s.index-old", tmp_path / "s.index-new"
    store = Store(database)
    store.import_rows([a_signal(f"Golf weekends {number}") for number in range(40)])
    building.build_apart(database, base, {})
    store.import_rows([a_signal("Tennis fans")])

    def run(steps):
        command = [sys.executable, "-c", DIES, str(steps), str(database), str(folder), str(base)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    steps = 1000 - int(run(1000).stdout.split()[1])
    assert layout.facts(folder)["changed"] == 1
    shelved.discard(folder)
    assert steps > 8
    for step in (1, 2, steps // 2, steps - 1, steps):
        assert run(step).returncode == -signal.SIGKILL
        assert not folder.exists()
        layout.verify(base, {})
    shelved.sweep(folder, base)
    assert [path.name for path in tmp_path.glob("s.index-*")] == [base.name]
    building.build_apart(database, folder, {}, base)
    layout.verify(folder, {})
    assert layout.facts(folder)["changed"] == 1


def test_where_the_old_index_is_damaged_all_rows_are_read(tmp_path):
    database, base = tmp_path / "signals.db", tmp_path / "s.index-old"
    Store(database).import_rows([CARS, WINE])
    building.build_apart(database, base, {})
    (base / "docs.npy").write_bytes(b"half")
    folder = tmp_path / "s.index-new"
    building.build_apart(database, folder, {}, base)
    assert layout.facts(folder)["changed"] == 0
    layout.verify(folder, {})
