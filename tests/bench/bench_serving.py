"""Cached answers a second: this service with everything on, a bare Bottle on the same Waitress, and a FastAPI twin.

The servers run side by side and are asked in turn, round after round, so that a drifting machine hits them alike; the
medians of the rounds' ratios are what to quote. Usage: python -m tests.bench.bench_serving [ROUNDS [SECONDS]].
"""

import os
import statistics
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from service.settings import Settings
from tests.bench.load import cpu_seconds, free_port, requests_a_second, resident_megabytes, running

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
QUESTION = "/api/signals?spec=cars&max_results=10"


def service_environ(port: int) -> dict[str, str]:
    """Return the environ of a service with every protection on, limits out of the load's way."""
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "METRICS_PORT": "0",
        "RATE_LIMIT": "100000000/60",
        "CLIENT_CONNECTIONS": "0",
        "LOG_FORMAT": "json",
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports = {"service": free_port()}
        ours, _ = stack.enter_context(
            running(["-m", "service"], ports["service"], service_environ(ports["service"]), folder)
        )
        programs = {"service": ours}
        body = folder / "body.json"
        with urllib.request.urlopen(f"http://127.0.0.1:{ports['service']}{QUESTION}") as answer:
            body.write_bytes(answer.read())
        threads = str(Settings.from_env({}).threads)
        others = {"bottle": [str(HERE / "programs/bare_bottle.py"), "PORT", str(body), threads]}
        if find_spec("fastapi"):
            others["fastapi"] = [str(HERE / "programs/fastapi_twin.py"), "PORT", str(body)]
        for name, arguments in others.items():
            ports[name] = free_port()
            command = [argument.replace("PORT", str(ports[name])) for argument in arguments]
            programs[name], _ = stack.enter_context(running(command, ports[name]))
        measure(programs, ports, rounds, seconds)


def measure(programs, ports, rounds: int, seconds: float) -> None:
    rates = {name: [] for name in programs}
    costs = {name: [] for name in programs}
    for number in range(rounds):
        for name in programs:
            before = cpu_seconds(programs[name])
            rate = requests_a_second(ports[name], QUESTION, seconds)
            rates[name].append(rate)
            costs[name].append((cpu_seconds(programs[name]) - before) / (rate * seconds) * 1e6)
        told = ", ".join(f"{name} {rates[name][-1]:,.0f}/s" for name in programs)
        print(f"  round {number + 1}: {told}", flush=True)
    for name, program in programs.items():
        ratio = statistics.median(mine / other for mine, other in zip(rates["service"], rates[name], strict=True))
        rate, cost = statistics.median(rates[name]), statistics.median(costs[name])
        size = resident_megabytes(program)
        print(
            f"{name:8} median {rate:7,.0f} requests/s, {cost:4.0f} us of CPU a request, {size:3.0f} MB;"
            f" service/{name} {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
