"""Probes: somebody else, who asks ``/health`` and a cached question on fresh connections while the siege goes on.

Run in a process of its own, so that it waits for the service and not for the besiegers: ``Probes`` starts and ends it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import select
import socket
import subprocess
import sys
import time
from typing import NamedTuple

EVERY_SECONDS = 0.1
PATIENCE = 3.0
QUESTION = "/api/signals?spec=cars&max_results=5"
TARGETS = ("/health", QUESTION)
SOURCES = [f"127.0.200.{host}" for host in range(1, 251)]
"""Each probe comes from another address, so that none comes to the rate limit."""


class Result(NamedTuple):
    """One probe: what it asked, the status (0: none came) and the seconds it took."""

    target: str
    status: int
    seconds: float


def probe(address: tuple[str, int], target: str, source: str, patience: float = PATIENCE) -> Result:
    """Ask once on a new connection."""
    began = time.perf_counter()
    status = 0
    with contextlib.suppress(OSError, ValueError), socket.create_connection(address, patience, (source, 0)) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while part := client.recv(65536):
            received += part
            client.settimeout(max(0.001, patience - (time.perf_counter() - began)))
        status = int(received[9:12])
    return Result(target, status, time.perf_counter() - began)


class Probes:
    """Probes under way from the beginning of a ``with`` block to its end; ``results`` are there afterwards."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.results: list[Result] = []

    def __enter__(self) -> Probes:
        command = [sys.executable, "-m", "tests.siege.probing", self._address[0], str(self._address[1])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(self, *exception: object) -> None:
        told, _ = self._process.communicate(timeout=PATIENCE * 3)
        self.results = [Result(*row) for row in json.loads(told)]

    @property
    def failed(self) -> int:
        return sum(result.status != 200 for result in self.results)

    @property
    def seconds(self) -> list[float]:
        return [result.seconds for result in self.results]


def main() -> None:
    """Say that it begins, probe until standard input ends, and print the results as JSON."""
    address = (sys.argv[1], int(sys.argv[2]))
    turns = zip(itertools.cycle(TARGETS), itertools.cycle(SOURCES), strict=False)
    results: list[Result] = []
    print("probing", flush=True)
    while True:
        results.append(probe(address, *next(turns)))
        if select.select([sys.stdin], [], [], EVERY_SECONDS)[0]:
            break
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
