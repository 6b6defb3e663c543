"""What the server makes of bytes on the wire, one connection a row: refused with one 400 and closed, or answered."""

import pytest

from tests.serving import BODY_LIMIT, serving, statuses

GET = b"GET /a HTTP/1.1\r\n"
POST = b"POST /a HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CLOSE = b"Connection: close\r\n"
LAST = b"0\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

REFUSED = [
    ("content-length with transfer-encoding", POST + HOST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n" + LAST + b"G"),
    ("transfer-encoding with content-length", POST + HOST + CHUNKED + b"Content-Length: 6\r\n\r\n" + LAST + b"G"),
    ("transfer-encoding twice", POST + HOST + CHUNKED + CHUNKED + b"\r\n" + LAST),
    ("transfer-encoding xchunked", POST + HOST + b"Transfer-Encoding: xchunked\r\n\r\n" + LAST),
    ("transfer-encoding identity", POST + HOST + b"Transfer-Encoding: identity\r\n\r\n"),
    ("transfer-encoding empty", POST + HOST + b"Transfer-Encoding:\r\n\r\n" + LAST),
    ("transfer-encoding chunked, identity", POST + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + LAST),
    ("transfer-encoding gzip, chunked", POST + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + LAST),
    ("transfer-encoding with vertical tab", POST + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + LAST),
    ("transfer-encoding with HTTP/1.0", b"POST /a HTTP/1.0\r\n" + CHUNKED + b"\r\n" + LAST),
    ("content-length twice, same", POST + HOST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab"),
    ("content-length twice, different", POST + HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
    ("content-length list", POST + HOST + b"Content-Length: 2, 2\r\n\r\nab"),
    ("content-length +2", POST + HOST + b"Content-Length: +2\r\n\r\nab"),
    ("content-length -1", POST + HOST + b"Content-Length: -1\r\n\r\nab"),
    ("content-length 0x2", POST + HOST + b"Content-Length: 0x2\r\n\r\nab"),
    ("content-length empty", POST + HOST + b"Content-Length:\r\n\r\nab"),
    ("content-length in other digits", POST + HOST + b"Content-Length: \xb2\r\n\r\nab"),
    ("no host", GET + b"\r\n"),
    ("two hosts", GET + b"Host: a\r\nHost: b\r\n\r\n"),
    ("two equal hosts", GET + HOST + HOST + b"\r\n"),
    ("host empty", GET + b"Host:\r\n\r\n"),
    ("host with comma", GET + b"Host: a,b\r\n\r\n"),
    ("host with space", GET + b"Host: a b\r\n\r\n"),
    ("host with userinfo", GET + b"Host: user@a\r\n\r\n"),
    ("host with path", GET + b"Host: a/b\r\n\r\n"),
    ("host with bad port", GET + b"Host: a:b\r\n\r\n"),
    ("host not ASCII", GET + b"Host: \xe9\r\n\r\n"),
    ("host with control", GET + b"Host: a\x01\r\n\r\n"),
    ("folded header", GET + HOST + b"X-A: b\r\n c\r\n\r\n"),
    ("folded first header", GET + b" Host: x\r\n\r\n"),
    ("space before colon", GET + HOST + b"X-A : b\r\n\r\n"),
    ("header without colon", GET + HOST + b"X-A\r\n\r\n"),
    ("header without name", GET + HOST + b": b\r\n\r\n"),
    ("header name no token", GET + HOST + b"X(A): b\r\n\r\n"),
    ("header name not ASCII", GET + HOST + b"X-\xe9: b\r\n\r\n"),
    ("bare LF inside a header", GET + HOST + b"X: a\nY: b\r\n\r\n"),
    ("bare CR inside a header", GET + HOST + b"X: a\rY: b\r\n\r\n"),
    ("NUL in a header", GET + HOST + b"X: a\0b\r\n\r\n"),
    ("DEL in a header", GET + HOST + b"X: a\x7fb\r\n\r\n"),
    ("bare LF line ends", b"GET /a HTTP/1.1\nHost: x\n\n"),
    ("bare LF behind the request line", b"GET /a HTTP/1.1\nHost: x\r\n\r\n"),
    ("leading bare LF", b"\n" + GET + HOST + b"\r\n"),
    ("bare CR line ends", b"GET /a HTTP/1.1\rHost: x\r\r"),
    ("HTTP/0.9", b"GET /a\r\n\r\n"),
    ("HTTP/1.2", b"GET /a HTTP/1.2\r\n" + HOST + b"\r\n"),
    ("HTTP/9.9", b"GET /a HTTP/9.9\r\n" + HOST + b"\r\n"),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("version in lower case", b"GET /a http/1.1\r\n" + HOST + b"\r\n"),
    ("lower-case method", b"get /a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("method no token", b"G@T /a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("two spaces in the request line", b"GET  /a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("space behind the request line", b"GET /a HTTP/1.1 \r\n" + HOST + b"\r\n"),
    ("space in the target", b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("tab in the target", b"GET /a\tb HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("control in the target", b"GET /a\x01 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("raw UTF-8 in the target", "GET /ä HTTP/1.1\r\n".encode() + HOST + b"\r\n"),
    ("fragment in the target", b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("target without slash", b"GET a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("asterisk for GET", b"GET * HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("CONNECT", b"CONNECT x:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("absolute target of another host", b"GET http://y/a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("absolute target with userinfo", b"GET http://u@x/a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("absolute target of another scheme", b"GET ftp://x/a HTTP/1.1\r\n" + HOST + b"\r\n"),
    ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("chunk size 0x5", POST + HOST + CHUNKED + b"\r\n0x5\r\nhello\r\n" + LAST),
    ("chunk size with line feed", POST + HOST + CHUNKED + b"\r\n5\n\r\nhello\r\n" + LAST),
    ("chunk size with space before", POST + HOST + CHUNKED + b"\r\n 5\r\nhello\r\n" + LAST),
    ("chunk size signed", POST + HOST + CHUNKED + b"\r\n+5\r\nhello\r\n" + LAST),
    ("chunk extension with bare LF", POST + HOST + CHUNKED + b"\r\n5;a\nhello\r\n" + LAST),
    ("chunk longer than its size", POST + HOST + CHUNKED + b"\r\n5\r\nhelloX\r\n" + LAST),
    ("empty line between chunks", POST + HOST + CHUNKED + b"\r\n5\r\nhello\r\n\r\n" + LAST),
    ("trailer with bare LF", POST + HOST + CHUNKED + b"\r\n0\r\nX: a\nY: b\r\n\r\n"),
]

ANSWERED = [
    ("plain GET", GET + HOST + CLOSE + b"\r\n", b"/a 0"),
    ("lower-case header names", GET + b"host: x\r\nconnection: close\r\n\r\n", b"/a 0"),
    ("close among other options", GET + HOST + b"Connection: Close, TE\r\n\r\n", b"/a 0"),
    ("HTTP/1.0 without host", b"GET /a HTTP/1.0\r\n\r\n", b"/a 0"),
    ("empty lines before the request", b"\r\n\r\n" + GET + HOST + CLOSE + b"\r\n", b"/a 0"),
    ("slashes doubled", b"GET //a HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b"/a 0"),
    ("path escaped", b"GET /%61 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b"/a 0"),
    ("absolute target of the same host", b"GET http://X:80/a HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b"/a 0"),
    ("absolute target without path", b"GET http://x HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b"/ 0"),
    ("asterisk for OPTIONS", b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b"* 0"),
    ("host with port", GET + b"Host: a.example:8000\r\n" + CLOSE + b"\r\n", b"/a 0"),
    ("host IPv6", GET + b"Host: [::1]:8000\r\n" + CLOSE + b"\r\n", b"/a 0"),
    ("header value not ASCII", GET + HOST + b"User-Agent: \xe9\r\n" + CLOSE + b"\r\n", b"/a 0"),
    ("body", POST + HOST + CLOSE + b"Content-Length: 2\r\n\r\nab", b"/a 2"),
    ("body of length 0", POST + HOST + CLOSE + b"Content-Length: 0\r\n\r\n", b"/a 0"),
    (
        "body at the limit",
        POST + HOST + CLOSE + b"Content-Length: %d\r\n\r\n" % BODY_LIMIT + b"x" * BODY_LIMIT,
        b"65536",
    ),
    ("chunked body", POST + HOST + CLOSE + CHUNKED + b"\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nX: y\r\n\r\n", b"/a 6"),
    ("chunked in capitals", POST + HOST + CLOSE + b"Transfer-Encoding: Chunked\r\n\r\n" + LAST, b"/a 0"),
]

TOO_MUCH = [
    ("header of 20 kB", GET + HOST + b"X: " + b"a" * 20000 + b"\r\n\r\n", 431),
    ("header that never ends", GET + HOST + b"X: " + b"a" * 20000, 431),
    ("header of 20 kB with body", POST + HOST + b"X: " + b"a" * 16500 + b"\r\n\r\n" + b"b" * 4000, 431),
    ("101 header lines", GET + HOST + b"X: a\r\n" * 100 + b"\r\n", 431),
    ("target of 20 kB", b"GET /?" + b"a" * 20000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431),
    ("empty lines without end", b"\r\n" * 9000, 431),
    ("body over the limit, announced", POST + HOST + b"Content-Length: 65537\r\n\r\n", 413),
    ("body over the limit, sent", POST + HOST + b"Content-Length: 200000\r\n\r\n" + b"x" * 200000, 413),
    ("chunk over the limit, announced", POST + HOST + CHUNKED + b"\r\n10001\r\n", 413),
    ("chunks over the limit", POST + HOST + CHUNKED + b"\r\n" + (b"8000\r\n" + b"x" * 32768 + b"\r\n") * 3, 413),
    ("chunk size of a terabyte", POST + HOST + CHUNKED + b"\r\nffffffffff\r\n", 413),
    ("chunks too fine", POST + HOST + CHUNKED + b"\r\n" + b"1\r\nx\r\n" * 20000, 413),
    ("body where none is allowed", b"POST /none HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\n", 413),
    ("body without a token", b"POST /secret HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\n", 401),
]


@pytest.fixture(scope="module")
def running():
    with serving() as server:
        yield server


@pytest.mark.parametrize("raw", [raw for _, raw in REFUSED], ids=[name for name, _ in REFUSED])
def test_a_request_that_two_servers_might_read_differently_gets_one_400_and_the_connection_is_closed(running, raw):
    received = running.exchange(raw + SMUGGLED)

    assert statuses(received) == [400]
    assert b"application/problem+json" in received
    assert b"X-Request-Id: refused-1" in received
    assert b"Connection: close" in received


@pytest.mark.parametrize(("raw", "body"), [row[1:] for row in ANSWERED], ids=[row[0] for row in ANSWERED])
def test_a_good_request_stays_good(running, raw, body):
    received = running.exchange(raw)

    assert statuses(received) == [200]
    assert received.endswith(body)


@pytest.mark.parametrize(("raw", "status"), [row[1:] for row in TOO_MUCH], ids=[row[0] for row in TOO_MUCH])
def test_a_request_that_is_too_large_or_not_allowed_is_refused_without_waiting_for_its_end(running, raw, status):
    assert statuses(running.exchange(raw)) == [status]


@pytest.mark.parametrize("name", [b"X_Forwarded_For", b"Content_Length", b"Transfer_Encoding"])
def test_a_header_name_with_an_underscore_cannot_pass_for_the_one_with_a_hyphen(name):
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    with serving(app) as running:
        running.exchange(GET + HOST + CLOSE + name + b": 7\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")

    assert seen["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    assert "CONTENT_LENGTH" not in seen
    assert seen["REMOTE_ADDR"] == "127.0.0.1"


def test_a_request_in_single_bytes_is_read_like_one_in_a_piece(running):
    raw = POST + HOST + CLOSE + CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\r\n"
    with running.connect() as client:
        for at in range(len(raw)):
            client.sendall(raw[at : at + 1])
        received = client.makefile("rb").read()

    assert received.endswith(b"/a 5")
