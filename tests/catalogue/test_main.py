from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from service.catalogue import shell
from service.catalogue.__main__ import main
from service.catalogue.rows import BadRow
from service.catalogue.store import Store
from tests.catalogue.signals import GOLF, RAIN, SUV


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Command:
    """Runs the command line in a folder of its own; keeps what it printed."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.store = Store(folder / "signals.db")
        self.out, self.err = "", ""

    def __call__(self, *arguments: str, stdin: io.TextIOBase | None = None, terminal: bool = False) -> int:
        out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
        environ = {"DATABASE_PATH": str(self.store.path)}
        code = main(arguments, environ, stdin or io.StringIO(), out, err)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content)
        return str(self.folder / name)


@pytest.fixture
def command(tmp_path) -> Command:
    return Command(tmp_path)


def test_an_import_prints_one_line_and_names_the_version(command):
    assert command("import", command.file("a.csv", "id,name\nsuv,SUV\n")) == 0
    assert command.out.startswith("1 new, 0 changed, 0 removed, 0 as before in 0.")
    assert command.out.endswith(f"version {command.store.version}\n")
    assert command.err == ""


def test_who_forgets_to_replace_is_told_that_other_signals_stay(command):
    command.store.import_rows([GOLF, RAIN])
    file = command.file("a.csv", "id,name\nsuv,SUV\n")

    assert command("import", file) == 0
    assert "2 other signals stay" in command.err
    assert command("import", file, "--replace") == 0
    assert command.err == ""
    assert command.store.stats().signals == 1


def test_bad_rows_are_printed_as_compilers_do_and_nothing_is_imported(command):
    file = command.file("a.csv", "id,name,cpm\na,A,1\nb,B,-1\n")

    assert command("import", file) == 1
    assert command.err.splitlines()[0] == f"{file}:3: cpm '-1' is not a finite number from 0 up"
    assert "--skip-bad imports the good rows" in command.err
    assert command("import", file, "--skip-bad") == 0
    assert ", 1 bad rows skipped in" in command.out
    assert command.store.stats().signals == 1


def test_the_first_twenty_bad_rows_are_printed_and_the_others_counted(command):
    file = command.file("a.csv", "id,name\n" + ",x\n" * 25)

    assert command("check", file) == 1
    assert len(command.err.splitlines()) == shell.SHOWN_BAD + 1
    assert command.err.endswith("and 5 more bad rows\n")
    assert command.out == "0 good rows, 25 bad\n"


def test_checking_a_file_writes_nothing(command, monkeypatch):
    monkeypatch.setattr(shell, "PROGRESS_ROWS", 1)

    assert command("check", command.file("a.jsonl", '{"id":"a","name":"A"}')) == 0
    assert command.out == "1 good rows, 0 bad\n"
    assert not command.store.path.exists()


def test_standard_input_is_read_as_utf_8_whatever_the_locale_says(command):
    piped = io.TextIOWrapper(io.BytesIO('{"id":"cafe","name":"Café"}'.encode()), encoding="ascii")

    assert command("import", "-", stdin=piped) == 0
    assert command("import", "-", "--format", "csv", stdin=io.StringIO("id,name\nb,B\n")) == 0
    assert [signal.name for signal in command.store.signals()] == ["Café", "B"]


@pytest.mark.parametrize("name", ["all.csv", "all.jsonl"])
def test_an_export_can_be_imported_again(command, name):
    command.store.import_rows([SUV, GOLF])
    version, output = command.store.version, str(command.folder / name)

    assert command("export", "--output", output) == 0
    assert command.err == f"2 signals written to {output}\n"
    command.store.import_rows([RAIN], replace=True)
    assert command("import", output, "--replace") == 0
    assert command.store.version == version


def test_an_export_goes_to_standard_output_and_may_be_cut_short(command):
    command.store.import_rows([SUV])
    assert command("export") == 0
    assert command.out.startswith("id,name,description,")
    assert command("export", "--format", "jsonl") == 0
    assert command.out.startswith('{"id": "suv"')

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    environ = {"DATABASE_PATH": str(command.store.path)}
    assert main(["export"], environ, io.StringIO(), Closed(), io.StringIO()) == 0


def test_an_export_that_fails_leaves_the_older_file(command):
    output = command.folder / "all.csv"
    output.write_text("older")

    assert command("export", "--output", str(output)) == 2
    assert [path.name for path in command.folder.iterdir()] == ["all.csv"]
    assert output.read_text() == "older"


def test_stats_say_what_the_catalogue_holds(command):
    command.store.import_rows([SUV, GOLF], sample=True)

    assert command("stats") == 0
    assert "signals:        2\n" in command.out
    assert "sample data:    yes\n" in command.out
    assert "kinds:          audience 1, contextual 1\n" in command.out


def test_the_database_is_checked_without_a_file(command):
    command.store.import_rows([SUV])
    assert command("check") == 0
    assert command.out.endswith("1 signals, all sound\n")

    with closing(sqlite3.connect(command.store.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM signals")
    assert command("check") == 1
    assert "the version does not match" in command.err


def test_progress_is_shown_only_where_a_person_watches(command):
    file = command.file("a.csv", "id,name\na,A\n")

    assert command("import", file, terminal=True) == 0
    assert "\r1 rows, " in command.err
    assert command("import", file) == 0
    assert command.err == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["import", "nowhere.csv"], "No such file"),
        (["stats"], "does not exist"),
        (["check"], "does not exist"),
        (["export"], "does not exist"),
    ],
)
def test_what_cannot_be_read_ends_with_2_and_one_line(command, arguments, reason):
    assert command(*arguments) == 2
    assert command.err.startswith("error: ")
    assert reason in command.err
    assert command.err.count("\n") == 1


def test_wrong_usage_ends_with_2_and_help_with_0(command, capsys):
    assert command("frobnicate") == 2
    assert command() == 2
    assert command("--help") == 0
    assert "python -m service.catalogue import --replace full.jsonl" in capsys.readouterr().out


def test_it_runs_as_a_module_and_asks_the_environment_for_the_database(tmp_path):
    environ = os.environ | {"DATABASE_PATH": str(tmp_path / "signals.db")}
    done = subprocess.run(
        [sys.executable, "-m", "service.catalogue", "import", "-"],
        input=b"id,name\na,A\n",
        capture_output=True,
        env=environ,
        timeout=30,
        check=True,
    )

    assert done.stdout.startswith(b"1 new")


def test_a_report_of_many_bad_rows_is_bounded(command, monkeypatch):
    monkeypatch.setattr(shell, "BAD_LIMIT", 2)
    told: list[BadRow] = []
    monkeypatch.setattr(shell.Shell, "_tell_bad", lambda self, bad, count: told.extend(bad))

    assert command("check", command.file("a.csv", "id,name\n" + ",x\n" * 5)) == 1
    assert len(told) == 2
