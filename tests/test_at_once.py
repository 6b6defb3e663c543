"""What the server's own thread answers: the same as a worker would have, and nothing that waits or computes."""

import re
import threading
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from service import door
from service.asking import WORD
from service.at_once import LONGEST_FORWARDED, READY, AtOnce
from service.blocks import Blocks
from service.errors import Overloaded
from service.messages import Response
from service.routes import matcher
from service.sliding_window import SlidingWindow
from service.state import State
from tests.doubles import FakeClock, a_request
from tests.running import OPERATOR, Running, TrickyRanker, receive, request_bytes, wait_for
from tests.serving import read_all
from tests.test_web import environ_of

CARS = "/api/signals?spec=cars&max_results=5"
BY_A_WORKER = {"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="}
"""A request that brings credentials of any kind is never answered at once, and these mean nothing."""


class Ranker(TrickyRanker):
    """Remembers which threads have ranked."""

    def __init__(self):
        super().__init__()
        self.threads = set()

    def rank(self, library, brief):
        self.threads.add(threading.current_thread())
        return super().rank(library, brief)


@pytest.fixture
def ranker():
    made = Ranker()
    yield made
    made.release.set()


def warmed(service):
    """Have the first page of cars kept, and the words known that plain ones are told by."""
    assert service.get(CARS).status == 200
    return service


def fill(service, ranker, stack):
    """Take the only slot and the only place to wait."""
    waits = []
    for number in range(2):
        waits.append(service.held(lambda number=number: service.search(f"slow+{number}")))
        if not number:
            ranker.busy()
    wait_for(lambda: service.service.engine.gate.depth == 1)
    stack.callback(lambda: [wait() for wait in waits])
    stack.callback(ranker.release.set)


# The whole service


def test_what_is_known_is_answered_while_no_worker_can_take_anything(tmp_path, ranker):
    with (
        Running(tmp_path, ranker, SLOTS=1, QUEUE_SIZE=1, BLOCK_SCORE=15, TRUSTED_PROXIES=1) as service,
        ExitStack() as stack,
    ):
        warmed(service)
        for _ in range(2):
            service.search("%3Cscript%3Ealert(1)%3C/script%3E", X_Forwarded_For="192.0.2.9")
        fill(service, ranker, stack)
        stack.enter_context(service.service.server.task_dispatcher.lock)

        assert service.get("/health").status == 200
        assert service.get(CARS).header("X-Cache") == "hit"
        assert service.get("/api/signals").status == 400
        assert service.search("boats", X_Forwarded_For="192.0.2.9").status == 403
        full = service.search("boats")
        assert full.status == 503
        assert int(full.header("Retry-After")) >= 1


def test_a_client_over_its_limit_is_told_so_while_no_worker_can_take_anything(tmp_path):
    with Running(tmp_path, RATE_LIMIT="2/60") as service:
        warmed(service)
        service.search("boats")
        with service.service.server.task_dispatcher.lock:
            refused = service.search("trains")

        assert refused.status == 429
        assert refused.header("RateLimit").startswith('"default";r=0;')


