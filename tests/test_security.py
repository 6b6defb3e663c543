"""SECURITY.md, held to its word over a running service."""

from __future__ import annotations

import ast
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import service
from service.catalogue.store import Store
from service.messages import Brief
from service.ranking.local import LocalRanker
from tests.catalogue.signals import GOLF, SUV
from tests.ranking.library import MemoryLibrary
from tests.running import OPERATOR, TOKEN, Running
from tests.stages.variants import VARIANTS

SOURCES = sorted(Path(service.__file__).parent.rglob("*.py"))
COMPARERS = {"operator.py", "paging.py"}

# Raw requests that the server refuses by itself, before a route is known.
REFUSED_EARLY = [
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    b"POST /api/signals HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
    b"POST /api/signals HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
]
PUBLIC = [
    ("GET", "/"),
    ("GET", "/health"),
    ("GET", "/api/signals?spec=cars"),
    ("HEAD", "/api/signals?spec=cars"),
    ("GET", "/api/signals?spec=%3Cscript%3Ealert(1)"),
    ("GET", "/api/signals?spec="),
    ("GET", "/api/signals/nobody"),
    ("GET", "/nowhere"),
    ("PUT", "/api/signals"),
    ("OPTIONS", "/api/signals"),
    ("GET", "/openapi.json"),
    ("GET", "/api/monitoring/health"),
    ("GET", "/api/monitoring/stats"),
    ("POST", "/api/catalogue"),
]
FOR_OPERATORS = ["/api/monitoring/stats", "/api/monitoring/metrics", "/api/debug", "/api/monitoring/warmup"]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("security")
    with Running(folder, catalogue=[GOLF, SUV], OPERATOR_TOKEN=TOKEN, BLOCKING="off") as started:
        yield started


def assert_has_the_headers_of_every_answer(answer):
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", answer.header("X-Request-ID"))
    assert answer.header("Server") is None
    assert answer.header("X-Powered-By") is None


@pytest.mark.parametrize(("method", "target"), PUBLIC)
def test_every_answer_forbids_sniffing_and_names_no_server(running, method, target):
    answer = running.ask(method, target)

    assert_has_the_headers_of_every_answer(answer)
    if answer.status >= 400:
        assert answer.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("raw", REFUSED_EARLY, ids=range(len(REFUSED_EARLY)))
def test_a_refusal_of_the_server_itself_does_too(running, raw):
    answer = running.send(raw)

    assert answer.status in (400, 413, 431)
    assert_has_the_headers_of_every_answer(answer)
    assert answer.header("Content-Type") == "application/problem+json"


@pytest.mark.parametrize("target", FOR_OPERATORS)
def test_what_operators_read_is_kept_in_no_cache(running, target):
    answer = running.ask("GET", target, headers=OPERATOR)

    assert answer.status < 300
    assert answer.header("Cache-Control") == "no-store"
    assert_has_the_headers_of_every_answer(answer)


def test_a_refusal_tells_the_class_of_an_attack_and_neither_its_words_nor_the_rule(running):
    answer = running.search("%3Cscript%3Ealert(4711)%3C/script%3E")

    assert answer.document["type"] == "/problems/suspicious-input"
    assert "xss" in answer.document["detail"]
    assert b"4711" not in answer.body
    assert b"active-element" not in answer.body


def test_no_page_of_another_site_may_read_answers(running):
    for target in ("/api/signals?spec=cars", "/api/monitoring/stats"):
        answer = running.ask("GET", target, headers={"Origin": "https://evil.example"} | OPERATOR)
        assert answer.header("Access-Control-Allow-Origin") is None


def test_no_token_and_no_key_is_told_or_logged(tmp_path):
    secrets = {"OPERATOR_TOKEN": TOKEN, "GEMINI_API_KEY": "a-key-of-gemini-4711"}
    with Running(tmp_path, catalogue=[SUV], GEMINI_API_ENDPOINT="http://127.0.0.1:9", **secrets) as started:
        said = [started.ask("GET", target, headers=OPERATOR).body for target in FOR_OPERATORS]
        said.append(started.ask("GET", "/api/debug", headers={"Authorization": "Bearer wrong-4711"}).body)
        said.append(started.log.getvalue().encode())

    for secret in (*secrets.values(), "wrong-4711"):
        assert [words for words in said if secret.encode() in words] == []


def test_tokens_and_signatures_are_compared_in_constant_time_only():
    compared = []
    for path in (path for path in SOURCES if path.name in COMPARERS):
        assert "hmac.compare_digest" in path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and any(
                isinstance(sign, ast.Eq | ast.NotEq | ast.In) for sign in node.ops
            ):
                words = {word.id for word in ast.walk(node) if isinstance(word, ast.Name)}
                compared += [f"{path.name}: {word}" for word in words & {"offered", "expected", "signature"}]

    assert compared == []


def test_nothing_that_comes_in_is_ever_run():
    """No shell, no evaluation, no unpickling: nowhere in the service. Its children are the builder of the index and the
    processes that rank beside it, and functions of C that it calls move bytes between a socket and a buffer, with their
    length, or take two numbers."""
    calls = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.spawnv"}
    modules = {"subprocess", "pickle", "marshal", "shelve", "ctypes", "yaml"}
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in calls:
                found.append(f"{path.name}: {ast.unparse(node.func)}")
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {getattr(node, "module", None), *(alias.name for alias in node.names)}
                found += [f"{path.name}: {name}" for name in names & modules]

    c = ["closing.py: ctypes", "holding.py: ctypes", "memory.py: ctypes"]
    assert sorted(found) == ["apart.py: subprocess", *c, "pool.py: subprocess"]
    holding = next(path for path in SOURCES if path.name == "holding.py").read_text(encoding="utf-8")
    assert set(re.findall(r"_C\.(\w+)", holding)) == {"send", "recv"}
    apart = next(path for path in SOURCES if path.name == "apart.py").read_text(encoding="utf-8")
    assert 'command = [sys.executable, "-m", "service.ranking", *arguments]' in apart
    pool = next(path for path in SOURCES if path.match("ranking/pool.py")).read_text(encoding="utf-8")
    assert 'command = [sys.executable, "-m", "service.ranking.worker", str(theirs.fileno())]' in pool
    assert "shell" not in apart + pool


@pytest.fixture(scope="module")
def library():
    with closing(sqlite3.connect(":memory:")) as connection:
        yield MemoryLibrary(connection, [GOLF, SUV], "v1")


@pytest.mark.parametrize("attack", VARIANTS)
def test_an_attack_that_the_check_misses_finds_nothing_to_run_in(library, attack):
    """The check is not the defence: the ranker takes every attack for words."""
    for text in VARIANTS[attack]:
        LocalRanker().rank(library, Brief(text))

    assert library.connection().execute("SELECT id FROM signals ORDER BY row").fetchall() == [(GOLF.id,), (SUV.id,)]


def test_an_attack_as_a_cell_of_a_row_stays_a_cell(tmp_path):
    store = Store(tmp_path / "signals.db")
    names = ["'; drop table signals; --", '" or 1=1', "x\\' union select 1"]
    store.import_rows([replace(SUV, id=f"s{number}", name=name) for number, name in enumerate(names)])

    assert [signal.name for signal in store.signals()] == names
