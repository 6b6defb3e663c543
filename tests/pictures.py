"""``make pictures``: the pictures of README, drawn by the real dashboard over real services under real load.

Three services serve 100,000 invented signals; one of them is calm first, then asked more than it can answer, so that
its queue fills and its alerts fire (after seconds instead of minutes: the rules are shortened). Takes four minutes.
"""

import asyncio
import itertools
import math
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx

from dashboard.app import Dashboard
from dashboard.config import Target
from service.catalogue.store import Store
from tests.bench.bench_ranking import multiplied, sample_signals
from tests.running import Process

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
ROWS = 100_000
CALM_SECONDS, BURNING_SECONDS = 150, 75
WINDOW_SECONDS = 240.0
PATIENCE = 30.0
RULES = """
[QueueBacklog]
for_seconds = 5
[HighErrorRate]
for_seconds = 20
[ManyRateLimited]
needs = 1000000
[HighCpu]
for_seconds = 240
"""
SETTINGS = {
    "RATE_LIMIT": "1000000/60",
    "QUEUE_SIZE": "100",
    "TRUSTED_PROXIES": "1",
    "WARM_QUERIES": "cars,food,travel",
}


class Load:
    """Clients that ask one service: ``calm`` at a pace that comes and goes, ``flood`` as many as ever wait."""

    def __init__(self, address: tuple[str, int], specs: list[str]) -> None:
        host, port = address
        self._url = f"http://{host}:{port}/api/signals"
        self._specs = specs
        self._dice = random.Random(3)
        self._http = httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=250))

    async def calm(self, rate: float) -> None:
        """Ask ``rate`` times a second, more or less; three in four questions were asked before."""
        asking: set[asyncio.Task[None]] = set()
        for number in itertools.count():
            spec = self._dice.choice(self._specs[:25] if number % 4 else self._specs)
            asking.add(asyncio.create_task(self._ask(spec)))
            asking = {task for task in asking if not task.done()}
            swing = 1 + 0.35 * math.sin(time.monotonic() / 9) + 0.2 * self._dice.random()
            await asyncio.sleep(1 / (rate * swing))

    async def flood(self, clients: int) -> None:
        """Have so many clients ask one question after the other that nobody asked before."""
        await asyncio.gather(*(self._insist() for _ in range(clients)))

    async def _insist(self) -> None:
        while True:
            await self._ask(" or ".join(self._dice.sample(self._specs, 3)))
            await asyncio.sleep(0.3 * self._dice.random())

    async def _ask(self, spec: str) -> None:
        client = f"203.0.113.{self._dice.randrange(1, 60)}"
        with suppress(httpx.HTTPError):
            await self._http.get(self._url, params={"spec": spec}, headers={"X-Forwarded-For": client})


@asynccontextmanager
async def going_on(work) -> AsyncIterator[None]:
    """Run a coroutine for as long as the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def draw(addresses: list[tuple[str, int]], specs: list[str]) -> None:
    """Draw every picture."""
    names = ("production", "staging", "canary")
    targets = [Target(name, f"http://{host}:{port}") for name, (host, port) in zip(names, addresses, strict=True)]
    app = Dashboard(targets)
    app.window_seconds = WINDOW_SECONDS
    load, other = Load(addresses[0], specs), Load(addresses[1], specs)
    async with app.run_test(size=(160, 48)) as pilot, going_on(other.calm(6)):

        async def picture(name: str, *keys: str, size: tuple[int, int] = (160, 48)) -> None:
            await pilot.resize_terminal(*size)
            for key in keys:
                await pilot.press(key)
            await asyncio.sleep(2.5)
            await pilot.pause()
            (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title=f"dashboard: {name}"), encoding="utf-8")
            say(f"{name} drawn")

        async with going_on(load.calm(24)):
            await wait(CALM_SECONDS, "calm")
            await picture("overview", "1")
            await picture("traffic", "3", size=(120, 36))
            await picture("explore", "7", *"car", size=(120, 36))
            await picture("explore", "s", "enter", size=(120, 36))
            await pilot.press("escape", "escape")
            async with going_on(load.flood(140)):
                await wait(BURNING_SECONDS, "burning")
                await picture("overview-burning", "1")
                await picture("alerts", "2", size=(120, 36))
                await picture("fleet", "0", size=(120, 16))
                await pilot.press("1")
                await pilot.press("enter")
                await picture("chart", *"jjjj", size=(120, 36))
                await pilot.press("escape")
                await picture("overview-80x24", "1", size=(80, 24))


async def wait(seconds: float, word: str) -> None:
    """Let time pass, and say so."""
    for left in range(int(seconds), 0, -15):
        say(f"{word}: {left} s more")
        await asyncio.sleep(min(left, 15))


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    """Start the services, draw, end them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    sample = sample_signals()
    specs = [signal.name.lower() for signal in sample]
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        (folder / "rules.toml").write_text(RULES)
        addresses = []
        for number in (1, 2, 3):
            own = folder / f"web-{number}"
            own.mkdir()
            say(f"web-{number}: importing {ROWS if number == 1 else len(sample):,} signals")
            Store(own / "signals.db").import_rows(multiplied(sample, ROWS) if number == 1 else sample)
            settings = SETTINGS | {"INSTANCE_ID": f"web-{number}", "ALERT_RULES_PATH": str(folder / "rules.toml")}
            addresses.append(open_things.enter_context(Process(own, **settings)).address)
        asyncio.run(draw(addresses, specs))


if __name__ == "__main__":
    main()
