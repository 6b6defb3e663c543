"""The scripted servers of the dashboard's tests, with every connection closed in the end, also a hostile one."""

import asyncio
import contextlib

from tests.dashboard.servers import reply, serving

__all__ = ["dribbling", "reply", "standing"]


@contextlib.asynccontextmanager
async def standing(serve):
    """Run a server as ``serving`` does; ``serve`` may never return."""
    async with serving(serve) as server:
        try:
            yield server
        finally:
            for writer in list(server._writers):
                writer.transport.abort()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()


def dribbling(start):
    """Return a server that sends a start and then one byte after the other for ever."""

    async def dribble(request, writer):
        writer.write(start)
        while True:
            writer.write(b"x")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()

    return dribble
