import gc

import pytest

from tests.fleet.redis_server import RedisServer, needs_redis
from tests.fleet.test_store import Watched
from tests.running import free_port, wait_for

pytestmark = needs_redis


class Sentinel(RedisServer):
    """A sentinel that watches one Redis under the name ``main``."""

    def __init__(self, folder, watched):
        config = folder / "sentinel.conf"
        config.write_text(f"sentinel monitor main 127.0.0.1 {watched.port} 1\n")
        super().__init__(folder, config=[str(config), "--sentinel"])


def test_sentinels_are_asked_who_the_master_is(redis, started, tmp_path):
    sentinel = started(Sentinel(tmp_path, redis))
    watched = started(Watched(f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/main", seconds=10))

    assert watched.echo() == b"hello"
    redis.kill()
    assert watched.echo() is None
    redis.start()
    watched.comes_back()

    assert watched.echo() == b"hello"


def test_a_service_that_no_sentinel_knows_is_unreachable(redis, started, tmp_path):
    sentinel = started(Sentinel(tmp_path, redis))

    watched = started(Watched(f"redis+sentinel://127.0.0.1:{sentinel.port}/other"))

    assert watched.changes == [(False, "unreachable")]


def test_a_master_that_became_a_replica_is_left_for_the_new_one(redis, started, tmp_path):
    sentinel = started(Sentinel(tmp_path, redis))
    (tmp_path / "other").mkdir()
    other = started(RedisServer(tmp_path / "other"))
    watched = started(Watched(f"redis+sentinel://127.0.0.1:{sentinel.port}/main", seconds=10))
    assert watched.count() == 1

    redis.ask("REPLICAOF", "127.0.0.1", other.port)
    assert watched.count() is None
    sentinel.ask("SENTINEL", "REMOVE", "main")
    sentinel.ask("SENTINEL", "MONITOR", "main", "127.0.0.1", other.port, "1")
    watched.comes_back()

    assert wait_for(watched.count) == 1
    assert other.ask("GET", "count") == b"$1\r\n1\r\n"


# The client leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_rediss_wants_a_certificate_that_it_can_check(started, tmp_path, certificate, monkeypatch):
    port = free_port()
    options = ("--tls-port", str(port), "--tls-auth-clients", "no")
    files = ("--tls-cert-file", str(certificate[0]), "--tls-key-file", str(certificate[1]))
    started(RedisServer(tmp_path, *options, *files))

    with Watched(f"rediss://127.0.0.1:{port}", seconds=10) as doubtful:
        assert not doubtful.store.ok
    gc.collect()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    trusting = started(Watched(f"rediss://127.0.0.1:{port}", seconds=10))

    assert doubtful.changes == [(False, "unreachable")]
    assert trusting.echo() == b"hello"
