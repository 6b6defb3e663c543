"""Servers on real loopback sockets that a test scripts: friendly, or as hostile as they come.

``serving(answer)`` runs one in the loop of the test: ``answer(request)`` returns the bytes of a whole reply, or is an
async function ``(request, writer)`` that writes whatever it likes. Requests are kept for the test to look at.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
from dataclasses import dataclass

STATS = {
    "service": {
        "name": "signals-agent",
        "version": "1.0.0",
        "instance": "web-1",
        "started_at": "2026-11-22T20:00:00Z",
        "uptime_seconds": 60.0,
    },
    "requests": {"by_endpoint": []},
    "queue": {"capacity": 100},
    "alerts": [{"name": "HighCpu", "state": "ok", "unit": "ratio", "since": "2026-11-22T20:00:00Z"}],
}
SCRAPE = 'http_requests_total{endpoint="/api/signals",method="GET",status="200"} 6.0\nsignals_queue_depth 3\n'


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict


def reply(status, body=b"", **headers):
    body = body if isinstance(body, bytes) else json.dumps(body).encode() if isinstance(body, dict) else body.encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def healthy(asked, stats=STATS, scrape=SCRAPE):
    """What a well service answers."""
    if asked.path == "/api/monitoring/stats":
        return reply(200, stats, X_Instance_ID="web-1")
    return reply(200, scrape, X_Instance_ID="web-1")


class Server:
    def __init__(self, answer):
        self.answer, self.asked, self.url = answer, [], ""
        self._writers = set()

    async def connected(self, reader, writer):
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                method, path, _ = lines[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
                self.asked.append(Asked(method, path, headers))
                if inspect.iscoroutinefunction(self.answer):
                    await self.answer(self.asked[-1], writer)
                    break
                said = self.answer(self.asked[-1])
                writer.write(said)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def cut(self):
        for writer in self._writers:
            writer.close()


@contextlib.asynccontextmanager
async def serving(answer):
    """Run a server; its ``url`` is where, its ``asked`` what it was asked."""
    server = Server(answer)
    listener = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        server.cut()
        await asyncio.sleep(0)
        await listener.wait_closed()
