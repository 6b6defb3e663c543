"""The keys' command line: what it prints where, and its exit codes."""

import io
import json

import pytest

from service.keys.__main__ import main
from service.keys.token import id_of
from service.state import State
from tests.doubles import FakeClock

NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC


class Command:
    """Runs the command line over one file; keeps what it printed."""

    def __init__(self, path):
        self.path, self.clock = path, FakeClock(NOW)
        self.out, self.err = "", ""

    def __call__(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        code = main(arguments, {"STATE_PATH": str(self.path)}, out, err, self.clock)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code


@pytest.fixture
def command(tmp_path):
    return Command(tmp_path / "state.db")


def test_create_prints_the_key_alone_and_the_rest_beside_it(command):
    assert command("create", "Acme") == 0

    key_id = id_of(command.out.rstrip("\n"))
    assert key_id is not None
    assert key_id in command.err
    assert "cannot be shown again" in command.err


def test_list_shows_whose_keys_there_are_and_no_key(command):
    command("create", "acme", "--expires", "90d", "--rate-limit", "600/60")
    shown = command.out.strip()
    command("create", "globex", "--expires", "30m")
    command.clock.advance(3600)

    assert command("list") == 0

    title, *rows = (line.split() for line in command.out.splitlines())
    assert title == ["ID", "NAME", "STATE", "CREATED", "EXPIRES", "LIMIT"]
    assert rows[0] == [id_of(shown), "acme", "active", "2023-11-14", "2024-02-12", "22:13", "600/60"]
    assert rows[1][1:3] == ["globex", "expired"]
    assert shown not in command.out


def test_programs_get_json(command):
    command("create", "acme", "--json")
    made = json.loads(command.out)
    command("list", "--json")

    [listed] = json.loads(command.out)
    assert listed == {name: value for name, value in made.items() if name != "key"}
    assert (listed["created_at"], listed["expires_at"], listed["rate_limit"]) == ("2023-11-14T22:13:20Z", None, None)


@pytest.mark.parametrize("by", ["id", "key"])
def test_revoke_ends_a_key_by_its_id_or_by_the_whole_of_it(command, by):
    command("create", "acme", "--json")
    made = json.loads(command.out)

    assert command("revoke", made[by]) == 0
    assert made["id"] in command.out

    command("list", "--json")
    assert [key["state"] for key in json.loads(command.out)] == ["revoked"]


def test_revoking_what_is_not_there_is_1_in_one_line(command):
    command("create", "acme")

    assert command("revoke", "0123456789ab") == 1
    assert (command.out, command.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("arguments", [("list",), ("revoke", "0123456789ab")])
def test_a_file_that_is_not_there_is_not_made_by_looking(command, arguments):
    assert command(*arguments) == 2

    assert "does not exist" in command.err
    assert not command.path.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("create",),
        ("create", "a b"),
        ("create", "acme", "--expires", "2020-01-01"),
        ("create", "acme", "--expires", "0d"),
        ("create", "acme", "--expires", "999999999d"),
        ("create", "acme", "--expires", "soon"),
        ("create", "acme", "--rate-limit", "0"),
        ("destroy", "acme"),
    ],
)
def test_wrong_usage_is_2_and_makes_nothing(command, arguments, capsys):
    assert command(*arguments) == 2
    assert "error:" in capsys.readouterr().err
    assert not command.path.exists()


def test_a_file_that_cannot_be_written_is_2_in_one_line(tmp_path):
    command = Command(tmp_path)

    assert command("create", "acme") == 2
    assert command.out == ""
    assert (command.err.count("error:"), command.err.count("\n")) == (1, 1)


def test_a_date_is_the_beginning_of_its_day_in_utc(command):
    command("create", "acme", "--expires", "2027-01-31", "--json")

    assert json.loads(command.out)["expires_at"] == "2027-01-31T00:00:00Z"


def test_a_key_of_the_command_line_is_one_of_the_service(command):
    command("create", "acme", "--rate-limit", "600")
    state = State(command.path, command.clock, print)
    state.open()

    [key] = state.keys.all()

    assert (key.principal.name, key.rate) == ("acme", (600, 60))
    state.close()
