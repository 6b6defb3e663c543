"""A client that answers from a recording, at the pace of its playback, with the interface of the real one.

First comes everything of the last six hours before the moment shown, as fast as it can be read, then each answer at its
time. Nothing is asked of the service that was recorded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from dashboard.client import Client, Explored
from dashboard.config import Target
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.recording.playback import Playback
from dashboard.recording.reader import Recording

BACK_SECONDS = 21_600.0
HELD_SECONDS = 0.02  # how long the event loop is held at most while the past is read
GLANCE_SECONDS = 0.1
ONLY_RECORDED = "This is a recording: nothing can be asked of the service."


class ReplayClient(Client):
    """Replays one target."""

    def __init__(self, target: Target, recording: Recording, playback: Playback) -> None:
        super().__init__(target)
        self._recording, self._playback = recording, playback

    async def run(self, take: Callable[[Snapshot | Failure], None], paused: Callable[[], bool]) -> None:
        """Give the recorded answers to ``take``, each at its time."""
        held = time.perf_counter()
        for answer in self._recording.answers(self.target.name, self._playback.now() - BACK_SECONDS):
            await self._due(answer.wall)
            take(answer)
            if time.perf_counter() - held > HELD_SECONDS:
                await asyncio.sleep(0)
                held = time.perf_counter()

    async def poll(self) -> Snapshot | Failure:
        now = self._playback.now()
        return Failure(now, now, "unreachable", ONLY_RECORDED)

    def hurry(self) -> bool:
        return False

    async def explore(self, spec: str, max_results: int = 10) -> Explored:
        return Explored(None, 0.0, problem=ONLY_RECORDED)

    async def warm_up(self) -> str:
        return ONLY_RECORDED

    async def lift_block(self, client: str) -> str:
        return ONLY_RECORDED

    async def _due(self, wall: float) -> None:
        """Wait until the playback shows this second."""
        while self._playback.now() < wall:
            seconds = self._playback.seconds_until(wall)
            await asyncio.sleep(GLANCE_SECONDS if seconds is None else min(seconds, GLANCE_SECONDS))
