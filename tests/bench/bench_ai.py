"""What an AI costs those who ask: outage, waiting, cached answers, start, health and memory, each beside AI off.

The AI is a fake on loopback. Services run side by side and are asked in turn, round after round; quoted are medians of
the rounds' ratios. Usage: python -m tests.bench.bench_ai [ROUNDS [PART …]], parts being outage, flight, cached, start,
health, memory.
"""

from __future__ import annotations

import itertools
import json
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.ai_servers import Fake, FakeGemini, FakeOpenAi
from tests.bench.bench_serving import HERE, service_environ
from tests.bench.load import cpu_seconds, free_port, requests_a_second, resident_megabytes, running

TOKEN = "token-of-a-benchmark"
CLIENTS = 200
# Answers must not change their length under a generator of load that goes by it: the window outlasts every part.
BUSY = {"QUEUE_SIZE": "300", "TRUSTED_PROXIES": "1", "RATE_LIMIT": "100000000/3600"}
CACHED = "family+cars&max_results=10"
HANGING = {"AI_WAIT_SECONDS": "0.5", "AI_TIMEOUT_SECONDS": "600"}
FRESH = itertools.count()
WORDS = ["cars", "food", "sports", "travel", "fashion", "technology", "health", "finance", "entertainment"]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    parts: dict[str, Callable[[Path, int], None]] = {
        "outage": outage,
        "flight": flight,
        "cached": cached,
        "start": start,
        "health": health,
        "memory": memory,
    }
    for name in sys.argv[2:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](Path(folder), rounds)


class Service:
    """A running service at a port."""

    def __init__(self, program: subprocess.Popen[bytes], port: int) -> None:
        self.program, self.port = program, port

    def ask(self, spec: str) -> bytes:
        """Return the raw answer."""
        return rush(self, [spec])[1][0]

    def until(self, state: str) -> None:
        """Wait until the AI is ``ready`` or ``open``."""
        url = f"http://127.0.0.1:{self.port}/api/monitoring/stats"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
        for _ in range(1000):
            with urllib.request.urlopen(request, timeout=60) as answer:
                if json.load(answer)["ai"]["state"] == state:
                    return
            time.sleep(0.02)
        raise SystemExit(f"the AI never was {state}")


@contextmanager
def service(folder: Path, fake: Fake | None = None, **settings: str) -> Iterator[Service]:
    """Run a service that ``fake`` ranks for, or none; it yields once the AI is ready."""
    port = free_port()
    environ = service_environ(port) | environ_of(fake) | BUSY | settings
    folder.mkdir(exist_ok=True)
    with running(["-m", "service"], port, environ, folder) as (program, _):
        found = Service(program, port)
        if fake is not None:
            found.until("ready")
        yield found


def environ_of(fake: Fake | None) -> dict[str, str]:
    token = {"OPERATOR_TOKEN": TOKEN}
    if isinstance(fake, FakeGemini):
        return token | {"GEMINI_API_KEY": "key-of-a-benchmark", "GEMINI_API_ENDPOINT": fake.url}
    if fake is not None:
        return token | {"AI_PROVIDER": "openai", "AI_BASE_URL": f"{fake.url}/v1", "AI_MODEL": "one"}
    return token


def rush(asked: Service, specs: list[str]) -> tuple[float, list[bytes]]:
    """Ask all at once, each as a client of its own; return the seconds that the whole took, and the raw answers.

    By one thread: on a machine that is shared, asking must cost little beside answering.
    """
    answers: list[bytes] = []
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in specs:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", asked.port), 60))
            selector.register(connection, selectors.EVENT_READ, [])
        began = time.perf_counter()
        for number, (spec, key) in enumerate(zip(specs, list(selector.get_map().values()), strict=True)):
            key.fileobj.sendall(request_of(spec, number))  # type: ignore[union-attr]
        while selector.get_map():
            for key, _ in selector.select(60):
                part = key.fileobj.recv(65536)  # type: ignore[union-attr]
                key.data.append(part)
                if not part:
                    selector.unregister(key.fileobj)
                    answers.append(b"".join(key.data))
        return time.perf_counter() - began, answers