def comparable(answer):
    """Return an answer without what differs from one request to the next."""
    headers = sorted((name.lower(), value) for name, value in answer.headers)
    changing = {"date", "x-request-id", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    body = re.sub(rb'"request_id": ?"[^"]*"', b"", answer.body)
    return answer.status, [(name, "" if name in changing else value) for name, value in headers], body


def logged(service, answer):
    [line] = wait_for(lambda: service.events("request", request_id=answer.header("X-Request-ID")))
    return {name: value for name, value in line.items() if name not in ("timestamp", "request_id", "duration")}


@pytest.mark.parametrize("target", [CARS, "/api/signals", "/api/signals?spec=boats", CARS + "&nonsense=1"])
def test_an_answer_at_once_is_a_workers_answer_with_its_headers_its_log_line_and_its_counts(tmp_path, ranker, target):
    with Running(tmp_path, ranker, SLOTS=1, QUEUE_SIZE=1) as service, ExitStack() as stack:
        warmed(service)
        fill(service, ranker, stack)
        tally, seen = service.service.watching.tally, []
        for headers in ({}, BY_A_WORKER):
            before = tally.totals()
            answer = service.ask("GET", target, headers={"X-Request-ID": f"own-id-{len(seen)}"} | headers)
            line, after = logged(service, answer), tally.totals()
            counted = {
                name: {key: getattr(after, name)[key] - getattr(before, name)[key] for key in getattr(after, name)}
                for name in ("rejected", "cache", "rankings")
            }
            seen.append((comparable(answer), line, counted, answer.header("X-RateLimit-Remaining")))

    at_once, by_a_worker = seen
    assert at_once[:3] == by_a_worker[:3]
    assert int(at_once[3]) - int(by_a_worker[3]) == 1, "both count against the limit"


def test_an_unchanged_page_is_304_at_once_too_and_a_head_has_no_body(tmp_path):
    with Running(tmp_path) as service:
        etag = warmed(service).get(CARS).header("ETag")
        with service.service.server.task_dispatcher.lock:
            unchanged = service.get(CARS, If_None_Match=etag)
            head = service.ask("HEAD", CARS)

    assert (unchanged.status, unchanged.body) == (304, b"")
    assert (head.status, head.body) == (200, b"")
    assert int(head.header("Content-Length")) > 100


def test_nothing_is_ranked_in_the_thread_of_the_loop(tmp_path, ranker):
    with Running(tmp_path, ranker, QUEUE_SIZE=50) as service:
        warmed(service)
        for number in range(20):
            service.search(f"boats+{number % 7}")
            service.search(f"boats+{number}", Authorization="Basic bm9ib2R5Om5vdGhpbmc=")
            service.post({"signal_spec": f"trains {number}"})

        assert ranker.threads
        assert service._thread not in ranker.threads


def test_what_is_kept_is_answered_in_its_turn_behind_what_must_be_computed(tmp_path, ranker):
    with Running(tmp_path, ranker) as service, service.connect() as client:
        warmed(service)
        targets = ["/api/signals?spec=slow&max_results=5", CARS, "/health", "/api/signals?spec=boats&max_results=5"]
        ends = [(), (), (), [("Connection", "close")]]
        client.sendall(b"".join(request_bytes("GET", target, end) for target, end in zip(targets, ends, strict=True)))
        ranker.busy()
        ranker.release.set()
        answers = re.findall(rb'X-Cache: (\w+)|\{"status":"(ok)"\}', read_all(client))

    assert [b"".join(answer) for answer in answers] == [b"miss", b"hit", b"ok", b"miss"]


def test_a_stale_page_is_renewed_by_others_and_answered_at_once_meanwhile(tmp_path, ranker):
    with Running(tmp_path, ranker, SLOTS=1, CACHE_TTL_SECONDS=0) as service, ExitStack() as stack:
        warmed(service)
        wait = service.held(lambda: service.search("slow"))
        ranker.busy()
        stack.callback(wait)
        stack.callback(ranker.release.set)
        # This one begins the renewal, which waits for the slot.
        assert service.get(CARS).header("X-Cache") == "stale"
        wait_for(lambda: service.service.engine.gate.behind == 1)
        stack.enter_context(service.service.server.task_dispatcher.lock)

        assert service.get(CARS).header("X-Cache") == "stale"


def test_a_question_that_comes_too_late_is_refused_at_once(tmp_path, ranker):
    with Running(tmp_path, ranker, SLOTS=1) as service, service.connect() as late:
        warmed(service)
        late.sendall(request_bytes("GET", "/health"))
        receive(late)
        wait = service.held(lambda: service.search("slow"))
        ranker.busy()
        # The head of a request before the drain keeps the connection; its first byte came before, so it is answered.
        late.sendall(b"GET /api/signals?spec=cars&max_results=5 HTTP/1.1\r\n")
        wait_for(lambda: any(channel.request for channel in [*service.service.server.active_channels.values()]))
        service.service.drain()
        with service.service.server.task_dispatcher.lock:
            late.sendall(b"Host: localhost\r\n\r\n")
            answer = receive(late)
        ranker.release.set()

        assert (answer.status, answer.header("Connection")) == (200, "close")
        assert wait().status == 200
        assert service.ended() == 0


def test_the_monitoring_of_a_full_service_is_untouched(tmp_path, ranker):
    with Running(tmp_path, ranker, SLOTS=1, QUEUE_SIZE=1, OPERATOR_TOKEN=OPERATOR["Authorization"][7:]) as service:
        with ExitStack() as stack:
            warmed(service)
            fill(service, ranker, stack)
            service.search("boats")
            stats = service.get("/api/monitoring/stats", **OPERATOR).document

        assert stats["requests"]["rejected"]["overloaded"] == 1
        assert stats["queue"]["depth"] == 1


# The decision by itself


def decided(environ, prepare=lambda request: lambda asked: Response(200), judge=lambda client, environ: False):
    at_once = AtOnce(matcher(), lambda peer, forwarded: forwarded or peer, judge, {"search": prepare})
    return at_once(environ)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/signals", {"authorization": "Bearer x"}),
        ("/api/signals", {"x_adcp_auth": "x"}),
        ("/api/signals", {"x_forwarded_for": "1" * (LONGEST_FORWARDED + 1)}),
        ("/api/monitoring/stats", {}),
        ("/nothing", {}),
    ],
)
def test_what_may_take_longer_goes_to_a_worker(path, headers):
    assert not decided(environ_of(path=path, **headers))
    assert decided(environ_of(path="/api/signals"))


