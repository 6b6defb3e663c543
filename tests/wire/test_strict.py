import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import HeaderFieldsTooLarge, InvalidInput, Refused
from service.wire.strict import FIELD_LIMIT, parse_fields, parse_head

TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^`|~", min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20).map(lambda v: v.strip(" \t"))
FRAMING = {"host", "content-length", "transfer-encoding"}


def head(first="GET /a HTTP/1.1", *lines):
    return "\r\n".join([first, "Host: x", *lines]).encode("latin-1")


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda tail: head() + b"\r\n" + tail)))
def test_any_bytes_are_read_or_refused(block):
    try:
        parsed = parse_head(block)
    except Refused:
        return
    assert parsed.path == "*" or (parsed.path.startswith("/") and not parsed.path.startswith("//"))
    assert not (parsed.chunked and parsed.length)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TOKENS.filter(lambda name: name not in FRAMING), VALUES, max_size=8))
def test_headers_are_read_back_as_they_were_written(fields):
    parsed = parse_head(head("GET /a HTTP/1.1", *(f"{name.upper()}: {value}\t " for name, value in fields.items())))

    assert parsed.headers == {"host": "x", **fields}


def test_a_head_tells_target_path_query_and_peer():
    parsed = parse_head(head("POST //a%2Db%C3%A4?q=%20&r HTTP/1.1", "Content-Length: 12"), peer="10.0.0.1")

    assert (parsed.method, parsed.version, parsed.peer) == ("POST", "1.1", "10.0.0.1")
    assert (parsed.target, parsed.path, parsed.query) == ("//a%2Db%C3%A4?q=%20&r", "/a-bÃ¤", "q=%20&r")
    assert (parsed.length, parsed.chunked) == (12, False)


def test_a_path_is_the_same_however_many_slashes_it_starts_with():
    paths = {parse_head(head(f"GET {path} HTTP/1.1")).path for path in ("/a", "//a", "/%61", "///a", "http://x//a")}

    assert paths == {"/a"}


def test_repeated_lines_are_joined():
    assert parse_fields(["Accept: a", "ACCEPT:b"]) == {"accept": "a, b"}


def test_an_absolute_target_may_name_the_default_port_or_not():
    for target, host in (("http://x:80/a", "x"), ("http://x/a", "x:80"), ("HTTPS://X:443/a", "x")):
        block = f"GET {target} HTTP/1.1\r\nHost: {host}".encode()
        assert parse_head(block).path == "/a"


def test_an_absolute_target_stands_alone_in_http_1_0():
    assert parse_head(b"GET http://x/a?b HTTP/1.0").query == "b"


@pytest.mark.parametrize(
    "target", ["http://y/a", "http://x:81/a", "https://x:80/a", "http://x@x/a", "http://x y/a", "x"]
)
def test_an_absolute_target_may_not_name_another_host(target):
    with pytest.raises(InvalidInput):
        parse_head(head(f"GET {target} HTTP/1.1"))


def test_the_number_of_header_lines_is_bounded():
    assert len(parse_fields([f"x{n}: a" for n in range(FIELD_LIMIT)])) == FIELD_LIMIT
    with pytest.raises(HeaderFieldsTooLarge):
        parse_fields(["x: a"] * (FIELD_LIMIT + 1))
