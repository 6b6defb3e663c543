"""Faults that were found in the running service, each with the rule that it broke."""

from __future__ import annotations

import argparse
import io
import json
import sqlite3
from contextlib import closing

import pytest

from service import __main__ as command_line
from service.app import build
from service.catalogue import __main__ as catalogue_command_line
from service.catalogue import schema
from service.catalogue.shelf import Shelf
from service.catalogue.shell import Shell
from service.catalogue.store import Store
from service.errors import Unavailable
from service.settings import Settings
from tests.catalogue.signals import GOLF, SUV


def catalogue(*arguments: str) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = catalogue_command_line.main(arguments, {}, io.StringIO(), stdout, stderr)
    return code, stdout.getvalue(), stderr.getvalue()


@pytest.mark.parametrize("variable", ["DATABASE_PATH", "STATE_PATH"])
@pytest.mark.parametrize("place", ["missing/file.db", "."])
@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_a_path_where_no_file_can_be_is_a_bad_setting(tmp_path, monkeypatch, capsys, variable, place, arguments):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv(variable, str(tmp_path / place))

    assert command_line.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{variable}=")
    assert said.count("\n") == 1


def test_a_read_only_folder_does_not_keep_its_catalogue_from_being_read(tmp_path):
    path = tmp_path / "signals.db"
    Store(path).import_rows([SUV])
    for left_over in ("-wal", "-shm"):
        path.with_name(path.name + left_over).unlink(missing_ok=True)

    with closing(sqlite3.connect(schema.address(path, writable_folder=False), uri=True)) as connection:
        assert connection.execute("SELECT id FROM signals").fetchall() == [(SUV.id,)]
        # What made it fail: files of a write-ahead log that cannot be made there.
        assert [*tmp_path.iterdir()] == [path]


def test_a_catalogue_with_a_write_ahead_log_is_never_read_without_it(tmp_path):
    path = tmp_path / "signals.db"
    path.with_name("signals.db-wal").write_bytes(b"log")

    assert "immutable" not in schema.address(path, writable_folder=False)
    assert "immutable" not in schema.address(tmp_path / "other.db", writable_folder=True)


def test_a_catalogue_that_could_not_be_made_says_why_and_is_made_once_it_can_be(tmp_path):
    clock = [1_000_000.0]
    folder = tmp_path / "later"
    shelf = Shelf(folder / "signals.db", clock=lambda: clock[0])
    shelf.open()
    assert shelf.trouble() == "signals.db: unable to open database file"

    folder.mkdir()
    clock[0] += 31
    assert shelf.refresh()
    assert shelf.current().sample
    shelf.close()


def test_an_import_that_cannot_be_written_says_when_to_try_again(tmp_path):
    path = tmp_path / "signals.db"
    Store(path).import_rows([SUV])
    shelf = Shelf(path)
    shelf.open()
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable) as refusal:
        shelf.publish([GOLF])
    shelf.close()

    assert ("Retry-After", "30") in refusal.value.headers


def test_a_start_without_a_catalogue_says_so_in_the_log(tmp_path):
    path = tmp_path / "signals.db"
    path.write_bytes(b"no database at all" * 100)
    values = {"PORT": "0", "METRICS_PORT": "0", "DATABASE_PATH": str(path), "STATE_PATH": str(tmp_path / "state.db")}
    output = io.BytesIO()
    service = build(Settings.from_env(values), output)

    assert service.run(ready=service.drain) == 0
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    (line,) = [line for line in lines if line["event"] == "catalogue"]
    assert (line["level"], line["path"]) == ("error", str(path))
    assert "damaged" in line["error"]


def test_skip_bad_is_not_recommended_for_a_file_that_is_bad_as_a_whole(tmp_path):
    database = ("--database", str(tmp_path / "signals.db"))
    headless, spotty = tmp_path / "headless.csv", tmp_path / "spotty.csv"
    headless.write_text("name\nSUV\n")
    spotty.write_text("id,name\n1,SUV\n2,\n")

    assert "--skip-bad" not in catalogue("import", str(headless), *database)[2]
    assert "--skip-bad" in catalogue("import", str(spotty), *database)[2]


def test_an_export_of_nothing_readable_writes_nothing(tmp_path):
    stdout = io.StringIO()
    options = argparse.Namespace(database=tmp_path / "none.db", format=None, output="-")
    with pytest.raises(schema.CatalogueError):
        Shell(options, io.StringIO(), stdout, io.StringIO()).export()

    assert stdout.getvalue() == ""
