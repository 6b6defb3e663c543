"""Requests that are put aside in the loop until Redis has spoken: a whole service, whatever becomes of its Redis."""

import re
import socket
import threading
import time
from contextlib import ExitStack, closing

import pytest

from service.asking import WORD
from service.fleet import tether
from service.fleet.inquiry import ASIDE
from tests.fleet.instances import UNHURRIED
from tests.fleet.redis_server import RedisServer, needs_redis
from tests.running import OPERATOR, TOKEN, Running, TrickyRanker, free_port, receive, request_bytes, wait_for
from tests.serving import read_all

pytestmark = needs_redis

CARS = "/api/signals?spec=cars&max_results=5"
CAR = request_bytes("GET", CARS)


class Service(Running):
    """A service over a Redis, with what it would find at once kept, and a line in its loop."""

    def __init__(self, folder, redis, ranker=None, line=True, **settings):
        url = redis if isinstance(redis, str) else redis.url
        usual = {"OPERATOR_TOKEN": TOKEN, "REDIS_WAIT_SECONDS": UNHURRIED, "REDIS_URL": url, "CLIENT_CONNECTIONS": 0}
        super().__init__(folder, ranker, **(usual | settings))
        self.get(CARS)
        if line:
            self.has_a_line()

    @property
    def inquiry(self):
        return self.service.company.fleet.inquiry

    @property
    def store(self):
        return self.service.company.fleet.store

    @property
    def no_worker(self):
        """While this lock is held, no worker can take anything."""
        return self.service.server.task_dispatcher.lock

    def has_a_line(self):
        wait_for(lambda: self.inquiry._tether.line)
        return self

    def cut(self, redis):
        """Have Redis hang up on the line; returns it."""
        line = self.inquiry._tether.line
        host, port = line._socket.getsockname()
        assert redis.ask("CLIENT", "KILL", f"{host}:{port}") == b"+OK\r\n"
        return line

    def asks_aside(self, count=1, raw=CAR):
        """Ask over ``count`` connections that are put aside; returns them."""
        before = len(self.inquiry)
        clients = [self.connect() for _ in range(count)]
        for client in clients:
            client.sendall(raw)
        wait_for(lambda: len(self.inquiry) == before + count)
        return clients


@pytest.fixture
def service(redis, started, tmp_path):
    """Return a function that starts one."""
    return lambda redis=redis, **settings: started(Service(tmp_path, redis, **settings))


def left(answer):
    return int(answer.header("X-RateLimit-Remaining"))


# A Redis that is well


def test_what_is_known_is_answered_while_no_worker_can_take_anything(service):
    one = service(RATE_LIMIT="4/60", BLOCK_SCORE=15, TRUSTED_PROXIES=1)
    for _ in range(2):
        one.search("%3Cscript%3Ealert(1)%3C/script%3E", X_Forwarded_For="192.0.2.9")

    with one.no_worker:
        known = one.get(CARS, X_Forwarded_For="192.0.2.1")
        wrong = one.get("/api/signals", X_Forwarded_For="192.0.2.1")
        blocked = one.get(CARS, X_Forwarded_For="192.0.2.9")
        rest = [one.get(CARS, X_Forwarded_For="192.0.2.1").status for _ in range(2)]
        limited = one.get("/api/signals?spec=boats", X_Forwarded_For="192.0.2.1")

    assert (known.status, known.header("X-Cache"), left(known)) == (200, "hit", 3)
    assert (wrong.status, left(wrong), blocked.status, rest) == (400, 2, 403, [200, 200])
    assert limited.status == 429
    assert 50 <= int(limited.header("Retry-After")) <= 60


def test_all_that_come_in_one_turn_are_asked_about_in_one_write(service, redis):
    one = service()
    count = 50
    redis.freeze()
    clients = one.asks_aside(count)
    redis.thaw()
    answers = [receive(client) for client in clients]
    [client.close() for client in clients]

    assert {answer.status for answer in answers} == {200}
    assert len({left(answer) for answer in answers}) == count, "each is counted, and told its own count"


def test_every_request_counts_once_whoever_answers_it(service):
    one = service(RATE_LIMIT="100/60")
    asked = [
        lambda: one.get(CARS),
        lambda: one.search("boats"),
        lambda: one.post({"signal_spec": "trains"}),
        lambda: one.get("/"),
        lambda: one.get("/nothing/here"),
        lambda: one.get(CARS, Authorization="Basic bm9ib2R5Om5vdGhpbmc="),
        lambda: one.get(CARS, X_Forwarded_For="1" * 300),
        lambda: one.ask("HEAD", CARS),
    ]
    first = left(one.get(CARS))

    assert [left(ask()) for ask in asked] == list(range(first - 1, first - 1 - len(asked), -1))