def test_what_was_found_ends_the_walk():
    environ = environ_of(path="/api/signals")
    answer = Response(200)

    assert decided(environ, lambda request: lambda asked: answer)
    assert environ[READY](a_request()) is answer


def test_where_nothing_is_found_a_worker_begins_anew():
    environ = environ_of(path="/api/signals")

    assert not decided(environ, lambda request: None)
    assert READY not in environ


def test_a_client_that_is_turned_away_has_nothing_found_for_it_not_even_if_it_is_let_through_after_all():
    environ, asked = environ_of(path="/api/signals"), []

    assert decided(environ, asked.append, lambda client, environ: True)
    with pytest.raises(Overloaded) as refusal:
        environ[READY](a_request())
    assert refusal.value.retry_after == 1
    assert asked == []


class Word(NamedTuple):
    """What was said of a request elsewhere."""

    refuses: bool


def test_where_limits_are_shared_only_what_was_asked_about_is_answered_at_once(tmp_path):
    clock = FakeClock()
    blocks, window = Blocks(300, State(tmp_path / "state.db", clock, print), clock), SlidingWindow(1, 60, clock)
    found = []
    at_once = door.at_once(
        blocks, window, lambda peer, forwarded: peer, *2 * [lambda request: found.append(1) or Response], alone=False
    )

    def decide(**more):
        environ = environ_of(path="/api/signals") | more
        found.clear()
        return at_once(environ), len(found)

    assert decide() == (False, 0)
    assert at_once(environ_of(path="/health"))
    assert decide(**{WORD: Word(refuses=False)}) == (True, 1)
    assert decide(**{WORD: Word(refuses=True)}) == (True, 0)
    # Nobody could say: this instance judges by what it knows.
    assert decide(**{WORD: None}) == (True, 1)
    window.hit(environ_of()["REMOTE_ADDR"])
    assert decide(**{WORD: None}) == (True, 0)
    assert decide(**{WORD: Word(refuses=False)}) == (True, 1)
