"""Readers of settings: what each takes, and the words with which it refuses the rest."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import reading
from service.reading import BadSetting, Rate

PORT = reading.whole(0, 65_535)
SECONDS = reading.number(0.1, 600)
LEVEL = reading.choice("debug", "info")
MANY = ",".join(map(str, range(201)))
READERS = [
    PORT,
    SECONDS,
    LEVEL,
    reading.size,
    reading.switch,
    reading.rate,
    reading.path,
    reading.host,
    reading.name,
    reading.token,
    reading.url,
    reading.origins,
    reading.words,
    reading.networks,
    reading.proxies,
]


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (PORT, "0", 0),
        (PORT, "65535", 65_535),
        (PORT, "+80", 80),
        (SECONDS, "0.1", 0.1),
        (SECONDS, "600", 600.0),
        (LEVEL, "INFO", "info"),
        (reading.size, "1024", 1024),
        (reading.size, "64k", 65_536),
        (reading.size, "32 MiB", 33_554_432),
        (reading.size, "64G", 64 * 1024**3),
        (reading.switch, "ON", True),
        (reading.switch, "yes", True),
        (reading.switch, "false", False),
        (reading.switch, "0", False),
        (reading.rate, "100/60", Rate(100, 60)),
        (reading.rate, "7", Rate(7, 60)),
        (reading.rate, "5/1", Rate(5, 1)),
        (reading.path, "a/b.db", Path("a/b.db")),
        (reading.host, "::1", "::1"),
        (reading.host, "my-host.internal", "my-host.internal"),
        (reading.name, "srv-abc:8000", "srv-abc:8000"),
        (reading.token, "8letters", "8letters"),
        (reading.url, "https://user@example.org:8443/a?b=c", "https://user@example.org:8443/a?b=c"),
        (reading.url, "http://[::1]:9/", "http://[::1]:9/"),
        (reading.origins, "https://A.example, http://localhost:3000", ("https://a.example", "http://localhost:3000")),
        (reading.origins, "*", ("*",)),
        (reading.words, " a b ,c,,a b", ("a b", "c")),
        (reading.networks, "10.0.0.1/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        (reading.proxies, "2", 2),
        (reading.proxies, "10.0.0.0/8", (ip_network("10.0.0.0/8"),)),
    ],
)
def test_good_texts_are_read(reader, text, value):
    assert reader(text) == value


@pytest.mark.parametrize(
    ("reader", "allowed", "texts"),
    [
        (PORT, "a whole number from 0 to 65535", ["-1", "65536", "80.0", "1e3", "8_000", "٣", "9" * 30, "x", "8 8"]),
        (SECONDS, "a number of seconds from 0.1 to 600", ["0", "601", "-1", "1e2", "nan", "inf", "1,5", ".5", "5."]),
        (LEVEL, "one of debug, info", ["trace", "1"]),
        (reading.size, "a size from 1k to 64g", ["1023", "65g", "-1", "1.5m", "12xb", "m", "9" * 20]),
        (reading.switch, "on or off", ["maybe", "2", "onn"]),
        (reading.rate, "requests/seconds such as 100/60", ["0/60", "9/0", "9/3601", "-1", "9/", "/60", "1/2/3", "x"]),
        (reading.path, "a path without NUL", ["a\0b"]),
        (reading.host, "an address or a host name", ["[::1]", "a b", "http://x", "a/b", "x" * 256, "hôte"]),
        (reading.name, "1 to 128 letters", ["a b", "x" * 129, "a\nX-Injected: 1", "é"]),
        (reading.token, "8 to 512 visible ASCII", ["short", "x" * 513, "two words", "pässword", "tab\tbed"]),
        (
            reading.url,
            "an http or https address",
            ["ftp://a", "example.org", "http://", "http://[", "http://a:99999", "http://a:0/", "http://a b", "http://a\n"],
        ),
        (reading.origins, "origins such as https://example.org", ["example.org", "null", "https://a/", "https://a b"]),
        (reading.words, "a comma separated list of at most 200 printable", [",", MANY, "x" * 1001, "a,\udcff"]),
        (reading.networks, "networks such as 10.0.0.0/8", ["10.0.0.0/33", "10", "x", ",", "1.2.3.4/8/8", "fe80::/129"]),
        (reading.proxies, "0, a number of hops up to 99, or networks", ["-1", "100", "1,2", "true", "1.5"]),
    ],
)  # fmt: skip
def test_bad_texts_are_refused_with_what_is_allowed(reader, allowed, texts):
    for text in texts:
        with pytest.raises(ValueError, match="^" + allowed[:30]) as refusal:
            reader(text)
        assert allowed in str(refusal.value)


@given(text=st.text(max_size=60), reader=st.sampled_from(READERS))
def test_any_text_is_read_or_refused_in_one_line_that_does_not_repeat_it(text, reader):
    try:
        reader(text)
    except ValueError as refusal:
        said = str(refusal)
        assert 0 < len(said.splitlines()) < 2
        assert len(text) < 4 or text not in said


def test_a_bad_setting_is_one_line_with_variable_value_and_what_is_allowed():
    refusal = BadSetting("PORT", "eighty\nthousand\x1b[31m", "a whole number")

    assert str(refusal) == "PORT='eighty\\nthousand\\x1b[31m' is not valid: it must be a whole number"
    assert refusal.variable == "PORT"


def test_a_long_value_is_shortened():
    assert len(str(BadSetting("WARM_QUERIES", "x" * 10_000, "shorter"))) < 150


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Rate(100, 60), "100/60"),
        (Path("state.db"), "state.db"),
        (Path("caf\udce9.db"), "caf?.db"),
        ((ip_network("10.0.0.0/8"), ip_network("::1")), ["10.0.0.0/8", "::1/128"]),
        (("a", "b"), ["a", "b"]),
        ((), []),
        (None, None),
        (True, True),
        (1.5, 1.5),
    ],
)
def test_a_value_is_shown_in_a_form_that_json_can_hold(value, shown):
    assert reading.shown(value) == shown


@pytest.mark.parametrize(
    ("quota", "processors"),
    [
        ("50000 100000\n", 1),
        ("100000 100000\n", 1),
        ("max 100000\n", None),
        ("99900000 100000\n", None),
        ("", None),
        ("100000", None),
        ("100000 0", None),
        ("rubbish", None),
    ],
)
def test_processors_follow_the_quota_of_the_container_else_the_cores(tmp_path, quota, processors):
    (tmp_path / "cpu.max").write_text(quota)
    cores = reading.processors(tmp_path / "missing")

    assert cores >= 1
    assert reading.processors(tmp_path / "cpu.max") == (processors or cores)


def test_a_quota_of_one_and_a_half_processors_counts_as_two(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")

    assert reading.processors(tmp_path / "cpu.max") == min(2, reading.processors(tmp_path / "missing"))
