"""The screens in a browser: what is let in, over a real socket; no dashboard is started by these tests."""

import asyncio
import io
import shlex
import socket
import sys

import httpx
import pytest
from aiohttp import web

from dashboard import web as module
from dashboard.web import HOST, LoopbackServer, command_of, serve
from tests.running import free_port


def test_the_command_is_the_dashboard_without_the_browser():
    words = ["--web", "--port", "9000", "--port=9001", "--interval", "2", "http://a b"]

    assert shlex.split(command_of(words)) == [sys.executable, "-m", "dashboard", "--interval", "2", "http://a b"]


class Open:
    """The server's application on a real socket."""

    def __init__(self):
        self.port, self.told = free_port(), io.StringIO()
        self.server = LoopbackServer("false", self.port, self.told)

    async def __aenter__(self):
        self.runner = web.AppRunner(await self.server._make_app())
        await self.runner.setup()
        await web.TCPSite(self.runner, HOST, self.port).start()
        self.http = httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}", trust_env=False)
        return self

    async def __aexit__(self, *exception):
        await self.http.aclose()
        await self.runner.cleanup()

    async def status(self, path="/", **headers):
        answer = await self.http.get(path, headers=headers)
        return answer.status_code


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_only_this_machines_own_pages_are_answered():
    async with Open() as site:
        own = f"localhost:{site.port}"
        assert await site.status() == 200
        assert await site.status(Host=own, Origin=f"http://{own}") == 200
        assert await site.status(Host=own, Origin="https://evil.example") == 403
        assert await site.status(Host=own, Origin="null") == 403
        assert await site.status(Host=f"evil.example:{site.port}") == 403
        assert await site.status(Host="localhost") == 403
        assert await site.status("/ws", Host=own, Origin="https://evil.example") == 403
        assert f"http://localhost:{site.port}" in site.told.getvalue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_no_more_dashboards_are_run_than_agreed(monkeypatch):
    monkeypatch.setattr(module, "SESSIONS_AT_MOST", 0)
    async with Open() as site:
        assert await site.status("/ws") == 503


async def test_a_session_that_ended_makes_room():
    site = Open()
    server = site.server

    async def handler(request):
        raise asyncio.CancelledError

    class Request:
        host, path, headers = f"localhost:{site.port}", "/ws", {}

    for _ in range(20):
        with pytest.raises(asyncio.CancelledError):
            await server._guarded(Request(), handler)
    assert server._sessions == 0


def test_it_listens_for_this_machine_only():
    assert Open().server.host == "127.0.0.1"


def test_a_port_that_is_taken_is_one_sentence():
    err = io.StringIO()
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve([], port, err) == 1
    assert err.getvalue() == f"cannot serve on {HOST}:{port}: Address already in use\n"
