"""Load on a loopback server from its own process: wrk where it is installed, else a plain keep-alive generator.

Both are closed loops: each connection asks again as soon as it is answered. Good for ratios between servers that are
measured in turn, not for overload.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def requests_a_second(port: int, path: str, seconds: float, connections: int = 16, body: bytes = b"") -> float:
    """Return how many requests a server answers in a second with ``connections`` busy connections.

    With a ``body`` they are posts of JSON, always by the plain generator.
    """
    if shutil.which("wrk") and not body:
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"http://127.0.0.1:{port}{path}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in told:
            raise SystemExit(f"answers other than 2xx on port {port}: {told}")
        found = re.search(r"Requests/sec:\s+([0-9.]+)", told)
        return float(found[1]) if found else 0.0
    return plain(port, path, seconds, connections, body)


def plain(port: int, path: str, seconds: float, connections: int, body: bytes = b"") -> float:
    """The same by the plain generator, whether there is a better one or not."""
    counts = [0] * connections
    ends = time.perf_counter() + seconds

    def ask(place: int) -> None:
        head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        request = f"{head}\r\n".encode() + body
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            while time.perf_counter() < ends:
                connection.sendall(request)
                received = connection.recv(65536)
                # Neither the head nor the body keeps its length: numbers lose digits, rankings are made anew.
                length = received.index(b"\r\n\r\n") + 4
                length += int(re.search(rb"(?i)content-length: (\d+)", received)[1])
                while len(received) < length:
                    received += connection.recv(65536)
                counts[place] += 1

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(
    arguments: list[str], port: int, environ: dict[str, str] | None = None, cwd: Path | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Start a Python program, wait until it answers on ``port``, and end it; yields it and the seconds that took."""
    began = time.perf_counter()
    # As on a user's machine, where the second start finds the first one's bytecode.
    environ = {name: value for name, value in (environ or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    program = subprocess.Popen([sys.executable, *arguments], env=environ, cwd=cwd, stdout=subprocess.DEVNULL)
    try:
        yield program, _answered(program, port) - began
    finally:
        program.terminate()
        program.wait(30)


def _answered(program: subprocess.Popen[bytes], port: int) -> float:
    for _ in range(3000):
        if program.poll() is not None:
            raise SystemExit(f"{program.args} ended with {program.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(
                    b"GET /api/signals?spec=cars HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                if connection.recv(12).endswith(b"200"):
                    return time.perf_counter()
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"nothing answers on port {port}")


def cpu_seconds(program: subprocess.Popen[bytes]) -> float:
    """Return the processor time that a program has used (Linux)."""
    fields = Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident_megabytes(program: subprocess.Popen[bytes]) -> float:
    """Return the resident memory of a program in 10**6 bytes (Linux)."""
    return int(Path(f"/proc/{program.pid}/statm").read_text().split()[1]) * 4096 / 1e6
