"""Connections that mean no good, many of them in one event loop.

A ``Besieger`` opens, says its first words, drips what comes next at its pace, reads or does not, and notes when and how
it was closed. Sources are addresses of 127.0.0.0/8: many clients on one machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

CONNECT_SECONDS = 5.0
SPEAK_SECONDS = 1.0
LOOK_SECONDS = 0.25
LAST_SECONDS = 0.05
HEARD_BYTES = 1_000_000
_ESTABLISHED = 1  # of TCP_INFO


def sources(count: int, block: int = 100) -> list[str]:
    """Return ``count`` loopback addresses."""
    return [f"127.0.{block + number // 250}.{number % 250 + 1}" for number in range(count)]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a besieger behaves. ``drip`` gives the next bytes, sent every ``pause`` seconds; ``reads`` how many bytes it
    takes in that time (None: all that comes)."""

    first: bytes = b""
    drip: Callable[[int], bytes] = lambda turn: b""
    pause: float = 1.0
    reads: int | None = None
    buffer: int | None = None


@dataclass(slots=True)
class Fate:
    """What became of one connection: seconds until it was closed (None: it was not), how, and the statuses it saw."""

    closed_after: float | None = None
    how: str = "never closed"
    statuses: list[int] = field(default_factory=list)


async def besiege(address: tuple[str, int], manner: Manner, froms: Sequence[str], seconds: float) -> list[Fate]:
    """Open one connection from each source and return their fates after ``seconds`` at most."""
    room = asyncio.Semaphore(200)

    async def one(source: str) -> Fate:
        async with room:
            client = await _connect(address, source, manner)
        if client is None:
            return Fate(0.0, "refused")
        return await _hold(client, manner, seconds)

    return await asyncio.gather(*(one(source) for source in froms))


async def _connect(address: tuple[str, int], source: str, manner: Manner) -> socket.socket | None:
    client = socket.socket()
    try:
        if manner.buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, manner.buffer)
        client.bind((source, 0))
        client.setblocking(False)
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().sock_connect(client, address)
    except (OSError, TimeoutError):
        client.close()
        return None
    return client


async def _hold(client: socket.socket, manner: Manner, seconds: float) -> Fate:
    began = time.monotonic()
    ear, ends, how = Ear(client, manner.reads), began + seconds, await _speak(client, manner.first)
    with client:
        for turn in itertools.count():
            how = how or await ear.listen(min(time.monotonic() + manner.pause, ends))
            if how or time.monotonic() >= ends:
                break
            how = await _speak(client, manner.drip(turn))
        closed = time.monotonic() - began if how else None
        # What was said to it before the end may still be there to be read.
        await ear.listen(time.monotonic() + LAST_SECONDS if how and manner.reads is None else 0.0)
        ear.stop()
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", bytes(ear.heard))]
    return Fate(closed, how or "never closed", statuses)


async def _speak(client: socket.socket, said: bytes) -> str:
    """Say something; return how the connection was lost, if it was."""
    try:
        async with asyncio.timeout(SPEAK_SECONDS):
            await asyncio.get_running_loop().sock_sendall(client, said)
    except TimeoutError:
        return ""
    except OSError as error:
        return type(error).__name__
    return ""


class Ear:
    """Reads a connection, as many bytes a turn as it may (None: all that comes); ``heard`` is the beginning of it."""

    def __init__(self, client: socket.socket, reads: int | None) -> None:
        self._client = client
        self._reads = reads
        self._reading: asyncio.Task[bytes] | None = None
        self.heard = bytearray()

    async def listen(self, until: float) -> str:
        """Read until a moment; return how the connection was lost, if it was."""
        left = self._reads
        while (rest := until - time.monotonic()) > 0:
            if left == 0:
                # Unread bytes hide the end of a connection from a reader: the kernel knows.
                if _gone(self._client):
                    return "closed"
                await asyncio.sleep(min(rest, LOOK_SECONDS))
                continue
            if self._reading is None:
                reading = asyncio.get_running_loop().sock_recv(self._client, left or 65536)
                self._reading = asyncio.ensure_future(reading)
            # Not cancelled when the time is over: what has just been read would be lost.
            await asyncio.wait({self._reading}, timeout=rest)
            if not self._reading.done():
                return ""
            ended, self._reading = self._reading, None
            if error := ended.exception():
                return type(error).__name__
            part = ended.result()
            if not part:
                return "closed"
            self.heard += part if len(self.heard) < HEARD_BYTES else b""
            left = None if left is None else left - len(part)
        return ""

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()


def _gone(client: socket.socket) -> bool:
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED


async def vanish(address: tuple[str, int], said: bytes, froms: Iterator[str], seconds: float, at_once: int) -> int:
    """Connect, say something and reset, again and again, ``at_once`` at a time; return how many did."""
    ends, done = time.monotonic() + seconds, 0

    async def one() -> None:
        nonlocal done
        while time.monotonic() < ends:
            client = await _connect(address, next(froms), Manner())
            if client is None:
                continue
            with client, contextlib.suppress(OSError):
                client.send(said)
                # Closing with no time to linger sends a reset instead of an end.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            done += 1

    await asyncio.gather(*(one() for _ in range(at_once)))
    return done
