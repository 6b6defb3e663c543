"""Cached answers a second with Redis against without, and what a Redis that freezes costs.

Two services run side by side, one with a redis-server of this bench, and are asked in turn, round after round, so that
a drifting machine hits them alike. Then two and three that share are asked at once, against one. At last Redis is
frozen under a steady load of one question after the other on eight connections.
Usage: python -m tests.bench.bench_fleet [ROUNDS [SECONDS]].
"""

import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

from tests.bench.bench_serving import QUESTION, service_environ
from tests.bench.load import cpu_seconds, free_port, requests_a_second, running
from tests.fleet.redis_server import RedisServer

CONNECTIONS = 8


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(RedisServer(folder))
        programs, ports = {}, {}
        shared = {"REDIS_URL": redis.url}
        for name, extra in {"alone": {}, "shared": shared, "second": shared, "third": shared}.items():
            (folder / name).mkdir()
            ports[name] = free_port()
            environ = service_environ(ports[name]) | {"LOCAL_RANKING": "text"} | extra
            programs[name], _ = stack.enter_context(running(["-m", "service"], ports[name], environ, folder / name))
        compare({name: programs[name] for name in ("alone", "shared")}, ports, redis, rounds, seconds)
        together(programs, ports, redis, seconds)
        freeze(ports["shared"], redis)


def compare(programs, ports, redis: RedisServer, rounds: int, seconds: float) -> None:
    rates = {name: [] for name in programs}
    for number in range(rounds):
        for name in programs:
            before, redis_before = cpu_seconds(programs[name]), cpu_seconds(redis.process)
            rate = requests_a_second(ports[name], QUESTION, seconds)
            rates[name].append(rate)
            spent = (cpu_seconds(programs[name]) - before) / (rate * seconds) * 1e6
            in_redis = (cpu_seconds(redis.process) - redis_before) / (rate * seconds) * 1e6
            print(f"  round {number + 1}: {name} {rate:,.0f}/s, {spent:.0f} us here, {in_redis:.0f} us in Redis")
    ratios = [shared / alone for shared, alone in zip(rates["shared"], rates["alone"], strict=True)]
    for name, found in rates.items():
        print(f"{name:8} median {statistics.median(found):7,.0f} requests/s")
    print(f"shared/alone {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


def together(programs, ports, redis: RedisServer, seconds: float) -> None:
    """Print what one, two and three instances answer at once, and of how many cores who takes what."""
    for names in (("shared",), ("shared", "second"), ("shared", "second", "third")):
        watched = [programs[name] for name in names]
        before = [sum(map(cpu_seconds, watched)), cpu_seconds(redis.process), time.process_time()]
        with ThreadPoolExecutor(len(names)) as crowd:
            rate = sum(crowd.map(lambda name: requests_a_second(ports[name], QUESTION, seconds), names))
        after = [sum(map(cpu_seconds, watched)), cpu_seconds(redis.process), time.process_time()]
        cores = [(late - early) / seconds for early, late in zip(before, after, strict=True)]
        took = "instances {:.2f}, Redis {:.2f}, this generator {:.2f} cores".format(*cores)
        print(f"{len(names)} at once {rate:7,.0f} requests/s: {took}")


def freeze(port: int, redis: RedisServer) -> None:
    """Ask for nine seconds; Redis is frozen for the middle three. Prints the slowest answers of each part."""
    times: list[tuple[float, float, int]] = []
    began = time.perf_counter()
    threads = [threading.Thread(target=_ask, args=(port, began + 9, times)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    time.sleep(3)
    redis.freeze()
    frozen = time.perf_counter()
    time.sleep(3)
    redis.thaw()
    thawed = time.perf_counter()
    for thread in threads:
        thread.join()
    parts = {
        "before the freeze": (began, frozen - 0.2),
        "its first 0.3 s": (frozen - 0.2, frozen + 0.3),
        "frozen": (frozen + 0.3, thawed),
        "the first second after": (thawed, thawed + 1),
        "later": (thawed + 1, began + 9),
    }
    for name, (first, last) in parts.items():
        found = sorted(seconds for at, seconds, _ in times if first <= at < last)
        p99 = found[int(len(found) * 0.99)] if found else 0.0
        print(f"{name:24}{len(found):6} answers, p50 {statistics.median(found) * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms,")
        print(f"{'':24}slowest {found[-1] * 1e3:.1f} ms")
    print(f"answers other than 200: {sum(status != 200 for _, _, status in times)} of {len(times)}")


def _ask(port: int, until: float, times: list[tuple[float, float, int]]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    while (began := time.perf_counter()) < until:
        connection.request("GET", QUESTION)
        answer = connection.getresponse()
        answer.read()
        times.append((began, time.perf_counter() - began, answer.status))
        time.sleep(0.005)
    connection.close()


if __name__ == "__main__":
    main()
