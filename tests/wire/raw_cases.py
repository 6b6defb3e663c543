"""What may come over a wire, one row a case: the bytes, what they get, and why.

``CASES`` is read by ``test_raw_requests``. ``closes`` tells whether the connection ends behind the answer; where it
does with a refusal, nothing of the bytes that follow may be taken for a request. ``says`` is what the echo behind the
server makes of a good request: its path and the length of its body.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.serving import BODY_LIMIT

GET = b"GET /a HTTP/1.1\r\n"
POST = b"POST /a HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
CLOSE = b"Connection: close\r\n"
END = b"\r\n"
LAST = b"0\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


class Case(NamedTuple):
    """One row of the table."""

    name: str
    raw: bytes
    status: int
    why: str
    closes: bool = True
    says: bytes = b""


def refused(name: str, raw: bytes, why: str, status: int = 400) -> Case:
    return Case(name, raw, status, why)


def answered(name: str, raw: bytes, says: bytes, why: str, closes: bool = False) -> Case:
    return Case(name, raw, 200, why, closes, says)


def get(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + END


def post(*fields: bytes, body: bytes = b"") -> bytes:
    return POST + HOST + b"".join(field + END for field in fields) + END + body


def chunked(body: bytes) -> bytes:
    return POST + HOST + TE + END + body


FRAMING = [
    refused("CL.TE", post(b"Content-Length: 6", TE[:-2], body=LAST + b"G"), "RFC 9112 6.1: CL.TE smuggling"),
    refused("TE.CL", post(TE[:-2], b"Content-Length: 6", body=LAST + b"G"), "RFC 9112 6.1: TE.CL smuggling"),
    refused("CL.0 with TE", post(b"Content-Length: 0", TE[:-2], body=LAST), "RFC 9112 6.1: both, even where CL is 0"),
    refused("TE twice", post(TE[:-2], TE[:-2], body=LAST), "RFC 9112 6.1: chunked applied twice"),
    refused(
        "TE twice, one odd", post(TE[:-2], b"Transfer-Encoding: x", body=LAST), "TE.TE: one server takes the other"
    ),
    refused("TE xchunked", post(b"Transfer-Encoding: xchunked", body=LAST), "TE.TE obfuscation"),
    refused("TE chunkedx", post(b"Transfer-Encoding: chunkedx", body=LAST), "TE.TE obfuscation"),
    refused("TE identity", post(b"Transfer-Encoding: identity"), "RFC 9112 A: identity was removed"),
    refused("TE empty", post(b"Transfer-Encoding:", body=LAST), "an empty list: some read no coding, some the last"),
    refused(
        "TE chunked, identity", post(b"Transfer-Encoding: chunked, identity", body=LAST), "RFC 9112 6.1: last coding"
    ),
    refused(
        "TE gzip, chunked", post(b"Transfer-Encoding: gzip, chunked", body=LAST), "a coding that is not undone here"
    ),
    refused("TE chunked twice in a list", post(b"Transfer-Encoding: chunked, chunked", body=LAST), "RFC 9112 6.1"),
    refused("TE with a trailing comma", post(b"Transfer-Encoding: chunked,", body=LAST), "TE.TE obfuscation"),
    refused("TE quoted", post(b'Transfer-Encoding: "chunked"', body=LAST), "TE.TE obfuscation"),
    refused("TE with a parameter", post(b"Transfer-Encoding: chunked;q=1", body=LAST), "TE.TE obfuscation"),
    refused("TE behind a vertical tab", post(b"Transfer-Encoding: \x0bchunked", body=LAST), "TE.TE obfuscation"),
    refused("TE behind a no-break space", post(b"Transfer-Encoding: \xa0chunked", body=LAST), "TE.TE obfuscation"),
    refused(
        "TE behind a tab", post(b"Transfer-Encoding:\tchunked", body=LAST), "TE.TE obfuscation: part of the value?"
    ),
    refused(
        "TE before a tab", post(b"Transfer-Encoding: chunked\t", body=LAST), "TE.TE obfuscation: part of the value?"
    ),
    refused("TE before a form feed", post(b"Transfer-Encoding: chunked\x0c", body=LAST), "a blank to str.strip()"),
    refused("TE before a next line", post(b"Transfer-Encoding: chunked\x85", body=LAST), "a blank to str.strip()"),
    refused("TE with a Kelvin sign", post(b"Transfer-Encoding: chun\xe2\x84\xaaed", body=LAST), "a k to str.lower()"),
    refused("TE with two colons", post(b"Transfer-Encoding:: chunked", body=LAST), "TE.TE obfuscation"),
    refused("TE with a blank in its name", post(b"Transfer -Encoding: chunked", body=LAST), "RFC 9110 5.1: a token"),
    refused(
        "TE with a NUL in its name", post(b"Transfer\0-Encoding: chunked", body=LAST), "cut short by a parser in C"
    ),
    refused("TE with a space before its colon", post(b"Transfer-Encoding : chunked", body=LAST), "RFC 9112 5.1"),
    refused("TE on a folded line", post(b"X: y", b" Transfer-Encoding: chunked", body=LAST), "RFC 9112 5.2: obs-fold"),
    refused("TE behind a bare LF", post(b"X: y\nTransfer-Encoding: chunked", body=LAST), "RFC 9112 2.2: bare LF"),
    refused("TE behind a bare CR", post(b"X: y\rTransfer-Encoding: chunked", body=LAST), "RFC 9112 2.2: bare CR"),
    refused("TE with HTTP/1.0", b"POST /a HTTP/1.0\r\n" + TE + END + LAST, "RFC 9112 6.1: framing taken as faulty"),
    refused("CL twice, same", post(b"Content-Length: 2", b"Content-Length: 2", body=b"ab"), "RFC 9112 6.3: CL.CL"),
    refused(
        "CL twice, different", post(b"Content-Length: 2", b"Content-Length: 3", body=b"abc"), "RFC 9112 6.3: CL.CL"
    ),
    refused("CL twice, in two cases", post(b"Content-Length: 2", b"content-length: 2", body=b"ab"), "RFC 9112 6.3"),
    refused("CL list", post(b"Content-Length: 2, 2", body=b"ab"), "RFC 9112 6.3: some take it, some do not"),
    refused("CL +2", post(b"Content-Length: +2", body=b"ab"), "RFC 9110 8.6: digits only"),
    refused("CL -1", post(b"Content-Length: -1", body=b"ab"), "RFC 9110 8.6: digits only"),
    refused("CL 0x2", post(b"Content-Length: 0x2", body=b"ab"), "RFC 9110 8.6: digits only"),
    refused("CL 1e1", post(b"Content-Length: 1e1", body=b"ab"), "RFC 9110 8.6: digits only"),
    refused("CL 2.0", post(b"Content-Length: 2.0", body=b"ab"), "RFC 9110 8.6: digits only"),
    refused("CL 1_0", post(b"Content-Length: 1_0", body=b"ab"), "what Python's int() would take"),
    refused("CL with a blank inside", post(b"Content-Length: 1 2", body=b"ab"), "some read 1, some 12"),
    refused("CL empty", post(b"Content-Length:", body=b"ab"), "RFC 9110 8.6: at least one digit"),
    refused("CL in other digits", post(b"Content-Length: \xb2", body=b"ab"), "a digit to str.isdigit()"),
    refused(
        "CL in digits of another width", post(b"Content-Length: \xef\xbc\x92", body=b"ab"), "a 2 to Python's int()"
    ),
    refused("CL behind a tab", post(b"Content-Length:\t2", body=b"ab"), "no number to some, who read no body"),
    refused("CL before a vertical tab", post(b"Content-Length: 2\x0b", body=b"ab"), "a blank to str.strip()"),
    refused("CL quoted", post(b'Content-Length: "2"', body=b"ab"), "RFC 9110 8.6: digits only"),
    refused("CL -0", post(b"Content-Length: -0"), "RFC 9110 8.6: digits only"),
    refused("CL of 30 digits", post(b"Content-Length: " + b"9" * 30), "overflows a 64-bit integer elsewhere"),
    refused("CL with a space before its colon", post(b"Content-Length : 2", body=b"ab"), "RFC 9112 5.1"),
]

HOSTS = [
    refused("no Host", GET + END, "RFC 9112 3.2: must be there"),
    refused(
        "no Host beside an absolute target", b"GET http://x/a HTTP/1.1\r\n\r\n", "RFC 9112 3.2.2: sent all the same"
    ),
    refused("two Hosts", GET + b"Host: a\r\nHost: b\r\n\r\n", "RFC 9112 3.2: routing confusion"),
    refused("two equal Hosts", GET + HOST + HOST + END, "RFC 9112 3.2: only one"),
    refused("two Hosts in two cases", GET + HOST + b"hOST: y\r\n\r\n", "RFC 9112 3.2: names have no case"),
    refused("two Hosts with HTTP/1.0", b"GET /a HTTP/1.0\r\n" + HOST + HOST + END, "RFC 9112 3.2"),
    refused("Host empty", GET + b"Host:\r\n\r\n", "an http target has a host"),
    refused("Host a list", GET + b"Host: a,b\r\n\r\n", "some take the first, some the last"),
    refused("Host with a blank", GET + b"Host: a b\r\n\r\n", "RFC 9110 7.2"),
    refused("Host with user information", GET + b"Host: user@a\r\n\r\n", "RFC 9110 4.2.4: host confusion"),
    refused("Host with a path", GET + b"Host: a/b\r\n\r\n", "cache poisoning"),
    refused("Host with a query", GET + b"Host: a?b\r\n\r\n", "cache poisoning"),
    refused("Host with a scheme", GET + b"Host: http://a\r\n\r\n", "RFC 9110 7.2: host and port only"),
    refused("Host with a word for a port", GET + b"Host: a:b\r\n\r\n", "RFC 3986 3.2.3"),
    refused("Host with a port too high", GET + b"Host: a:65536\r\n\r\n", "RFC 9110 4.2.1"),
    refused("Host with two ports", GET + b"Host: a:1:2\r\n\r\n", "RFC 3986 3.2.3"),
    refused("Host not ASCII", GET + b"Host: \xe9\r\n\r\n", "RFC 3986 3.2.2"),
    refused("Host behind a tab", GET + b"Host:\tx\r\n\r\n", "part of the name to some"),
    refused("Host with an empty port", GET + b"Host: x:\r\n\r\n", "another origin to some, the same to others"),
    refused("Host only a port", GET + b"Host: :80\r\n\r\n", "an http target has a host"),
    refused("Host on a folded line", GET + b"Host:\r\n x\r\n\r\n", "RFC 9112 5.2: obs-fold"),
    refused("Host with a zone", GET + b"Host: [fe80::1%25eth0]\r\n\r\n", "RFC 3986 3.2.2: of one machine alone"),
    refused("Host with a control", GET + b"Host: a\x01\r\n\r\n", "RFC 9110 5.5"),
    refused("Host with an escape", GET + b"Host: a%2eb\r\n\r\n", "one server decodes it, the next does not"),
    refused("Host no IPv6 address", GET + b"Host: [1:2]\r\n\r\n", "RFC 3986 3.2.2"),
    refused("Host with an open bracket", GET + b"Host: [::1\r\n\r\n", "RFC 3986 3.2.2"),
]

LINES = [
    refused("obs-fold", GET + HOST + b"X-A: b\r\n c\r\n\r\n", "RFC 9112 5.2"),
    refused("obs-fold with a tab", GET + HOST + b"X-A: b\r\n\tc\r\n\r\n", "RFC 9112 5.2"),
    refused("first header line folded", GET + b" Host: x\r\n\r\n", "RFC 9112 2.2: blanks behind the request line"),
    refused("space before the colon", GET + HOST + b"X-A : b\r\n\r\n", "RFC 9112 5.1"),
    refused("tab before the colon", GET + HOST + b"X-A\t: b\r\n\r\n", "RFC 9112 5.1"),
    refused("no colon", GET + HOST + b"X-A\r\n\r\n", "RFC 9112 5"),
    refused("no name", GET + HOST + b": b\r\n\r\n", "RFC 9110 5.1: a token"),
    refused("name no token", GET + HOST + b"X(A): b\r\n\r\n", "RFC 9110 5.1: a token"),
    refused("name quoted", GET + HOST + b'"X": b\r\n\r\n', "RFC 9110 5.1: a token"),
    refused("name not ASCII", GET + HOST + b"X-\xe9: b\r\n\r\n", "RFC 9110 5.1: a token"),
    refused("NUL in a name", GET + HOST + b"X\0A: b\r\n\r\n", "ends the name for a parser in C"),
    refused("NUL in a value", GET + HOST + b"X: a\0b\r\n\r\n", "RFC 9110 5.5"),
    refused("control in a value", GET + HOST + b"X: a\x08b\r\n\r\n", "RFC 9110 5.5"),
    refused("DEL in a value", GET + HOST + b"X: a\x7fb\r\n\r\n", "RFC 9110 5.5"),
    refused("bare LF in a header", GET + HOST + b"X: a\nY: b\r\n\r\n", "RFC 9112 2.2: header smuggling"),
    refused("bare CR in a header", GET + HOST + b"X: a\rY: b\r\n\r\n", "RFC 9112 2.2: header smuggling"),
    refused("bare LF before the blank line", GET + HOST + b"X: a\n\r\n\r\n", "RFC 9112 2.2: an earlier end"),
    refused("bare LF line ends", b"GET /a HTTP/1.1\nHost: x\n\n", "RFC 9112 2.2: may be taken, and is not"),
    refused("bare LF behind the request line", b"GET /a HTTP/1.1\nHost: x\r\n\r\n", "RFC 9112 2.2"),
    refused("bare LF before the request", b"\n" + GET + HOST + END, "RFC 9112 2.2: only CRLF is passed over"),
    refused("bare CR line ends", b"GET /a HTTP/1.1\rHost: x\r\r", "RFC 9112 2.2"),
    refused("CR CR LF", b"GET /a HTTP/1.1\r\r\nHost: x\r\n\r\n", "RFC 9112 2.2"),
]

REQUEST_LINES = [
    refused("HTTP/0.9", b"GET /a\r\n\r\n", "no headers, no framing: a second answer to a proxy"),
    refused("HTTP/1.2", b"GET /a HTTP/1.2\r\n" + HOST + END, "RFC 9112 2.3: not spoken here"),
    refused("HTTP/2.0", b"GET /a HTTP/2.0\r\n" + HOST + END, "RFC 9112 2.3"),
    refused("HTTP/9.9", b"GET /a HTTP/9.9\r\n" + HOST + END, "RFC 9112 2.3"),
    refused("HTTP/1.10", b"GET /a HTTP/1.10\r\n" + HOST + END, "RFC 9112 2.3: one digit each"),
    refused("HTTP/01.1", b"GET /a HTTP/01.1\r\n" + HOST + END, "RFC 9112 2.3: one digit each"),
    refused("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "RFC 9113 3.4: another protocol"),
    refused("version in lower case", b"GET /a http/1.1\r\n" + HOST + END, "RFC 9112 2.3: case matters"),
    refused("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "https on a port of http"),
    refused("method in lower case", b"get /a HTTP/1.1\r\n" + HOST + END, "RFC 9110 9.1: case matters"),
    refused("method in two cases", b"GeT /a HTTP/1.1\r\n" + HOST + END, "RFC 9110 9.1: methods have a case"),
    refused("version with a zero before", b"GET /a HTTP/01.1\r\n" + HOST + END, "RFC 9112 2.3: a single digit"),
    refused("version 1.10", b"GET /a HTTP/1.10\r\n" + HOST + END, "RFC 9112 2.3: a single digit"),
    refused("version with a comma", b"GET /a HTTP/1,1\r\n" + HOST + END, "RFC 9112 2.3"),
    refused("preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "RFC 9113 3.4: not spoken here"),
    refused("line of the PROXY protocol", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + get(b"/a"), "a forged address"),
    refused("form feed for a blank", b"GET\x0c/a HTTP/1.1\r\n" + HOST + END, "RFC 9112 3: a single space"),
    refused("byte order mark first", b"\xef\xbb\xbf" + get(b"/a"), "RFC 9112 3"),
    refused("method no token", b"G@T /a HTTP/1.1\r\n" + HOST + END, "RFC 9110 9.1"),
    refused("method with a header in it", b"GET / HTTP/1.1\r\nX: GET /a HTTP/1.1\r\nX", "no Host, and a second line"),
    refused("two blanks", b"GET  /a HTTP/1.1\r\n" + HOST + END, "RFC 9112 3: a single space"),
    refused("tab for a blank", b"GET\t/a HTTP/1.1\r\n" + HOST + END, "RFC 9112 3: a single space"),
    refused("blank before the request line", b" GET /a HTTP/1.1\r\n" + HOST + END, "RFC 9112 3"),
    refused("blank behind the request line", b"GET /a HTTP/1.1 \r\n" + HOST + END, "RFC 9112 3"),
    refused("blank in the target", get(b"/a b"), "RFC 9112 3.2: a second version for some"),
    refused("tab in the target", get(b"/a\tb"), "RFC 3986"),
    refused("NUL in the target", get(b"/a\0b"), "ends the path for a parser in C"),
    refused("control in the target", get(b"/a\x01"), "RFC 3986"),
    refused("DEL in the target", get(b"/a\x7f"), "RFC 3986"),
    refused("bare CR in the target", get(b"/a\rb"), "RFC 9112 2.2"),
    refused("raw UTF-8 in the target", get("/ä".encode()), "RFC 3986: escaped, or read in two charsets"),
    refused("fragment", get(b"/a#b"), "RFC 9112 3.2: never sent; cut or kept"),
    refused("no slash", get(b"a"), "RFC 9112 3.2.1"),
    refused("only a query", get(b"?a"), "RFC 9112 3.2.1"),
    refused("asterisk for GET", get(b"*"), "RFC 9112 3.2.4: OPTIONS alone"),
    refused("CONNECT", b"CONNECT x:443 HTTP/1.1\r\n" + HOST + END, "RFC 9112 3.2.3: no tunnel here"),
    refused("authority for GET", get(b"x:80"), "RFC 9112 3.2.3: CONNECT alone"),
    refused("absolute, other host", get(b"http://y/a"), "RFC 9112 3.2.2: which host is it?"),
    refused("absolute, other port", get(b"http://x:81/a"), "RFC 9112 3.2.2: which host is it?"),
    refused("absolute, user information", get(b"http://u@x/a"), "RFC 9110 4.2.4"),
    refused("absolute, host in the user information", get(b"http://y:1@x/a"), "RFC 9110 4.2.4: host confusion"),
    refused("absolute, user information empty", get(b"http://@x/a"), "RFC 9110 4.2.4"),
    refused("absolute, fragment", get(b"http://x/a#b"), "RFC 9112 3.2.2: never sent; cut or kept"),
    refused("absolute, empty port", get(b"http://x:/a"), "RFC 9112 3.2.2: which host is it?"),
    refused("absolute, other scheme", get(b"ftp://x/a"), "RFC 9110 4.2"),
    refused("absolute, no host", get(b"http:///a"), "RFC 9110 4.2.1: must not be empty"),
    refused("absolute, one slash", get(b"http:/x/a"), "a path to some, a host to others"),
    refused("absolute, backslashes", get(b"http:\\\\x/a"), "slashes to some"),
]

PATHS = [
    refused("dot segment", get(b"/b/../a"), "RFC 3986 5.2.4: removed by some, past a proxy's guard"),
    refused("dot segment at the end", get(b"/a/.."), "RFC 3986 5.2.4"),
    refused("single dot segment", get(b"/./a"), "RFC 3986 5.2.4"),
    refused("dot segment escaped", get(b"/b/%2e%2E/a"), "RFC 3986 6.2.2.3: the same, escaped"),
    refused("dot segment half escaped", get(b"/b/.%2e/a"), "RFC 3986 6.2.2.3"),
    refused("dot segment in an absolute target", get(b"http://x/b/../a"), "RFC 3986 5.2.4"),
    refused("escaped slash", get(b"/b%2fa"), "one path segment or two"),
    refused("escaped backslash", get(b"/b%5Ca"), "a slash to some"),
    refused("backslash", get(b"/b\\a"), "a slash to some"),
    refused("escaped NUL", get(b"/a%00.html"), "ends the path for a parser in C"),
    refused("escaped CR LF", get(b"/a%0d%0aX:%20y"), "response or request splitting behind a proxy that decodes"),
    refused("escaped DEL", get(b"/a%7F"), "a control"),
    refused("percent without digits", get(b"/a%"), "RFC 3986 2.1"),
    refused("percent with one digit", get(b"/a%4"), "RFC 3986 2.1"),
    refused("percent with other letters", get(b"/a%zz"), "RFC 3986 2.1"),
    refused("percent with a u", get(b"/a%u0041"), "an escape of one vendor"),
]

CHUNKS = [
    refused("chunk size 0x5", chunked(b"0x5\r\nhello\r\n" + LAST), "RFC 9112 7.1: hex digits only"),
    refused("chunk size signed", chunked(b"+5\r\nhello\r\n" + LAST), "RFC 9112 7.1"),
    refused("chunk size negative", chunked(b"-5\r\nhello\r\n" + LAST), "RFC 9112 7.1"),
    refused("chunk size empty", chunked(b"\r\nhello\r\n" + LAST), "RFC 9112 7.1"),
    refused("chunk size no hex", chunked(b"g\r\nhello\r\n" + LAST), "RFC 9112 7.1"),
    refused("chunk size behind a blank", chunked(b" 5\r\nhello\r\n" + LAST), "RFC 9112 7.1"),
    refused("chunk size before a blank", chunked(b"5 \r\nhello\r\n" + LAST), "RFC 9112 7.1"),
    refused(
        "chunk size with an underscore", chunked(b"1_0\r\n" + b"x" * 16 + END + LAST), "what Python's int() would take"
    ),
    refused("chunk size of 17 digits", chunked(b"f" * 17 + b"\r\nhello\r\n" + LAST), "RFC 9112 7.1: integer overflow"),
    refused("chunk size that overflows to 5", chunked(b"10000000000000005\r\nhello\r\n" + LAST), "5 modulo 2^64"),
    refused("chunk size in another width", chunked(b"\xef\xbc\x95\r\nhello\r\n" + LAST), "a 5 to Python's int()"),
    refused("chunk size before two CRs", chunked(b"5\r\r\nhello\r\n" + LAST), "RFC 9112 7.1: bare CR"),
    refused("chunk size before a form feed", chunked(b"5\x0c\r\nhello\r\n" + LAST), "a blank to str.strip()"),
    refused("chunk size that is quoted", chunked(b'"5"\r\nhello\r\n' + LAST), "RFC 9112 7.1: hex digits only"),
    refused("last chunk with junk on its line", chunked(b"0 junk\r\n\r\n"), "RFC 9112 7.1"),
    refused("last chunk with data", chunked(b"0\r\nhello\r\n\r\n"), "RFC 9112 7.1: no header line"),
    refused("last chunk before a bare CR", chunked(b"0\r\n\r\r\n"), "RFC 9112 2.2: bare CR"),
    refused("chunk size with a line feed", chunked(b"5\n\r\nhello\r\n" + LAST), "RFC 9112 7.1: bare LF"),
    refused("chunk size ended by a line feed", chunked(b"5\nhello\r\n" + LAST), "RFC 9112 7.1: bare LF"),
    refused("chunk size ended by a CR", chunked(b"5\rhello\r\n" + LAST), "RFC 9112 7.1: bare CR"),
    refused("chunk extension with a bare LF", chunked(b"5;a\nhello\r\n" + LAST), "RFC 9112 7.1.1: TERM.EXT"),
    refused("chunk extension with a bare CR", chunked(b"5;a\rb\r\nhello\r\n" + LAST), "RFC 9112 7.1.1"),
    refused("chunk extension with an open quote", chunked(b'5;a="\r\nhello\r\n' + LAST), "goes on behind the line"),
    refused("chunk extension with a quoted line end", chunked(b'5;a="\r\n"\r\nhello\r\n' + LAST), "RFC 9112 7.1.1"),
    refused("chunk extension with a quote in a word", chunked(b'5;a=b"c\r\nhello\r\n' + LAST), "an open quote to some"),
    refused("chunk extension with an escaped quote", chunked(b'5;a="\\"\r\nhello\r\n' + LAST), "closed to some only"),
    refused("chunk extension without a name", chunked(b"5;\r\nhello\r\n" + LAST), "RFC 9112 7.1.1: a token"),
    refused("chunk extension not ASCII", chunked(b"5;a=\xff\r\nhello\r\n" + LAST), "RFC 9112 7.1.1: a token"),
    refused("chunk extension without a semicolon", chunked(b"5 a=b\r\nhello\r\n" + LAST), "RFC 9112 7.1.1"),
    refused("chunk extension with NUL", chunked(b"5;a\0\r\nhello\r\n" + LAST), "RFC 9112 7.1.1"),
    refused(
        "chunk extension of 2 kB", chunked(b"5;" + b"a" * 2000 + b"\r\nhello\r\n" + LAST), "RFC 9112 7.1.1: bounded"
    ),
    refused("chunk longer than its size", chunked(b"5\r\nhelloX\r\n" + LAST), "RFC 9112 7.1: CRLF behind the data"),
    refused("chunk ended by a line feed", chunked(b"5\r\nhello\n" + LAST), "RFC 9112 7.1: bare LF"),
    refused("chunk ended by nothing", chunked(b"5\r\nhello" + LAST), "RFC 9112 7.1"),
    refused("chunk with two spare bytes", chunked(b"5\r\nhelloXX0\r\n\r\n"), "a parser that skips two bytes unread"),
    refused("empty line between chunks", chunked(b"5\r\nhello\r\n\r\n" + LAST), "RFC 9112 7.1"),
    refused("trailer with a bare LF", chunked(b"0\r\nX: a\nY: b\r\n\r\n"), "RFC 9112 7.1.2"),
    refused("trailer without a colon", chunked(b"0\r\nX\r\n\r\n"), "RFC 9112 7.1.2"),
    refused("trailer folded", chunked(b"0\r\nX: a\r\n b\r\n\r\n"), "RFC 9112 5.2"),
    refused("trailer with a NUL", chunked(b"0\r\nX: \0\r\n\r\n"), "RFC 9110 5.5"),
    refused("trailer with a space before its colon", chunked(b"0\r\nX : a\r\n\r\n"), "RFC 9112 5.1"),
    refused("last chunk ended by a line feed", chunked(b"0\r\n\n"), "RFC 9112 7.1.2: an earlier end"),
]

TOO_MUCH = [
    refused("header of 20 kB", GET + HOST + b"X: " + b"a" * 20000 + b"\r\n\r\n", "RFC 6585 5", 431),
    refused("header that never ends", GET + HOST + b"X: " + b"a" * 20000, "RFC 6585 5: not waited for", 431),
    refused("header name of 20 kB", GET + HOST + b"X" * 20000 + b": a\r\n\r\n", "RFC 6585 5", 431),
    refused("header of 16 kB with a body", post(b"X: " + b"a" * 16500, body=b"b" * 4000), "RFC 6585 5", 431),
    refused("101 header lines", GET + HOST + b"X: a\r\n" * 100 + END, "RFC 6585 5: few are slow to read too", 431),
    refused("target of 20 kB", get(b"/?" + b"a" * 20000), "RFC 9112 3: 431 here, it is part of the head", 431),
    refused("empty lines without end", b"\r\n" * 9000, "RFC 9112 2.2: some are passed over", 431),
    refused("body over the limit, announced", post(b"Content-Length: 65537"), "RFC 9110 15.5.14", 413),
    refused("body over the limit, sent", post(b"Content-Length: 200000", body=b"x" * 200000), "RFC 9110 15.5.14", 413),
    refused("body of 999999999999999", post(b"Content-Length: 999999999999999"), "RFC 9110 15.5.14", 413),
    refused("chunk over the limit, announced", chunked(b"10001\r\n"), "RFC 9112 7.1: not waited for", 413),
    refused("chunks over the limit", chunked((b"8000\r\n" + b"x" * 32768 + b"\r\n") * 3), "RFC 9110 15.5.14", 413),
    refused("chunk size of a terabyte", chunked(b"ffffffffff\r\n"), "RFC 9112 7.1", 413),
    refused("chunks too fine", chunked(b"1\r\nx\r\n" * 20000), "framing has a bound of its own", 413),
    refused("trailers without end", chunked(b"0\r\n" + b"X: a\r\n" * 20000), "RFC 9112 7.1.2: bounded", 413),
    refused(
        "body where none is allowed", b"POST /none HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\n", "by route", 413
    ),
    refused(
        "body without a token",
        b"POST /secret HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\n",
        "before it is read",
        401,
    ),
]

GOOD = [
    answered("plain", GET + HOST + END, b"/a 0", "as it should be"),
    answered("that closes", GET + HOST + CLOSE + END, b"/a 0", "RFC 9112 9.6", closes=True),
    answered(
        "names in lower case", GET + b"host: x\r\nconnection: close\r\n\r\n", b"/a 0", "RFC 9110 5.1", closes=True
    ),
    answered(
        "close among other options",
        GET + HOST + b"Connection: Close, TE\r\n\r\n",
        b"/a 0",
        "RFC 9110 7.6.1",
        closes=True,
    ),
    answered(
        "HTTP/1.0 without Host", b"GET /a HTTP/1.0\r\n\r\n", b"/a 0", "RFC 9112 3.2: asked of 1.1 alone", closes=True
    ),
    answered("HTTP/1.0 that stays", b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"/a 0", "RFC 9112 C.2.2"),
    answered("empty lines first", b"\r\n\r\n" + GET + HOST + END, b"/a 0", "RFC 9112 2.2: should be passed over"),
    answered("slashes doubled", get(b"//a"), b"/a 0", "one budget, whatever the slashes"),
    answered("letter escaped", get(b"/%61"), b"/a 0", "RFC 3986 6.2.2.2"),
    answered("dots that are no segment", get(b"/.well-known/...a"), b"/.well-known/...a 0", "RFC 3986 3.3"),
    answered("percent in the query", get(b"/a?spec=100%&b=%zz"), b"/a 0", "browsers send it; the query has one reader"),
    answered("slashes and dots in the query", get(b"/a?x=../%2e%2e%2f\\"), b"/a 0", "RFC 3986 3.4: allowed there"),
    answered("marks in the query", get(b'/a?x=<"\\^`{|}>'), b"/a 0", "browsers send them; validation judges"),
    answered("absolute, same host", get(b"http://X:80/a"), b"/a 0", "RFC 9112 3.2.2"),
    answered("absolute, no path", get(b"http://x"), b"/ 0", "RFC 9112 3.2.2"),
    answered("asterisk for OPTIONS", b"OPTIONS * HTTP/1.1\r\n" + HOST + END, b"* 0", "RFC 9112 3.2.4"),
    answered("TRACE", b"TRACE /a HTTP/1.1\r\n" + HOST + END, b"/a 0", "well formed: the service says 405"),
    answered("unknown method", b"BREW /a HTTP/1.1\r\n" + HOST + END, b"/a 0", "well formed: the service says 405"),
    answered("Host with a port", GET + b"Host: a.example:8000\r\n\r\n", b"/a 0", "RFC 9110 7.2"),
    answered("Host IPv6", GET + b"Host: [::1]:8000\r\n\r\n", b"/a 0", "RFC 3986 3.2.2"),
    answered(
        "Host with an underscore", GET + b"Host: my_service\r\n\r\n", b"/a 0", "what container networks call things"
    ),
    answered("value empty", GET + HOST + b"X:\r\n\r\n", b"/a 0", "RFC 9110 5.5"),
    answered("value between tabs", GET + HOST + b"X:\t a \t\r\n\r\n", b"/a 0", "RFC 9110 5.5: OWS"),
    answered("value not ASCII", GET + HOST + b"User-Agent: \xe9\r\n\r\n", b"/a 0", "RFC 9110 5.5: obs-text"),
    answered("value in doubt twice", GET + HOST + b"Accept: a\r\nAccept: b\r\n\r\n", b"/a 0", "RFC 9110 5.3: a list"),
    answered(
        "Upgrade to h2c", GET + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"/a 0", "RFC 9110 7.8: ignored"
    ),
    answered("Upgrade to websocket", GET + HOST + b"Upgrade: websocket\r\n\r\n", b"/a 0", "RFC 9110 7.8: ignored"),
    answered("Expect of something else", GET + HOST + b"Expect: x\r\n\r\n", b"/a 0", "RFC 9110 10.1.1: may be ignored"),
    answered(
        "Expect with HTTP/1.0",
        b"POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        b"/a 1",
        "RFC 9110 10.1.1",
        closes=True,
    ),
    answered("body", post(b"Content-Length: 2", body=b"ab"), b"/a 2", "RFC 9112 6.2"),
    answered("body of length 0", post(b"Content-Length: 0"), b"/a 0", "RFC 9112 6.2"),
    answered("body of length 02", post(b"Content-Length: 02", body=b"ab"), b"/a 2", "RFC 9110 8.6: digits"),
    answered(
        "body of GET", GET + HOST + b"Content-Length: 2\r\n\r\nab", b"/a 2", "RFC 9110 9.3.1: framed all the same"
    ),
    answered(
        "body at the limit",
        post(b"Content-Length: %d" % BODY_LIMIT, body=b"x" * BODY_LIMIT),
        b"/a 65536",
        "not over it",
    ),
    answered("chunked", chunked(b"5\r\nhello\r\n1\r\n!\r\n" + LAST), b"/a 6", "RFC 9112 7.1"),
    answered("chunked in capitals", post(b"Transfer-Encoding: Chunked", body=LAST), b"/a 0", "RFC 9112 7: no case"),
    answered("chunk sizes in hex and zeros", chunked(b"00A\r\n0123456789\r\n000\r\n\r\n"), b"/a 10", "RFC 9112 7.1"),
    answered("chunk extensions", chunked(b'5 ; a="b;c"\r\nhello\r\n0;x\r\n\r\n'), b"/a 5", "RFC 9112 7.1.1: ignored"),
    answered(
        "chunk extensions, all forms",
        chunked(b'5;a;b=c \t;\td = "\\"e\\\\"\r\nhello\r\n' + LAST),
        b"/a 5",
        "RFC 9112 7.1.1",
    ),
    answered(
        "trailers that frame nothing",
        chunked(b"0\r\nTransfer-Encoding: chunked\r\nHost: y\r\n\r\n"),
        b"/a 0",
        "RFC 9110 6.5.1: thrown away",
    ),
    answered("trailers", chunked(b"0\r\nX: y\r\nContent-Length: 9\r\n\r\n"), b"/a 0", "RFC 9112 7.1.2: thrown away"),
]

CASES = [*FRAMING, *HOSTS, *LINES, *REQUEST_LINES, *PATHS, *CHUNKS, *TOO_MUCH, *GOOD]
