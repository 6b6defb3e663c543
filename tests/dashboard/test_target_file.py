"""The file of targets: what it may say, and that whatever is wrong is one sentence that names the entry."""

import pytest

from dashboard.arguments import parse_options
from dashboard.config import Target
from dashboard.target_file import TARGETS_AT_MOST, read_targets


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "fleet.toml"

    def write(text, environ=None, interval=1.0, token=None):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return read_targets(path, environ or {}, interval, token)

    write.path = path
    return write


def test_each_target_has_what_it_says_and_else_what_holds_for_all(written):
    targets, warnings = written(
        """
        interval = 2
        token_env = "ALL"
        [[target]]
        url = "https://signals.example.com/"
        name = "production"
        token_env = "PROD"
        interval = 0.5
        [[target]]
        url = "8000"
        [[target]]
        url = "b:1"
        token = "own-token"
        """,
        {"ALL": "for-all", "PROD": " for-prod "},
    )

    assert targets == (
        Target("production", "https://signals.example.com", "for-prod", 0.5),
        Target("localhost:8000", "http://localhost:8000", "for-all", 2.0),
        Target("b:1", "http://b:1", "own-token", 2.0),
    )
    assert warnings == ()


def test_what_the_command_line_says_holds_where_the_file_says_nothing(written):
    targets, _ = written('[[target]]\nurl = "a:1"', interval=5.0, token="from-outside")

    assert targets == (Target("a:1", "http://a:1", "from-outside", 5.0),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no [[target]]"),
        ("target = 3", "has no [[target]]"),
        ("target = [3]", "has no [[target]]"),
        ("[[target]", "is not TOML"),
        ("a = " + "[" * 3000, "is not TOML"),
        ('[[target]]\nurl = "a:1"\n[[target]]', "target 2: url is missing"),
        ('[[target]]\nurl = ""', "target 1: url must be a text"),
        ("[[target]]\nurl = 5", "target 1: url must be a text"),
        ('[[target]]\nurl = "ftp://a"', "target 1 ('ftp://a'): 'ftp://a' is not a URL"),
        ('[[target]]\nurl = "a:1"\nname = "x"\ninterval = "soon"', "target 1 ('x'): interval must be a number"),
        ('[[target]]\nurl = "a:1"\ninterval = true', "interval must be a number"),
        ('interval = 0\n[[target]]\nurl = "a:1"', "fleet.toml: interval must be a number"),
        ('[[target]]\nurl = "a:1"\ntoken_env = "NONE"', "token_env NONE: there is no such environment variable"),
        ('[[target]]\nurl = "a:1"\ntoken_env = "A"\ntoken = "b"', "give token or token_env, not both"),
        ('[[target]]\nurl = "a:1"\ntoken = "\u00fc"', "must be printable ASCII"),
        ('[[target]]\nurl = "a:1"\ncolour = 1', "there is no 'colour'; known are url, name"),
        ('[[targets]]\nurl = "a:1"', "there is no 'targets'"),
        ('[[target]]\nurl = "a:1"\n[[target]]\nurl = "http://a:1/"\nname = "b"', "targets 1 and 2 have the same url"),
        ('[[target]]\nurl = "a:1"\nname = "x"\n[[target]]\nurl = "b:1"\nname = "x"', "have the same name: 'x'"),
    ],
)
def test_what_is_wrong_is_one_sentence(written, text, words):
    with pytest.raises(ValueError, match=r"fleet\.toml") as refusal:
        written(text)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_there_are_bounds(written, tmp_path):
    with pytest.raises(ValueError, match=f"at most {TARGETS_AT_MOST}"):
        written("".join(f'[[target]]\nurl = "a:{port}"\n' for port in range(1, TARGETS_AT_MOST + 2)))
    with pytest.raises(ValueError, match="too large"):
        written("#" * 1_000_001)
    with pytest.raises(ValueError, match="No such file"):
        read_targets(tmp_path / "gone.toml", {}, 1.0, None)


def test_a_token_that_others_can_read_is_warned_of(written):
    written('[[target]]\nurl = "a:1"\ntoken = "secret"')
    written.path.chmod(0o644)

    _, warnings = read_targets(written.path, {}, 1.0, None)
    assert "chmod 600" in warnings[0]
    assert "secret" not in warnings[0]


def test_the_command_line_takes_the_file(written, capsys):
    written('[[target]]\nurl = "a:1"')
    assert [target.name for target in parse_options(["--config", str(written.path)], {}).targets] == ["a:1"]

    written.path.write_text("nonsense")
    with pytest.raises(SystemExit) as left:
        parse_options(["--config", str(written.path)], {})
    assert left.value.code == 64
    assert "is not TOML" in capsys.readouterr().err
