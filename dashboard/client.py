"""Talks HTTP to one service: polls it, and does what the operator asks. The only module of the dashboard with a socket.

``poll`` never raises: whatever a server does is a ``Snapshot`` or a ``Failure``. Everything has a bound: the time of a
poll, the size of a body, the depth of what is parsed, and no redirect is followed, so that the token goes to the
target's origin only. Bodies are parsed in a thread, so that a large one never blocks the screen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from dashboard.config import Target, is_loopback
from dashboard.model.document import fleet_document, snapshot_of, stats_document
from dashboard.model.exposition import Exposition
from dashboard.model.retry import delay_seconds
from dashboard.model.snapshot import Failure, Metrics, Snapshot
from dashboard.model.told import FleetDocuments, Told
from dashboard.model.words import plain
from dashboard.reading import Reply, body_of, good, json_of
from dashboard.refusals import NotUsable, kind_of, refusal, sentence

STATS, METRICS = "/api/monitoring/stats", "/api/monitoring/metrics"
STATS_BYTES, METRICS_BYTES, ANSWER_BYTES = 4_000_000, 16_000_000, 4_000_000
CONNECT_SECONDS, POLL_SECONDS, ASK_SECONDS = 3.0, 10.0, 35.0
PAUSE_CHECK_SECONDS = 0.2

T = TypeVar("T")
Answer = Snapshot | Failure


@dataclass(frozen=True, slots=True)
class Explored:
    """What a consumer got: ``document`` is the JSON object; ``problem`` says in one sentence why there is none."""

    status: int | None
    seconds: float
    headers: tuple[tuple[str, str], ...] = ()
    document: dict[str, Any] | None = None
    problem: str | None = None


class Client:
    """The connection to one target. For one event loop; ``close`` it in the end."""

    def __init__(
        self,
        target: Target,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.target = target
        self.next_try: float | None = None
        self._wanted = asyncio.Event()
        self._clock, self._wall, self._poll_seconds = clock, wall, poll_seconds
        self._exposition = Exposition()
        self._others = Told()
        self._http = httpx.AsyncClient(
            transport=transport,
            # A proxy of the environment is for the way out, never for this machine.
            trust_env=not is_loopback(target.url),
            follow_redirects=False,
            cookies=_no_cookies(),
            timeout=httpx.Timeout(poll_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=2),
            headers={"User-Agent": "signals-dashboard", "Accept-Encoding": "identity"},
        )

    async def poll(self) -> Answer:
        """Return what the service says of itself now. Never raises, and ends within ``poll_seconds``."""
        started = self._clock()
        try:
            async with asyncio.timeout(self._poll_seconds):
                return await self._snapshot(started)
        except NotUsable as problem:
            return self._failure(problem.kind, problem.reason)
        except (TimeoutError, httpx.TimeoutException):
            return self._failure("timeout", f"no whole answer in {self._clock() - started:.0f} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return self._failure(kind_of(error), sentence(error))

    async def run(self, take: Callable[[Answer], None], paused: Callable[[], bool]) -> None:
        """Poll for ever and give each answer to ``take``; after failures wait longer and longer, 30 s at most.

        Polls keep to their own deadlines: a slow answer delays the next, and none is made up for. While ``paused``
        nothing is asked.
        """
        interval, failures, due = self.target.interval_seconds, 0, self._clock()
        while True:
            if paused():
                await asyncio.sleep(min(interval, PAUSE_CHECK_SECONDS))
                continue
            answer = await self.poll()
            now = self._clock()
            if isinstance(answer, Failure):
                failures += 1
                due = self.next_try = answer.at + delay_seconds(failures, answer.at, interval)
            else:
                failures, self.next_try = 0, None
                due = max(due + interval, now)
            take(answer)
            if await self._wanted_within(max(due - self._clock(), 0.0)):
                due = self._clock()

    def hurry(self) -> bool:
        """Have ``run`` ask at once, whatever its interval or back-off; return whether anything can be asked."""
        self._wanted.set()
        return True

    async def explore(self, spec: str, max_results: int = 10) -> Explored:
        """Ask for signals as a consumer would, without the token."""
        started = self._clock()
        try:
            query = {"spec": spec, "max_results": str(max_results)}
            reply = await self._ask("GET", "/api/signals", ANSWER_BYTES, params=query)
            document = await json_of(reply.body)
        except (NotUsable, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Explored(None, self._clock() - started, problem=sentence(error))
        seconds, headers = self._clock() - started, tuple(reply.headers.items())
        if not isinstance(document, dict):
            return Explored(reply.status, seconds, headers, problem=f"answered {reply.status} without a JSON object")
        problem = None if reply.status == 200 else refusal(reply.status, document)
        return Explored(reply.status, seconds, headers, document, problem)

    async def warm_up(self) -> str:
        """Start a warm-up now and say in a sentence what happened."""
        told = await self._told("POST", "/api/monitoring/warmup")
        if isinstance(told, str):
            return f"The warm-up did not start: {told}"
        specs = told.get("specs")
        count = f" of {len(specs)} {'query' if len(specs) == 1 else 'queries'}" if isinstance(specs, list) else ""
        return f"A warm-up{count} was running already." if told.get("joined") else f"Warm-up{count} started."

    async def lift_block(self, client: str) -> str:
        """Lift the block of a client and say in a sentence what happened."""
        told = await self._told("DELETE", f"/api/monitoring/blocks/{quote(client, safe='')}")
        name = plain(client, 60)
        return f"The block of {name} stays: {told}" if isinstance(told, str) else f"The block of {name} is lifted."

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _wanted_within(self, seconds: float) -> bool:
        """Wait, and return whether somebody was in a hurry."""
        try:
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        except TimeoutError:
            return False
        self._wanted.clear()
        return True

    async def _snapshot(self, started: float) -> Snapshot:
        stats, document, fleet = await self._stats()
        metrics = good(await self._ask("GET", METRICS, METRICS_BYTES, token=True), self.target)
        # Behind a balancer the two answers may come from two instances: their figures must not be mixed.
        same = stats.headers.get("X-Instance-ID") == metrics.headers.get("X-Instance-ID")
        samples = await asyncio.to_thread(self._samples, metrics.body) if same else Metrics()
        at = self._clock()
        found = snapshot_of(document, samples, at=at, wall=self._wall(), seconds=at - started)
        return self._others.added_to(found, document, fleet)

    async def _stats(self) -> tuple[Reply, Mapping[str, Any], FleetDocuments | None]:
        """Return the stats, and now and then with them those of all instances."""
        if self._others.due(self._clock()):
            reply = await self._ask("GET", STATS, STATS_BYTES, token=True, params={"scope": "fleet"})
            if reply.status == 200:
                own, instances, totals = _read(fleet_document, await json_of(reply.body))
                return reply, own, FleetDocuments(instances, totals)
            self._others.refused()
        reply = good(await self._ask("GET", STATS, STATS_BYTES, token=True), self.target)
        return reply, _read(stats_document, await json_of(reply.body)), None

    def _samples(self, body: bytes) -> Metrics:
        try:
            return self._exposition.read(body.decode())
        except UnicodeDecodeError:
            raise NotUsable("garbage", "the metrics are not UTF-8") from None
        except ValueError as error:
            raise NotUsable("garbage", str(error)) from None

    async def _told(self, method: str, path: str) -> dict[str, Any] | str:
        """Return the JSON object of an operator's request, or the sentence that says why it failed."""
        try:
            reply = await self._ask(method, path, ANSWER_BYTES, token=True)
            document = await json_of(reply.body) if reply.body else {}
        except (NotUsable, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return sentence(error)
        found = document if isinstance(document, dict) else {}
        return found if 200 <= reply.status < 300 else refusal(reply.status, found)

    async def _ask(
        self, method: str, path: str, most: int, *, token: bool = False, params: dict[str, str] | None = None
    ) -> Reply:
        headers = {"Authorization": f"Bearer {self.target.token}"} if token and self.target.token else {}
        async with (
            asyncio.timeout(ASK_SECONDS),
            self._http.stream(method, self.target.url + path, params=params, headers=headers) as response,
        ):
            return Reply(response.status_code, response.headers, await body_of(response, most))

    def _failure(self, kind: str, reason: str) -> Failure:
        return Failure(self._clock(), self._wall(), kind, plain(reason))


def _read(as_document: Callable[[object], T], value: object) -> T:
    try:
        return as_document(value)
    except ValueError as error:
        raise NotUsable("not_the_service", str(error)) from None


def _no_cookies() -> CookieJar:
    """Return a jar that stays empty, so that no server makes the client carry anything."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
