"""The same screens in a browser of this machine: ``--web`` starts one dashboard a browser tab behind textual-serve.

textual-serve has no authentication, and what it serves can lift blocks with the operator's token. So it listens on the
loopback address alone, answers no other ``Host`` (which keeps out DNS rebinding) and no other ``Origin`` (which keeps
out other pages of the browser), and runs a bounded number of dashboards.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TextIO

from aiohttp import web
from textual_serve.server import Server

HOST = "127.0.0.1"
SESSIONS_AT_MOST = 8

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackServer(Server):
    """Serves ``command`` on the loopback address; ``err`` is told the address."""

    def __init__(self, command: str, port: int, err: TextIO) -> None:
        super().__init__(
            command, host=HOST, port=port, title="signals dashboard", public_url=f"http://localhost:{port}"
        )
        self._names = {f"{name}:{port}" for name in ("localhost", HOST)}
        self._err = err
        self._sessions = 0

    def initialize_logging(self) -> None:
        """Leave the process's logging alone: a line an access is of no use here."""

    async def on_startup(self, app: web.Application) -> None:
        self._err.write(f"The dashboard is at {self.public_url} for browsers of this machine. ctrl+c ends it.\n")
        self._err.flush()

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guard)
        return app

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.is_own(request.host, request.headers.get("Origin")):
            raise web.HTTPForbidden(text="This dashboard answers only pages of its own.\n")
        if request.path != "/ws":
            return await handler(request)
        if self._sessions >= SESSIONS_AT_MOST:
            raise web.HTTPServiceUnavailable(text=f"{SESSIONS_AT_MOST} dashboards are open already.\n")
        self._sessions += 1
        try:
            return await handler(request)
        finally:
            self._sessions -= 1

    def is_own(self, host: str, origin: str | None) -> bool:
        """Return whether a request names this server, and comes from a page of it or from no page at all."""
        return host in self._names and (origin is None or origin.removeprefix("http://") in self._names)


def command_of(arguments: Sequence[str]) -> str:
    """Return the command that shows what ``arguments`` ask for, without ``--web`` and its port."""
    words = iter(arguments)
    kept = []
    for word in words:
        if word == "--port":
            next(words, None)
        elif word != "--web" and not word.startswith("--port="):
            kept.append(word)
    return shlex.join([sys.executable, "-m", "dashboard", *kept])


def serve(arguments: Sequence[str], port: int, err: TextIO) -> int:
    """Serve until ctrl+c. Returns the exit code: 1 if the port is taken."""
    try:
        # The server tells its address before it has it.
        socket.create_server((HOST, port)).close()
        LoopbackServer(command_of(arguments), port, err).serve()
    except OSError as error:
        err.write(f"cannot serve on {HOST}:{port}: {os.strerror(error.errno or 0)}\n")
        return 1
    return 0
