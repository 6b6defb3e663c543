"""What the dashboard costs: CPU and memory with one target and with 50, start to first paint, key press to repaint.

Usage: python -m tests.bench.bench_dashboard [SECONDS]. The targets are a real service; 50 are one at 50 loopback
addresses. Nothing is drawn to a terminal: what is measured is all up to the bytes that would be.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import dashboard
from dashboard.app import SETTLE_SECONDS, Dashboard
from dashboard.client import Client
from dashboard.config import Target
from dashboard.model.snapshot import Metrics, Snapshot
from dashboard.show import spare_the_collector
from tests.bench.bench_serving import service_environ
from tests.bench.load import free_port, running

HERE = Path(dashboard.__file__).parent
TOKEN = "token-of-a-benchmark"
MANY = 50
HISTORY_SECONDS = 6 * 3600
FIRST = (*"1234567", "1", "enter", "escape", "question_mark", "escape")
AGAIN = (
    *"123456712345",
    *("1", "l", "l", "j", "h", "k", "enter", "plus", "plus", "minus", "h", "h", "l", "left_square_bracket", "j"),
    *("equals_sign", "escape", "question_mark", "escape", "2", "j", "j", "k", "1", "6", "7", "escape"),
)
THEMES = "t2t3t1"
"""Keys that show each screen for the first time, then any, and changes of the theme, which restyle every screen."""
SETTLED_SECONDS = 0.3
START = "import textual.app, textual.screen, time, os; print(time.monotonic() - float(os.environ['BEGAN']))"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as name, service(Path(name)) as port:
        one = watching(seconds, [f"http://127.0.0.1:{port}"])
        print(f"one target at 1 s:  {one['cpu_percent']:.1f} % of a core, {one['megabytes']:.0f} MB resident")
        many = watching(seconds, [f"http://127.0.0.{number}:{port}" for number in range(1, MANY + 1)])
        print(f"{MANY} targets at 1 s: {many['cpu_percent']:.1f} % of a core, {many['megabytes']:.0f} MB resident")
        paints = [watching(2.0, [f"http://127.0.0.1:{port}"])["first_paint"] for _ in range(5)]
        imports = [import_seconds() for _ in range(5)]
        first, imported = statistics.median(paints), statistics.median(imports)
        print(
            f"first paint after {first:.2f} s, {first - imported:.2f} s more than the {imported:.2f} s of Textual alone"
        )
        kinds = ("a screen's first time", "from then on", "a change of the theme")
        for title, found in zip(kinds, asyncio.run(key_times(f"http://127.0.0.1:{port}")), strict=True):
            p50, p95 = (found[int(len(found) * part)] * 1000 for part in (0.5, 0.95))
            print(f"key to repaint with 6 h of history, {title}: p50 {p50:.0f} ms, p95 {p95:.0f} ms")


@contextmanager
def service(folder: Path) -> Iterator[int]:
    """Run a real service at every loopback address, under a little load."""
    port = free_port()
    environ = service_environ(port) | {"HOST": "0.0.0.0", "RATE_LIMIT": "1000000/60", "OPERATOR_TOKEN": TOKEN}
    with running(["-m", "service"], port, environ, folder):
        load = subprocess.Popen([sys.executable, "-m", "tests.bench.programs.trickle", str(port)])
        try:
            yield port
        finally:
            load.terminate()
            load.wait(10)


def watching(seconds: float, urls: list[str]) -> dict[str, float]:
    """Return what a dashboard of its own process took."""
    command = [sys.executable, "-m", "tests.bench.programs.headless_dashboard", str(seconds), *urls]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ |= {"BEGAN": str(time.monotonic()), "OPERATOR_TOKEN": TOKEN}
    told = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(told.splitlines()[-1]))


def import_seconds() -> float:
    """Return the seconds that a program takes that only imports Textual."""
    environ = os.environ | {"BEGAN": str(time.monotonic())}
    return float(subprocess.run([sys.executable, "-c", START], env=environ, capture_output=True, check=True).stdout)


async def key_times(url: str) -> list[list[float]]:
    """Return the seconds from each key press to the end of the last repaint that it caused, by kinds of keys."""
    target = Target("local", url, TOKEN)
    client = Client(target)
    newest = await client.poll()
    await client.close()
    if not isinstance(newest, Snapshot):
        raise SystemExit(f"no answer: {newest}")
    painted: list[float] = []

    class Timed(Dashboard):
        CSS_PATH = HERE / "dashboard.tcss"

        def _tick(self):
            """Let the clock stand, so that each paint is a key's."""

        def _display(self, screen, renderable):
            super()._display(screen, renderable)
            painted.append(time.perf_counter())

    async def press(key: str) -> float:
        painted.clear()
        began = time.perf_counter()
        await pilot.press(key)
        await asyncio.sleep(SETTLED_SECONDS)
        return (painted[-1] if painted else began) - began

    app = Timed([replace(target, interval_seconds=3600.0)], settled=spare_the_collector)
    async with app.run_test(size=(160, 48)) as pilot:
        for ago in range(HISTORY_SECONDS, -1, -1):
            app.model.take(as_it_was(newest, ago))
        first = sorted([await press(key) for key in FIRST])
        await asyncio.sleep(2 * SETTLE_SECONDS)
        again = sorted([await press(key) for key in AGAIN])
        return [first, again, sorted([await press(key) for key in THEMES])]


def as_it_was(newest: Snapshot, ago: int) -> Snapshot:
    """Return the snapshot with the counters of some seconds before."""
    samples = {
        name: {labels: max(value - ago * 0.01 * value / 600, 0.0) for labels, value in family.items()}
        for name, family in newest.metrics.samples.items()
    }
    return replace(newest, at=newest.at - ago, wall=newest.wall - ago, metrics=Metrics(samples))


if __name__ == "__main__":
    main()