def test_what_is_refused_before_the_limit_and_what_has_none_counts_for_nobody(service):
    one = service(RATE_LIMIT="100/60")
    first = left(one.get(CARS))
    call = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    statuses = [
        one.ask("POST", "/mcp", call, {"Content-Type": "application/json", "Origin": "https://elsewhere.example"}),
        one.ask("POST", "/mcp", call, {"Content-Type": "text/plain"}),
        one.get("/health"),
        one.get("/api/monitoring/health"),
    ]

    assert [answer.status for answer in statuses] == [403, 415, 200, 200]
    assert left(one.get(CARS)) == first - 1


def test_a_call_of_an_agent_is_answered_at_once_and_counts(service):
    one = service(RATE_LIMIT="100/60")
    call = (
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_signals","arguments":'
        b'{"signal_spec":"cars","max_results":5}}}'
    )
    headers = {"Content-Type": "application/json"}
    wait_for(lambda: one.ask("POST", "/mcp", call, headers).status == 200)
    first = left(one.get(CARS))

    with one.no_worker:
        answer = one.ask("POST", "/mcp", call, headers)

    assert answer.status == 200
    assert "error" not in answer.document
    assert left(one.get(CARS)) == first - 2


def test_a_redis_that_forgot_its_scripts_is_told_them_again_in_the_loop(service, redis):
    one = service()
    redis.ask("SCRIPT", "FLUSH")

    with one.no_worker:
        answers = [one.get(CARS) for _ in range(3)]

    assert [answer.status for answer in answers] == [200] * 3
    assert left(answers[0]) - left(answers[2]) == 2
    assert not any(one.store.failures.values())


def test_many_that_were_asked_about_before_the_scripts_were_forgotten_are_each_counted_once(service, redis):
    one = service(RATE_LIMIT="1000/60")
    before = left(one.get(CARS))
    redis.ask("SCRIPT", "FLUSH")
    redis.freeze()
    clients = one.asks_aside(30)
    redis.thaw()
    answers = [receive(client) for client in clients]
    [client.close() for client in clients]

    assert sorted(left(answer) for answer in answers) == list(range(before - 30, before))


def test_the_time_that_a_request_was_put_aside_is_part_of_how_long_it_took(service, redis):
    one = service()
    redis.freeze()
    began = time.monotonic()
    [client] = one.asks_aside()
    aside = time.monotonic()
    wait_for(lambda: time.monotonic() > aside + 0.1)
    redis.thaw()
    answer = receive(client)
    client.close()

    [line] = wait_for(lambda: one.events("request", request_id=answer.header("X-Request-ID")))
    assert 0.1 <= line["duration"] <= time.monotonic() - began


def test_answers_on_one_connection_keep_their_order(service):
    ranker = TrickyRanker()
    one = service(ranker=ranker)
    targets = ["/api/signals?spec=slow&max_results=5", CARS, "/health", CARS, "/api/signals?spec=boats&max_results=5"]
    ends = [(), (), (), (), [("Connection", "close")]]
    with one.connect() as client:
        client.sendall(b"".join(request_bytes("GET", target, end) for target, end in zip(targets, ends, strict=True)))
        ranker.busy()
        ranker.release.set()
        answers = re.findall(rb'X-Cache: (\w+)|\{"status":"(ok)"\}', read_all(client))

    assert [b"".join(answer) for answer in answers] == [b"miss", b"hit", b"ok", b"hit", b"miss"]


def test_through_tls_it_is_asked_as_well(started, tmp_path, certificate, monkeypatch):
    port = free_port()
    files = ("--tls-cert-file", str(certificate[0]), "--tls-key-file", str(certificate[1]))
    plain = started(RedisServer(tmp_path, "--tls-port", str(port), "--tls-auth-clients", "no", *files))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    one = started(Service(tmp_path, f"rediss://127.0.0.1:{port}"))

    with one.no_worker:
        assert one.get(CARS).status == 200
    plain.freeze()
    clients = one.asks_aside(200)
    plain.thaw()

    assert {receive(client).status for client in clients} == {200}
    [client.close() for client in clients]


# A Redis that is not


def test_while_redis_is_frozen_the_loop_goes_on(service, redis):
    one = service()
    redis.freeze()
    [client] = one.asks_aside()
    with one.no_worker:
        assert one.get("/health").status == 200
    redis.thaw()

    assert receive(client).status == 200
    client.close()
    assert one.store.ok


