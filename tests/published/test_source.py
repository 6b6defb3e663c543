"""The catalogue is what its publisher made it, and the last good one where that cannot be."""

import hashlib
import io
import json

import pytest

from service.catalogue.shelf import Shelf
from service.catalogue.store import Store
from service.published.file import Fetched, FetchFailed, Marks
from service.published.source import Listeners, Source
from tests.running import a_catalogue, csv_of

URL = "https://me:pa55@there.example/signals.csv?key=s3cret"


class Publication:
    """A file and its mark; ``fails`` is raised instead. Keeps the marks that it was asked with."""

    def __init__(self, body):
        self.body, self.fails, self.asked = body, None, []

    def __call__(self, known):
        self.asked.append(known)
        if self.fails:
            raise FetchFailed(self.fails)
        digest = hashlib.sha256(self.body).hexdigest()
        return None if known.etag == digest else Fetched(io.BytesIO(self.body), Marks(digest), digest, len(self.body))


class World:
    """A source over a real shelf, and what it told; ``again()`` is the same after a restart."""

    def __init__(self, folder, body):
        self.publication = Publication(body)
        self.notes, self.events, self.versions = [], [], []
        self.shelf = Shelf(folder / "signals.db", sample=None)
        self.shelf.open()
        self.source = self.again()

    def again(self, url=URL):
        def event(level, name, **fields):
            self.events.append((level, name, fields))

        load = lambda: self.notes[-1] if self.notes else None  # noqa: E731
        listeners = Listeners(event, self.versions.append)
        return Source(url, self.publication, self.shelf, load, self.notes.append, listeners)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path, csv_of(3))
    yield world
    world.shelf.close()


def test_the_published_file_is_what_is_served_and_nothing_else(world, tmp_path):
    Store(tmp_path / "signals.db").import_rows(a_catalogue(9, "old"))
    world.shelf.refresh()

    assert world.source.refresh() == "replaced"
    assert world.shelf.current().count == 3
    assert world.versions == [world.shelf.content()]
    assert [(level, name) for level, name, _ in world.events] == [("info", "catalogue_published")]


def test_the_same_file_is_asked_for_by_its_mark_and_not_imported_again(world):
    world.source.refresh()

    assert world.source.refresh() == "unchanged"
    assert world.publication.asked[1].etag == hashlib.sha256(csv_of(3)).hexdigest()
    assert world.again().refresh() == "unchanged"
    assert world.publication.asked[2] == world.publication.asked[1]
    assert len(world.versions) == 1


def test_what_somebody_else_imported_meanwhile_gives_way_to_what_is_published(world, tmp_path):
    world.source.refresh()
    Store(tmp_path / "signals.db").import_rows(a_catalogue(9, "other"))
    world.shelf.refresh()

    assert world.source.refresh() == "replaced"
    assert world.publication.asked[-1] == Marks()
    assert world.shelf.current().count == 3


def test_a_mark_of_another_address_says_nothing(world):
    world.source.refresh()

    world.again("https://elsewhere.example/signals.csv").refresh()

    assert world.publication.asked[-1] == Marks()


@pytest.mark.parametrize("bad", [b"nonsense", b"\xff\xfe\x00", b"id,name\na,A\nb,\n", b"id,name\n", b"", b'{"id": 1}'])
def test_a_bad_file_changes_nothing_is_said_once_and_is_not_read_twice(world, bad):
    world.source.refresh()
    good = world.shelf.content()
    world.publication.body = bad

    assert [world.source.refresh() for _ in range(3)] == ["refused"] * 3
    assert world.shelf.content() == good
    assert world.source.trouble() == "1 bad row in it: the log has the first"
    assert [name for level, name, _ in world.events if level == "error"] == ["catalogue_source"]
    assert world.publication.asked[-1].etag == hashlib.sha256(bad).hexdigest()


def test_one_bad_row_among_good_ones_is_told_by_its_line_to_the_log_alone(world):
    world.publication.body = csv_of(5) + b"bad id!,Secret name,\n"

    world.source.refresh()

    [(_, _, fields)] = world.events
    assert fields["reason"].startswith("line 7: ")
    assert world.source.trouble() == "1 bad row in it: the log has the first"


def test_a_sound_file_after_a_bad_one_makes_all_well_again_and_so_does_the_old_one(world):
    world.source.refresh()
    for body in (csv_of(4), csv_of(3)):
        world.publication.body = b"nonsense"
        world.source.refresh()
        world.publication.body = body
        assert world.source.refresh() in ("replaced", "unchanged")
        assert world.source.trouble() is None
    assert [fields["detail"] for _, name, fields in world.events if name == "catalogue_source"][1::2] == [
        "in order"
    ] * 2


def test_a_publisher_that_cannot_be_reached_is_said_once_and_the_last_good_one_is_served(world):
    world.source.refresh()
    world.publication.fails = "status 404"

    assert [world.source.refresh() for _ in range(2)] == ["failed"] * 2
    assert world.source.trouble() == "it could not be read: status 404"
    assert world.shelf.current().count == 3
    assert len([name for level, name, _ in world.events if level == "error"]) == 1
    world.publication.fails = None
    assert (world.source.refresh(), world.source.trouble()) == ("unchanged", None)


def test_a_database_that_cannot_be_written_is_tried_again_at_the_next_look(world, tmp_path):
    world.source.refresh()
    world.publication.body = csv_of(4)
    with Store(tmp_path / "signals.db")._writing() as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert world.source.refresh() == "failed"
        assert world.source.trouble() == "it could not be imported: Another import is under way."
        connection.execute("ROLLBACK")

    assert world.source.refresh() == "replaced"
    assert world.shelf.current().count == 4


@pytest.mark.parametrize("noted", ["nonsense", "[]", json.dumps({"other": 1}), json.dumps({"etag": 5})])
def test_a_note_of_another_version_is_passed_over(world, noted):
    world.notes.append(noted)

    assert world.again().refresh() == "replaced"


def test_how_the_looks_ended_is_counted(world):
    assert not world.source.looked
    world.source.refresh()
    world.source.refresh()
    world.publication.fails = "time-out"
    world.source.refresh()

    assert world.source.counts() == {"replaced": 1, "unchanged": 1, "failed": 1, "refused": 0}
    assert world.source.looked


def test_a_bad_file_is_still_bad_when_its_publisher_answers_again(world):
    world.publication.body = b"nonsense"
    world.source.refresh()
    bad = world.source.trouble()
    world.publication.fails = "status 503"
    world.source.refresh()
    world.publication.fails = None

    assert (world.source.refresh(), world.source.trouble()) == ("refused", bad)
