import socket
import threading
import time
from contextlib import closing

import pytest

from service import redis_url
from service.fleet.lines import connector
from service.fleet.script import Script
from service.fleet.store import Store
from tests.fleet.redis_server import RedisServer, needs_redis
from tests.running import free_port, wait_for

pytestmark = needs_redis
ECHO = Script("return ARGV[1]")
COUNT = Script("return redis.call('INCR', KEYS[1])")


class Watched:
    """A store over a Redis, with the changes that it told of."""

    def __init__(self, url, seconds=1.0):
        self.changes = []
        self.store = Store(
            connector(redis_url.read(url), seconds),
            time.monotonic,
            lambda *change: self.changes.append(change),
            seconds,
        )
        self.store.open()

    def echo(self, text=b"hello"):
        return self.store.run(ECHO, [], [text])

    def count(self):
        return self.store.run(COUNT, [b"count"], [])

    def comes_back(self):
        wait_for(lambda: self.store.ok, 5)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.store.close()


@pytest.fixture
def watched(redis, started):
    return started(Watched(redis.url))


def test_a_script_is_run_whether_redis_knows_it_or_not(redis, watched):
    assert watched.echo() == b"hello"
    redis.ask("SCRIPT", "FLUSH")

    assert watched.echo(b"again") == b"again"
    assert watched.store.ok
    assert not any(watched.store.failures.values())


def test_other_commands_go_through_the_client(watched):
    assert watched.store.call(lambda client: client.set("name", "value", ex=10), False) is True
    assert watched.store.call(lambda client: client.get("name"), None) == b"value"


def test_a_redis_that_dies_is_noticed_once_and_comes_back_by_itself(redis, watched):
    watched.echo()
    redis.kill()

    assert watched.echo() is None
    assert watched.echo() is None
    assert watched.changes[-1] == (False, "unreachable")
    redis.start()
    watched.comes_back()

    assert watched.echo() == b"hello"
    assert watched.changes == [(True, None), (False, "unreachable"), (True, None)]


def test_a_frozen_redis_costs_one_time_out_and_then_nothing(redis, started):
    watched = started(Watched(redis.url, seconds=0.1))
    wait_for(watched.echo)
    redis.freeze()

    began = time.monotonic()
    assert watched.echo() is None
    first = time.monotonic() - began
    assert 0.05 < first < 2
    sockets_touched = watched.store.failures["timeout"]
    for _ in range(1000):
        assert watched.echo() is None
    assert watched.store.call(lambda client: client.get("name"), "local") == "local"
    assert watched.changes[-1] == (False, "timeout")
    assert time.monotonic() - began - first < 1000 * 0.1 / 10
    assert watched.store.failures["timeout"] <= sockets_touched + 20  # the keeper's own
    redis.thaw()
    watched.comes_back()

    assert watched.echo() == b"hello"


def test_a_redis_that_is_full_counts_as_down_until_it_takes_writes_again(redis, watched):
    redis.ask("CONFIG", "SET", "maxmemory", "1")

    assert watched.count() is None
    assert watched.changes[-1] == (False, "full")
    redis.ask("CONFIG", "SET", "maxmemory", "0")
    watched.comes_back()

    assert watched.count() == 1


def test_a_replica_takes_no_writes_and_counts_as_down(redis, watched):
    redis.ask("REPLICAOF", "127.0.0.1", free_port())

    assert watched.count() is None
    assert watched.changes[-1] == (False, "read_only")
    redis.ask("REPLICAOF", "NO", "ONE")
    watched.comes_back()


def test_a_wrong_password_is_a_refusal(started, tmp_path):
    server = started(RedisServer(tmp_path, "--requirepass", "right"))
    right = started(Watched(server.url.replace("//", "//:right@") + "/1"))
    wrong = started(Watched(server.url.replace("//", "//:wrong@")))

    assert right.echo() == b"hello"
    assert not wrong.store.ok
    assert wrong.changes == [(False, "refused")]


def test_data_of_the_wrong_kind_is_counted_and_takes_nothing_down(redis, watched):
    redis.ask("RPUSH", "count", "garbage")

    assert watched.count() is None
    assert watched.store.call(lambda client: client.get("count"), None) is None
    assert watched.store.ok
    assert watched.store.garbage == 2


def test_connections_that_were_closed_while_idle_are_not_a_fault(redis, watched):
    watched.echo()
    redis.ask("CLIENT", "KILL", "TYPE", "normal")
    wait_for(lambda: time.monotonic() - watched.store._since > 1.2)

    assert watched.echo() == b"hello"
    assert not any(watched.store.failures.values())


def test_no_more_connections_are_open_than_callers_at_once(redis, started):
    watched = started(Watched(redis.url, seconds=10))

    def ask_often():
        for _ in range(200):
            assert watched.echo() == b"hello"

    threads = [threading.Thread(target=ask_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(watched.store._pool) <= 9
    assert watched.store.ok


def test_a_service_starts_without_its_redis_and_finds_it_later(started, tmp_path):
    port = free_port()
    watched = started(Watched(f"redis://127.0.0.1:{port}"))
    assert not watched.store.ok
    assert watched.echo() is None

    started(RedisServer(tmp_path, port=port))
    watched.comes_back()

    assert watched.changes == [(False, "unreachable"), (True, None)]


def test_what_speaks_another_protocol_is_down_and_never_raises(started):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        answers = [b"HTTP/1.1 400 Bad Request\r\n\r\n", b":not a number\r\n", b"*-7\r\n", b"$5\r\nab"]

        def serve():
            for answer in answers * 10:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(4096)
                    peer.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        watched = started(Watched(f"redis://127.0.0.1:{server.getsockname()[1]}"))
        wait_for(lambda: sum(watched.store.failures.values()) > 3)

        assert watched.echo() is None
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_closed_store_answers_nothing_and_leaves_no_connection(redis):
    with Watched(redis.url) as watched:
        watched.echo()

    assert watched.echo() is None
    wait_for(lambda: b"id=" not in _others(redis))


def _others(redis):
    listed = redis.ask("CLIENT", "LIST", "TYPE", "normal").split(b"\n")
    return b"\n".join(line for line in listed if b"cmd=client" not in line)