def test_whoever_waits_for_a_frozen_redis_is_answered_after_one_time_out_and_nobody_waits_after_it(service, redis):
    one = service(REDIS_WAIT_SECONDS=0.5)
    redis.freeze()
    clients = one.asks_aside(20)

    with one.no_worker:
        answers = [receive(client) for client in clients]
        assert not one.store.ok
        later = [one.get(CARS) for _ in range(5)]
    [client.close() for client in clients]

    assert {answer.status for answer in answers + later} == {200}
    assert len(one.events("store_down", fault="timeout")) == 1
    assert one.store.failures["timeout"] >= 1
    redis.thaw()
    wait_for(lambda: one.store.ok)
    one.has_a_line()
    with one.no_worker:
        assert one.get(CARS).status == 200


@pytest.mark.parametrize(
    ("lose", "mend", "fault"),
    [
        (lambda redis: redis.kill(), lambda redis: redis.start(), "unreachable"),
        (
            lambda redis: redis.ask("CONFIG", "SET", "maxmemory", "1"),
            lambda redis: redis.ask("CONFIG", "SET", "maxmemory", "0"),
            "full",
        ),
        (
            lambda redis: redis.ask("REPLICAOF", "127.0.0.1", free_port()),
            lambda redis: redis.ask("REPLICAOF", "NO", "ONE"),
            "read_only",
        ),
    ],
)
def test_a_redis_that_is_lost_is_judged_without_in_the_loop_and_found_again(service, redis, lose, mend, fault):
    one = service(RATE_LIMIT="50/60")
    lose(redis)

    assert one.get(CARS).status == 200
    wait_for(lambda: not one.store.ok)
    with one.no_worker:
        answers = [one.get(CARS) for _ in range(3)]
    assert {answer.status for answer in answers} == {200}
    assert left(answers[0]) - left(answers[2]) == 2
    assert one.store.failures[fault] >= 1
    mend(redis)
    wait_for(lambda: one.store.ok)
    one.has_a_line()

    with one.no_worker:
        assert one.get(CARS).status == 200


def test_a_redis_that_dies_with_questions_under_way_loses_none_of_them(service, redis):
    one = service()
    redis.freeze()
    clients = one.asks_aside(20)
    redis.kill()
    answers = [receive(client) for client in clients]
    [client.close() for client in clients]

    assert {answer.status for answer in answers} == {200}
    assert one.store.failures["unreachable"] >= 1


def test_a_limit_that_this_instance_saw_used_up_holds_while_redis_is_gone(service, redis):
    one = service(RATE_LIMIT="5/60")
    assert left(one.get(CARS)) == 3
    redis.kill()

    assert [one.get(CARS).status for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_redis_that_hangs_up_on_who_is_idle_costs_a_new_line_and_no_fault(service, redis, monkeypatch):
    monkeypatch.setattr(tether, "PAUSE_SECONDS", 0.0)
    one = service()
    line = one.cut(redis)

    wait_for(lambda: one.inquiry._tether.line not in (None, line))
    with one.no_worker:
        assert one.get(CARS).status == 200
    assert one.store.ok
    assert not any(one.store.failures.values())


def test_while_there_is_no_line_workers_ask(service, redis, monkeypatch):
    monkeypatch.setattr(tether, "PAUSE_SECONDS", 1000.0)
    one = service(RATE_LIMIT="100/60")
    before = left(one.get(CARS))
    one.cut(redis)
    wait_for(lambda: one.inquiry._tether.line is None)

    assert [left(one.get(CARS)) for _ in range(2)] == [before - 1, before - 2]


class FalseRedis:
    """Says OK to a probe and ``answer`` to everything else."""

    def __init__(self, answer):
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with ExitStack() as stack:
            while True:
                try:
                    peer = stack.enter_context(self._server.accept()[0])
                except OSError:
                    return
                threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        try:
            while asked := peer.recv(65536):
                peer.sendall(b"+OK\r\n" if b"sa1:probe" in asked else self._answer)
        except OSError:
            return

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "refused"),
        (b"$5\r\nabcdefgh", "refused"),
        (b"*1\r\n$1\r\na\r\n", "refused"),
        (b"$8\r\nadmitted\r\n" * 2, "refused"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"-NOAUTH Authentication required.\r\n", "refused"),
        (b"-NOSCRIPT No matching script.\r\n", "refused"),
    ],
)
def test_what_makes_no_sense_takes_redis_down_and_fails_nobody(service, started, answer, fault):
    one = service(started(closing(FalseRedis(answer))), line=False)

    assert [one.get(CARS).status for _ in range(20)] == [200] * 20
    wait_for(lambda: one.get(CARS).status == 200 and one.store.failures[fault])
    assert one.get("/health").status == 200


