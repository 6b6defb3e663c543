import pytest
from hypothesis import given
from hypothesis import strategies as st

from keep_alive import address_of, main, parse_options

URL = "https://a.example"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example", "https://a.example"),
        ("  https://a.example/ ", "https://a.example"),
        ("a.example", "https://a.example"),
        ("A.Example:8443", "https://a.example:8443"),
        ("http://a.example///", "http://a.example"),
        ("https://a.example/app/", "https://a.example/app"),
        ("https://a.example/api/monitoring/health", "https://a.example"),
        ("https://a.example/app/health/", "https://a.example/app"),
        ("localhost", "http://localhost"),
        ("localhost:8000/", "http://localhost:8000"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("https://localhost", "https://localhost"),
        ("localhost.example", "https://localhost.example"),
        ("bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_is_completed_and_trimmed(text, url):
    assert address_of(text) == (url, None)


def test_user_and_password_are_taken_out_of_the_address():
    assert address_of("https://me:p%40ss@a.example/x/") == ("https://a.example/x", ("me", "p@ss"))
    assert address_of("me:secret@localhost:8000") == ("http://localhost:8000", ("me", "secret"))


@pytest.mark.parametrize(
    "text",
    [
        "ftp://a.example",
        "file:///etc/passwd",
        "https://",
        "https:/a.example",
        "https:a.example",
        "https://a.example:0",
        "https://a.example:99999",
        "https://a.example:x",
        "https://a.example/?q",
        "https://a.example/#x",
        "https://a b.example",
        "https://a.example/\x1b[2J",
        "https://a.example/\u202e",
        "https://[::1",
        "https://a.example\\@b.example",
    ],
)
def test_what_is_no_address_is_refused_in_one_line_that_says_what_is_allowed(text, capsys):
    with pytest.raises(SystemExit) as end:
        parse_options([text], {})

    told = capsys.readouterr().err
    assert end.value.code == 2
    assert "must be an http or https address" in told
    assert told.count("\n") == 1
    assert told[:-1].isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "ftp://me:s3cret@a.example",
        "https://me:s3cret/x@a.example",
        "https://me:1/s3cret@a.example",
        "me:s3cret x@a.example",
        "https://me@a.example:s3cret@x:y",
        "https://a.example/?token=s3cret",
        "https://a.example/#s3cret",
    ],
)
def test_no_refusal_shows_a_password(text, capsys):
    with pytest.raises(SystemExit) as end:
        parse_options([text], {})

    told = capsys.readouterr().err
    assert end.value.code == 2
    assert told.count("\n") == 1
    assert "s3cret" not in told


def test_an_address_in_the_wrong_place_shows_no_password(capsys):
    for arguments in ([URL, "https://me:s3cret@b.example"], [URL, "9", "https://me:s3cret@b.example"]):
        with pytest.raises(SystemExit):
            parse_options(arguments, {})
        assert "s3cret" not in capsys.readouterr().err


def test_defaults():
    options = parse_options([URL], {})

    assert (options.url, options.auth, options.interval, options.retries) == (URL, None, 300.0, 3)
    assert not (options.once or options.strict or options.json or options.quiet)


def test_the_environment_says_what_arguments_do_not():
    environ = {"RENDER_URL": "b.example", "KEEP_ALIVE_INTERVAL": "60", "KEEP_ALIVE_MAX_RETRIES": "0"}
    options = parse_options(["--once", "--strict", "--json", "--quiet"], environ)

    assert (options.url, options.interval, options.retries) == ("https://b.example", 60.0, 0)
    assert options.once and options.strict and options.json and options.quiet


def test_arguments_win_even_over_an_environment_that_cannot_be_meant():
    options = parse_options([URL, "90.5"], {"RENDER_URL": "::", "KEEP_ALIVE_INTERVAL": "soon"})

    assert (options.url, options.interval) == (URL, 90.5)


def test_an_empty_variable_is_as_good_as_none():
    environ = {"RENDER_URL": "b.example", "KEEP_ALIVE_INTERVAL": "", "KEEP_ALIVE_MAX_RETRIES": ""}

    assert parse_options([], environ).interval == 300.0
    assert parse_options([], environ).retries == 3


def test_a_number_alone_is_the_interval():
    assert parse_options(["60"], {"RENDER_URL": URL}).interval == 60.0


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        ([], {}, "no URL: give it as the first argument or in RENDER_URL"),
        ([], {"RENDER_URL": " "}, "no URL"),
        ([URL, "0"], {}, "SECONDS is '0': must be a number from 1 to 86400"),
        ([URL, "-5"], {}, "SECONDS is '-5': must be a number"),
        ([URL, "nan"], {}, "SECONDS is 'nan'"),
        ([URL, "1e3"], {}, "SECONDS is '1e3'"),
        ([URL, "86401"], {}, "SECONDS is '86401'"),
        ([URL, ""], {}, "SECONDS is ''"),
        ([URL, "٣"], {}, "SECONDS is '٣'"),
        ([URL], {"KEEP_ALIVE_INTERVAL": "soon"}, "KEEP_ALIVE_INTERVAL is 'soon': must be a number from 1 to 86400"),
        ([URL], {"KEEP_ALIVE_MAX_RETRIES": "1.5"}, "KEEP_ALIVE_MAX_RETRIES is '1.5': must be a whole number from 0 to"),
        ([URL], {"KEEP_ALIVE_MAX_RETRIES": "11"}, "KEEP_ALIVE_MAX_RETRIES is '11'"),
        ([URL], {"KEEP_ALIVE_MAX_RETRIES": "9" * 5000}, "KEEP_ALIVE_MAX_RETRIES is '999"),
        ([URL, "--strict"], {}, "--strict goes with --once"),
        ([URL, "--wat\x1b"], {}, "unrecognized arguments: --wat·"),
        ([URL, "9", "9"], {}, "unrecognized arguments: 9"),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_one_line(arguments, environ, told, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments, environ)

    said = capsys.readouterr().err
    assert end.value.code == 2
    assert told in said
    assert said.startswith("keep_alive.py: ")
    assert said.endswith("; try --help\n")
    assert said.count("\n") == 1


@given(st.text(max_size=40))
def test_any_text_is_an_address_without_secrets_or_refused(text):
    try:
        url, _ = address_of(text)
    except ValueError as error:
        assert str(error)
    else:
        assert url.startswith(("http://", "https://"))
        assert "@" not in url
        assert url.isascii()
        assert url.isprintable()
