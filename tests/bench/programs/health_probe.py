"""Asks ``/health`` on a kept connection every 5 ms until told to end; prints how often, p50, p99, the longest in ms.

Usage: python health_probe.py PORT. A program of its own, so that what loads the service does not slow the measure.
"""

import http.client
import select
import sys
import time


def main() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
    times = []
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        began = time.perf_counter()
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"/health answered {answer.status}")
    times.sort()
    print(len(times), times[len(times) // 2], times[int(len(times) * 0.99)], times[-1])


if __name__ == "__main__":
    main()