def request_of(spec: str, client: int) -> bytes:
    head = f"GET /api/signals?spec={spec.replace(' ', '+')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    return f"{head}X-Forwarded-For: 198.51.{client // 250}.{client % 250}\r\n\r\n".encode()


def fresh(count: int) -> list[str]:
    """Return questions that nobody has asked before."""
    return [f"{WORDS[number % len(WORDS)]} {number}" for number in itertools.islice(FRESH, count)]


def summary(ratios: list[float]) -> str:
    return f"on/off {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def outage(folder: Path, rounds: int) -> None:
    """200 clients with new questions while the breaker is open, beside the same with AI off."""
    with ExitStack() as stack:
        fake = stack.enter_context(FakeOpenAi("forbidden"))
        off = stack.enter_context(service(folder / "off"))
        on = stack.enter_context(service(folder / "on", fake))
        for spec in fresh(12):
            on.ask(spec)
        on.until("open")
        ratios, works, times = [], [], []
        for number in range(2 * rounds + 1):
            specs, took, cost = fresh(CLIENTS), {}, {}
            for asked in (on, off) if number % 2 else (off, on):
                before = cpu_seconds(asked.program)
                took[asked], answers = rush(asked, specs)
                cost[asked] = cpu_seconds(asked.program) - before
                assert {answer[:12] for answer in answers} == {b"HTTP/1.1 200"}
                held_back = sum(b'"fallback_reason":"breaker_open"' in answer for answer in answers)
                assert held_back >= (CLIENTS - 1 if asked is on else 0), "all but one probe"
            if number:  # the first round is for whatever is made once
                ratios.append(took[on] / took[off])
                works.append(cost[on] / cost[off])
                times.append(took[on])
    print(f"breaker open: {CLIENTS} clients answered within {statistics.median(times):.2f} s; {summary(ratios)}")
    print(f"  CPU of the service: {summary(works)}")


def flight(folder: Path, rounds: int) -> None:
    """50 equal questions at once with an AI that takes 2 s."""
    with FakeOpenAi("slow") as fake, service(folder / "on", fake) as on:
        fake.thinks = 2.0
        fake.calls.clear()
        seconds, answers = rush(on, ["cars for families"] * 50)
        ranked = sum(b'"ranking_method":"ai"' in answer for answer in answers)
        print(f"an AI of 2 s: 50 equal questions, {len(fake.calls)} call, {ranked} ranked by AI after {seconds:.2f} s")


def cached(folder: Path, rounds: int, seconds: float = 1.0) -> None:
    """Cached answers a second with AI on, with an AI that hangs, and with AI off, in turn."""
    with ExitStack() as stack:
        asked = {"off": stack.enter_context(service(folder / "off"))}
        fakes = {name: stack.enter_context(FakeOpenAi()) for name in ("on", "hangs", "local")}
        for name, fake in fakes.items():
            asked[name] = stack.enter_context(service(folder / name, fake, **HANGING))
            fake.mode, fake.thinks = "silent" if name == "local" else "ok", 600.0
        for one in asked.values():
            one.ask(CACHED)
        fakes["hangs"].mode = "silent"
        ends = threading.Event()
        stack.callback(ends.set)
        # Somebody always asks what the AI hangs at; the service without one is asked the same.
        for name in ("hangs", "off"):
            threading.Thread(target=trickle, args=(asked[name], ends), daemon=True).start()
        rates: dict[str, list[float]] = {name: [] for name in asked}
        costs: dict[str, list[float]] = {name: [] for name in asked}
        for number in range(2 * rounds):
            for name in list(asked) if number % 2 else list(asked)[::-1]:
                before = cpu_seconds(asked[name].program)
                rates[name].append(requests_a_second(asked[name].port, f"/api/signals?spec={CACHED}", seconds))
                spent = cpu_seconds(asked[name].program) - before
                costs[name].append(spent / (rates[name][-1] * seconds) * 1e6)
    for name, what in (("on", "AI on"), ("hangs", "AI hangs, its order cached"), ("local", "AI hangs from the start")):
        ratios = [mine / other for mine, other in zip(rates[name], rates["off"], strict=True)]
        works = [mine / other for mine, other in zip(costs[name], costs["off"], strict=True)]
        print(f"cached answers, {what}: {statistics.median(rates[name]):,.0f}/s; {summary(ratios)}")
        print(f"  {statistics.median(costs[name]):.0f} us of CPU each; {summary(works)}")


def trickle(asked: Service, ends: threading.Event) -> None:
    """Ask two new questions a second."""
    while not ends.wait(0.5):
        threading.Thread(target=asked.ask, args=fresh(1), daemon=True).start()


def start(folder: Path, rounds: int) -> None:
    """Start to first 200 with a key and without, in turn."""
    ratios, times = [], []
    with FakeGemini() as fake:
        for number in range(rounds + 1):
            took = {}
            for key in (True, False) if number % 2 else (False, True):
                port = free_port()
                environ = service_environ(port) | environ_of(fake if key else None)
                with running(["-m", "service"], port, environ, folder) as (_, took[key]):
                    pass
            if number:  # the first makes the catalogue
                ratios.append(took[True] / took[False])
                times.append(took[True])
    print(f"start to first 200 with a key: {statistics.median(times):.2f} s; {summary(ratios)}")


def health(folder: Path, rounds: int) -> None:
    """``/health`` while 500 equal and 500 different questions meet a hanging AI, beside the same with AI off."""
    with FakeOpenAi("silent") as fake, ExitStack() as stack:
        asked = {
            "AI off": stack.enter_context(service(folder / "off")),
            "AI hangs": stack.enter_context(service(folder / "on", fake, AI_WAIT_SECONDS="2")),
        }
        found: dict[str, list[list[float]]] = {name: [] for name in asked}
        for _ in range(min(rounds, 5)):
            for name, one in asked.items():
                found[name].append(health_under_load(one))
    for name, figures in found.items():
        p50, p99, longest = (statistics.median(row[place] for row in figures) for place in (1, 2, 3))
        worst = max(row[2] for row in figures)
        print(f"/health, {name}: p50 {p50:.1f} ms, p99 {p99:.1f} (worst round {worst:.1f}), longest {longest:.0f}")


def health_under_load(asked: Service) -> list[float]:
    """Return how many times health was asked, p50, p99 and the longest in ms."""
    command = [sys.executable, str(HERE / "programs/health_probe.py"), str(asked.port)]
    probe = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    equal = fresh(1)
    for _ in range(5):
        _, answers = rush(asked, equal * 100 + fresh(100))
        statuses = {answer[:12] for answer in answers}
        assert statuses <= {b"HTTP/1.1 200", b"HTTP/1.1 503"}, statuses
    output, _ = probe.communicate(b"\n")
    return [float(part) for part in output.split()]


def memory(folder: Path, rounds: int) -> None:
    """Resident memory without an AI, and with each provider once it has ranked something."""
    for name, fake in (("none", None), ("openai", FakeOpenAi()), ("gemini", FakeGemini())):
        with ExitStack() as stack:
            if fake is not None:
                stack.enter_context(fake)
            one = stack.enter_context(service(folder / name, fake))
            for spec in ("cars", "food"):
                one.ask(spec)
            print(f"memory, provider {name}: {resident_megabytes(one.program):.0f} MB resident")


if __name__ == "__main__":
    main()
