import pytest

from dashboard.arguments import parse_options


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--once", "--watch"], "choose one of --once and --watch"),
        (["--web", "--replay", "x"], "choose one of --web and --replay"),
        (["--json"], "--json goes with --once or --watch"),
        (["--bell"], "--bell goes with --watch"),
        (["--port", "9000"], "--port goes with --web"),
        (["--record", "x", "--once"], "--record goes with the screen or with --watch"),
        (["--config", "x", "localhost"], "give URLs or --config, not both"),
        (["--replay", "x", "localhost"], "--replay brings its own targets"),
        (["--history-mb", "0"], "must be a whole number from 1 to 4000, not '0'"),
        (["--history-mb", "many"], "must be a whole number from 1 to 4000"),
        (["--web", "--port", "99999"], "must be a whole number from 1 to 65535"),
        (["--config", "/nowhere/fleet.toml"], "/nowhere/fleet.toml"),
        (["--onc"], "unrecognized arguments: --onc"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(capsys, arguments, words):
    with pytest.raises(SystemExit) as left:
        parse_options(arguments, {})

    assert left.value.code == 64
    told = capsys.readouterr().err.splitlines()
    assert words in told[0]
    assert told[1:] == ["Try: python -m dashboard --help"]


def test_the_options_of_recording_and_history_are_read():
    options = parse_options(["--watch", "--bell", "--json", "--record", "night.jsonl", "--history-mb", "5"], {})

    assert (options.watch, options.bell, options.json, options.record.name) == (True, True, True, "night.jsonl")
    assert options.history_bytes == 5_000_000


def test_a_replay_needs_no_target():
    options = parse_options(["--replay", "night.jsonl"], {})

    assert (options.replay.name, options.targets) == ("night.jsonl", ())


@pytest.mark.parametrize(("arguments", "port"), [([], None), (["--web"], 8080), (["--web", "--port", "9000"], 9000)])
def test_a_browser_is_served_only_when_asked_for(arguments, port):
    assert parse_options(arguments, {}).web == port


def test_help_has_every_option_and_examples(capsys):
    with pytest.raises(SystemExit) as left:
        parse_options(["--help"], {})

    told = capsys.readouterr().out
    assert left.value.code == 0
    assert "examples:" in told
    assert "exit codes of --once:" in told
    assert max(map(len, told.splitlines())) <= 120