@pytest.mark.parametrize("reply", [b"$5\r\nhello\r\n", b"-WRONGTYPE Operation against a key\r\n"])
def test_a_reply_that_means_nothing_is_passed_over_and_counted(service, started, reply):
    one = service(started(closing(FalseRedis(reply))), RATE_LIMIT="100/60")
    before, garbage = left(one.get(CARS)), one.store.garbage

    with one.no_worker:
        assert left(one.get(CARS)) == before - 1
    # Jobs that ask Redis meanwhile get the same reply.
    assert one.store.garbage > garbage
    assert one.store.ok


def test_a_bug_met_in_a_reply_leaves_nobody_aside(service, redis, monkeypatch):
    one = service()

    def understood(client, reply):
        raise KeyError("a bug")

    redis.freeze()
    clients = one.asks_aside(5)
    with monkeypatch.context() as patch:
        patch.setattr(one.service.company.fleet.clients, "understood", understood)
        redis.thaw()
        answers = [receive(client) for client in clients]
    [client.close() for client in clients]

    assert {answer.status for answer in answers} == {200}
    assert one.store.failures["refused"] == 1
    wait_for(lambda: one.store.ok)
    one.has_a_line()


# Who is put aside


def test_a_client_that_goes_while_it_is_put_aside_is_counted_and_harms_nobody(service, redis):
    one = service(RATE_LIMIT="100/60")
    before = left(one.get(CARS))
    redis.freeze()
    gone, stays = one.asks_aside(2)
    gone.close()
    wait_for(lambda: one.service.server.connections == 1)
    redis.thaw()

    assert receive(stays).status == 200
    stays.close()
    assert left(one.get(CARS)) == before - 3


def test_told_to_end_while_requests_are_put_aside_it_answers_them(service, redis):
    one = service()
    redis.freeze()
    clients = one.asks_aside(10)
    one.service.drain()
    wait_for(lambda: not one.service.server.accepting)
    assert len(one.inquiry) == 10
    redis.thaw()

    answers = [receive(client) for client in clients]
    [client.close() for client in clients]
    assert {(answer.status, answer.header("Connection")) for answer in answers} == {(200, "close")}
    assert one.ended() == 0


def test_told_to_end_while_redis_is_frozen_it_answers_after_the_time_out(service, redis):
    one = service(REDIS_WAIT_SECONDS=0.5)
    redis.freeze()
    clients = one.asks_aside(10)
    one.service.drain()

    assert {receive(client).status for client in clients} == {200}
    [client.close() for client in clients]
    redis.thaw()
    assert one.ended() == 0


def test_told_twice_to_end_it_ends_with_requests_put_aside_and_leaves_no_connection(service, redis):
    one = service()
    redis.freeze()
    clients = one.asks_aside(3)
    one.service.drain()
    one.service.drain()

    assert [client.recv(1) for client in clients] == [b""] * 3
    [client.close() for client in clients]
    redis.thaw()
    assert one.ended() == 1
    assert len(one.inquiry) == 0


def test_a_request_that_comes_after_the_end_was_told_counts_for_nobody(service, redis):
    ranker = TrickyRanker()
    one = service(ranker=ranker, RATE_LIMIT="100/60")
    before = left(one.get(CARS))
    with one.connect() as client, one.connect() as other:
        client.sendall(request_bytes("GET", "/api/signals?spec=slow"))
        ranker.busy()
        wait_for(lambda: one.service.server.connections == 2)
        one.service.drain()
        other.sendall(CAR)
        late = receive(other)
        ranker.release.set()
        first = receive(client)

    assert (first.status, late.status) == (200, 503)
    assert one.ended() == 0
    window = redis.ask("LLEN", "sa1:window60:127.0.0.1")
    assert window == b":%d\r\n" % (100 - before + 1)


def test_only_so_many_are_put_aside_and_the_rest_go_to_workers(service, redis):
    one = service()
    redis.freeze()
    done = []
    clients = one.asks_aside(3)
    # In the thread of the loop alone, so the loop is kept from turning while this thread stands in for it.
    with one.service.server.task_dispatcher.lock:
        room = ASIDE - len(one.inquiry)
        told = [one.inquiry.ask("192.0.2.1", {}, lambda: done.append(1)) for _ in range(room)]
        environ = {}
        refused = one.inquiry.ask("192.0.2.1", environ, lambda: done.append(1))
    redis.thaw()

    assert all(told)
    assert not refused
    assert WORD not in environ
    one.get("/health")
    wait_for(lambda: len(done) == room)
    assert [receive(client).status for client in clients] == [200] * 3
    [client.close() for client in clients]


def test_the_monitoring_tells_of_redis_as_before(service, redis):
    one = service(REDIS_WAIT_SECONDS=0.5)
    redis.freeze()
    [client] = one.asks_aside()
    assert receive(client).status == 200
    client.close()

    clients = one.get("/api/monitoring/stats", **OPERATOR).document["clients"]
    redis.thaw()

    assert clients["store_ok"] is False
