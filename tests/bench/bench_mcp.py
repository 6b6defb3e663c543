"""Cached answers a second over MCP beside REST: the same question to the same service, in turn, round after round.

The generator is the same for both, in a process of its own; the median of the rounds' ratios is what to quote, and 0.6
is what is promised. Usage: python -m tests.bench.bench_mcp [ROUNDS [SECONDS]].
"""

import json
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.bench.bench_serving import QUESTION, ROOT, service_environ
from tests.bench.load import cpu_seconds, free_port, plain, running

PROMISED = 0.6
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {
        "name": "get_signals",
        "arguments": {"signal_spec": "cars", "pagination": {"max_results": 10}, "context": {"trace": "t-1"}},
    },
}
DOORS = {"rest": (QUESTION, b""), "mcp": ("/mcp", json.dumps(CALL).encode())}
CONNECTIONS = 16


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(["-m", "service"], port, service_environ(port), Path(folder)) as (program, _),
    ):
        rates, costs = {door: [] for door in DOORS}, {door: [] for door in DOORS}
        for number in range(rounds):
            for door in DOORS:
                before = cpu_seconds(program)
                rate = asked_apart(port, door, seconds)
                rates[door].append(rate)
                costs[door].append((cpu_seconds(program) - before) / (rate * seconds) * 1e6)
            print(f"  round {number + 1}: rest {rates['rest'][-1]:,.0f}/s, mcp {rates['mcp'][-1]:,.0f}/s", flush=True)
        for door, (path, body) in DOORS.items():
            size = size_of(port, path, body)
            rate, cost = statistics.median(rates[door]), statistics.median(costs[door])
            print(f"{door:5} median {rate:7,.0f} requests/s, {cost:4.0f} us of CPU a request, {size:,} bytes an answer")
        ratio = statistics.median(mine / other for mine, other in zip(rates["mcp"], rates["rest"], strict=True))
        cost = statistics.median(costs["rest"]) / statistics.median(costs["mcp"])
        print(f"mcp/rest {ratio:.2f}, promised {PROMISED}; by CPU a request, whatever else runs here, {cost:.2f}")
    sys.exit(ratio < PROMISED)


def asked_apart(port: int, door: str, seconds: float) -> float:
    """Have another process ask, so that it does not share our interpreter's lock."""
    command = [sys.executable, "-m", "tests.bench.bench_mcp", "--ask", str(port), door, str(seconds)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def size_of(port: int, path: str, body: bytes) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body or None)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return len(answer.read())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ask"]:
        path, body = DOORS[sys.argv[3]]
        print(plain(int(sys.argv[2]), path, float(sys.argv[4]), CONNECTIONS, body))
    else:
        main()
