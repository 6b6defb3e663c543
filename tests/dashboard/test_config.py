import pytest

from dashboard.arguments import parse_options
from dashboard.config import DEFAULT_URL, Target, clean_url, is_loopback, name_of, open_token_warning


def refused(capsys, arguments, environ=None):
    with pytest.raises(SystemExit) as left:
        parse_options(arguments, environ or {})
    assert left.value.code == 64
    return capsys.readouterr().err


def test_without_arguments_the_local_service_is_watched():
    options = parse_options([], {})
    assert options.targets == (Target("localhost:8000", DEFAULT_URL, None, 1.0),)
    assert (options.once, options.json, options.warnings) == (False, False, ())


def test_every_option_is_read():
    environ = {"PROD_TOKEN": " s3cret \n"}
    options = parse_options(["--once", "--json", "--interval", "5", "--token-env", "PROD_TOKEN", "a:1", "b:2"], environ)
    assert options.targets == (Target("a:1", "http://a:1", "s3cret", 5.0), Target("b:2", "http://b:2", "s3cret", 5.0))
    assert (options.once, options.json) == (True, True)


def test_the_same_url_twice_is_one_target():
    assert len(parse_options(["localhost:8000", "http://localhost:8000/"], {}).targets) == 1


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("8000", "http://localhost:8000"),
        (":8000", "http://localhost:8000"),
        ("signals.example.com", "http://signals.example.com"),
        ("https://signals.example.com/", "https://signals.example.com"),
        ("https://example.com/signals//", "https://example.com/signals"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_made_a_url(text, url):
    assert clean_url(text) == url


@pytest.mark.parametrize(
    "text", ["", "ftp://x", "http://", "http://a b", "http://x:99999", "http://x\x1b", "http://[x", "x:0"]
)
def test_what_is_no_address_of_a_web_server_is_refused(text):
    with pytest.raises(ValueError, match="is not a URL"):
        clean_url(text)


@pytest.mark.parametrize("text", ["http://me:pw@x", "http://x?a=1", "http://x#y"])
def test_a_url_has_no_user_query_or_fragment_and_no_password_is_repeated(text):
    with pytest.raises(ValueError, match="without user, query and fragment") as refusal:
        clean_url(text)
    assert "pw" not in str(refusal.value)


def test_what_cannot_be_meant_is_said_in_a_line(capsys):
    assert "--json goes with --once" in refused(capsys, ["--json"])
    assert "0.2 to 3600" in refused(capsys, ["--interval", "0"])
    assert "0.2 to 3600" in refused(capsys, ["--interval", "soon"])
    assert "is not a URL" in refused(capsys, ["ftp://x"])
    assert "PROD" in refused(capsys, ["--token-env", "PROD"])
    assert "printable ASCII" in refused(capsys, [], {"OPERATOR_TOKEN": "ü"})
    assert "--help" in refused(capsys, ["--wat"])


def test_help_explains_with_examples_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as left:
        parse_options(["--help"], {})
    told = capsys.readouterr().out
    assert left.value.code == 0
    for word in ("--once", "--json", "--interval", "--token-env", "OPERATOR_TOKEN", "examples:", "exit codes"):
        assert word in told


def test_a_token_over_plain_http_to_another_host_is_warned_of():
    assert "plain http" in open_token_warning(Target("t", "http://10.0.0.7", "s3cret"))
    assert open_token_warning(Target("t", "https://10.0.0.7", "s3cret")) is None
    assert open_token_warning(Target("t", "http://127.0.0.1:8000", "s3cret")) is None
    assert open_token_warning(Target("t", "http://10.0.0.7")) is None
    assert len(parse_options(["http://10.0.0.7", "localhost"], {"OPERATOR_TOKEN": "s3cret"}).warnings) == 1


def test_this_machine_has_many_names():
    assert all(map(is_loopback, ("http://localhost", "http://127.8.0.1", "http://[::1]:1", "http://a.localhost")))
    assert not any(map(is_loopback, ("http://10.0.0.1", "http://localhost.example.com")))


def test_a_target_is_called_by_host_port_and_path():
    assert name_of("https://example.com:8443/signals") == "example.com:8443/signals"
