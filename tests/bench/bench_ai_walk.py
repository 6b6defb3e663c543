"""Microseconds of CPU that AI ranking adds to a cached answer, without sockets: what a noisy machine cannot blur.

Three services in this process are asked the same in turn: without an AI, with an order of the AI kept, and with a local
order in place of one that hangs. Usage: python -m tests.bench.bench_ai_walk [CALLS].
"""

import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from service.app import build
from service.settings import Settings
from tests.ai_servers import FakeOpenAi
from tests.bench.bench_walk import ENVIRON

ROUNDS = 25


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nowhere = stack.enter_context(Path(os.devnull).open("w"))
        fakes = {"AI off": None, "AI on": FakeOpenAi(), "AI hangs": FakeOpenAi("silent")}
        services = {}
        for name, fake in fakes.items():
            if fake is not None:
                stack.enter_context(fake)
            services[name] = made(folder / name, fake, nowhere)
            stack.callback(services[name].close)
        measure(services, calls)


def made(folder: Path, fake, nowhere):
    """Return a service that holds the answer already."""
    folder.mkdir()
    paths = {"DATABASE_PATH": str(folder / "signals.db"), "STATE_PATH": str(folder / "state.db")}
    environ = {"PORT": "0", "METRICS_PORT": "0", "RATE_LIMIT": "100000000/60", "AI_WAIT_SECONDS": "0.3"} | paths
    if fake is not None:
        environ |= {"AI_PROVIDER": "openai", "AI_BASE_URL": f"{fake.url}/v1", "AI_MODEL": "one"}
    service = build(Settings.from_env(environ), nowhere)
    if service.engine.ai is not None:
        service.engine.ai.calls.load()
        while service.engine.ai.calls.phase() == "loading":
            time.sleep(0.01)
    ask(service)
    return service


def ask(service) -> None:
    service.server.application(dict(ENVIRON), lambda status, headers: None)


def measure(services, calls: int) -> None:
    times = {name: [] for name in services}
    for _ in range(ROUNDS):
        for name, service in services.items():
            began = time.thread_time()
            for _ in range(calls):
                ask(service)
            times[name].append((time.thread_time() - began) / calls * 1e6)
    for name, found in times.items():
        ratio = statistics.median(mine / other for mine, other in zip(found, times["AI off"], strict=True))
        print(f"{name:9} {statistics.median(found):6.2f} us a cached answer; ratio to AI off {ratio:.3f}")


if __name__ == "__main__":
    main()
