"""Memory and time of the sliding window with a million clients. Usage: python -m tests.bench.bench_window [CLIENTS]."""

import sys
import time
from pathlib import Path

from service.sliding_window import SlidingWindow


def resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main() -> None:
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    window = SlidingWindow(100, 60, time.monotonic)
    before, began, times = resident(), time.perf_counter(), []
    for number in range(clients):
        asked = time.perf_counter()
        window.hit(f"{10 + number % 7}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        times.append(time.perf_counter() - asked)
    seconds = time.perf_counter() - began
    times.sort()
    print(
        f"{window.tracked():,} clients take {resident() - before - clients * 32e-6:.0f} MB;"
        f" {seconds / clients * 1e6:.1f} us a hit, p99 {times[int(clients * 0.99)] * 1e6:.1f} us,"
        f" longest {times[-1] * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
