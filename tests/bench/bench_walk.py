"""Microseconds of CPU that each station of the walk adds to a cached answer, without sockets.

Walks of growing length are timed in turn; a station's cost is the difference of two medians. Usage:
python -m tests.bench.bench_walk [CALLS].
"""

import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from service.app import build
from service.blocks import Blocks
from service.messages import Request, Response
from service.pipeline import compose
from service.settings import Settings
from service.sliding_window import SlidingWindow
from service.stages.block import block
from service.stages.contain import contain
from service.stages.identify import identify
from service.stages.observe import observe
from service.stages.rate_limit import rate_limit
from service.stages.validate import parse

ROUNDS = 9
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/api/signals",
    "QUERY_STRING": "spec=cars&max_results=10",
    "REMOTE_ADDR": "127.0.0.1",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "localhost:8000",
    "wsgi.input": io.BytesIO(),
}


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        settings = Settings.from_env({"PORT": "0", "METRICS_PORT": "0", "RATE_LIMIT": "100000000/60"})
        with Path(os.devnull).open("w") as nowhere:
            service = build(settings, nowhere)
            try:
                report(service, calls)
            finally:
                service.close()


def report(service, calls: int) -> None:
    watching = service.watching
    blocks = Blocks(300, service.state, time.time)
    limiter = SlidingWindow(100_000_000, 60, time.monotonic)
    stages = {
        "identify": identify(0, lambda peer: None),
        "observe": observe(watching.tally, watching.journal.request, watching.now, watching.wall),
        "contain": contain(lambda request, bug: None),
        "block": block(blocks),
        "rate limit": rate_limit(limiter, 100_000_000, 60, time.time),
    }
    request = Request("GET", "/api/signals", ENVIRON["QUERY_STRING"], "/api/signals", "127.0.0.1", 0.0, ENVIRON, bytes)
    walks: dict[str, Callable[[], object]] = {"(nothing)": lambda: Response(200, b"", [])}
    for count in range(1, len(stages) + 1):
        walk = compose(list(stages.values())[:count], lambda request: Response(200, b"", []))
        walks[list(stages)[count - 1]] = lambda walk=walk: walk(request)
    whole = list(stages.values())
    validated = compose(whole, lambda request: parse(request) and Response(200, b"", []))
    walks["validate"] = lambda: validated(request)
    answered = compose(whole, service.engine.signals.search)
    walks["cache and page"] = lambda: answered(request)
    walks["front"] = lambda: service.server.application(dict(ENVIRON), lambda status, headers: None)
    costs = measure(walks, calls)
    before = 0.0
    for name, cost in costs.items():
        print(f"{name:16}{cost - before:6.2f} us   {cost:6.2f} us in all")
        before = cost


def measure(walks: dict[str, Callable[[], object]], calls: int) -> dict[str, float]:
    """Return the median microseconds of CPU a call, the walks taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in walks}
    for _ in range(ROUNDS):
        for name, walk in walks.items():
            began = time.thread_time()
            for _ in range(calls):
                walk()
            times[name].append((time.thread_time() - began) / calls * 1e6)
    return {name: statistics.median(found) for name, found in times.items()}


if __name__ == "__main__":
    main()
