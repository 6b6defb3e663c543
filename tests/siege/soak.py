"""Everything at once for a while, and what the service holds by the end of it: memory, threads and descriptors.

``MINUTES`` (10) of cached, new, wrong and hostile questions, monitoring, slow connections, changes of the catalogue,
warm-ups and alerts that come and go. What is used is sampled every 5 s; a line through the second half must not rise.
First, every table that is bounded is filled: memory that is kept on purpose grows until it has come to its bound.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.running import TOKEN, csv_of
from tests.siege.besiegers import Manner, besiege, sources
from tests.siege.slow import allow_descriptors
from tests.siege.tables import show
from tests.siege.target import PRODUCTION, Target, Use

MINUTES = 10.0
DEADLINE_SECONDS = 5.0
SAMPLE_SECONDS = 5.0
FILLING = 4500
"""Questions that differ: more than any table of questions, words or addresses keeps, the words being five each."""
FILL_SECONDS = 120.0
SURE = 3.0
"""A slope counts when it is so many times its own standard error."""

ATTACKS = ("%3Cscript%3Ealert(1)%3C/script%3E", "%27%20OR%201=1%20--", "../../../../etc/passwd", "%7B%7B7*7%7D%7D")
WRONG = ("", "cars&max_results=101", "cars&cursor=forged", "cars&nothing=1", "a%00b", "cars&max_cpm=dear")
CALM = ""
ALARM = "[HighMemory]\nwarns = 0.000001\nfires = 0.000002\nclears = 0.000001\nfor_seconds = 0\n"
SMALL = {
    "CACHE_ENTRIES": "300",
    "CACHE_BYTES": str(4 << 20),
    "TRUSTED_PROXIES": "1",
    "CLIENT_CONNECTIONS": "0",
    "WARM_INTERVAL_SECONDS": "20",
}


class Trend(NamedTuple):
    """A line through samples: the growth over their span, and whether that is more than noise."""

    growth: float
    sure: bool


def trend(values: Sequence[float]) -> Trend:
    """Fit a line through equally spaced values by least squares."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(values)) / spread
    rest = sum((value - mean - slope * (place - middle)) ** 2 for place, value in enumerate(values))
    error = math.sqrt(rest / max(1, count - 2) / spread)
    return Trend(slope * (count - 1), slope > SURE * error)


class Allowance(NamedTuple):
    """What may grow over the second half of a soak: ``share`` of the mean, or ``least`` if that is more."""

    name: str
    share: float
    least: float

    def verdict(self, values: Sequence[float]) -> str:
        found = trend(values)
        allowed = max(self.least, self.share * sum(values) / len(values))
        return "grows" if found.sure and found.growth > allowed else "flat"


ALLOWANCES = (Allowance("descriptors", 0.0, 5.0), Allowance("threads", 0.0, 3.0), Allowance("megabytes", 0.03, 3.0))


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to do every so many seconds; ``work`` gets the number of the turn and returns a status."""

    name: str
    every: float
    work: Callable[[int], int]


class Load:
    """Errands, each on a thread of its own, from ``start`` to ``stop``; ``answers`` counts statuses by errand."""

    def __init__(self, errands: Sequence[Errand]) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(errand,), daemon=True) for errand in errands]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 20.0) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, errand: Errand) -> None:
        for turn in itertools.count():
            if self._over.wait(errand.every if turn else 0.0):
                return
            status = 0
            with suppress(OSError, ValueError):
                status = errand.work(turn)
            with self._lock:
                self.answers[errand.name, status] += 1


def errands(target: Target, rules: Path, faster: float = 1.0) -> list[Errand]:
    """Return what is done to a target, ``faster`` than usual."""

    def client(turn: int, block: int = 0) -> dict[str, str]:
        return {"X_Forwarded_For": f"10.{block}.{turn // 200 % 5}.{turn % 200}"}

    def dashed(headers: dict[str, str]) -> dict[str, str]:
        return {name.replace("_", "-"): value for name, value in headers.items()}

    def status(path: str) -> Callable[[int], int]:
        return lambda turn: target.get(path, **client(turn)).status

    def upload(turn: int) -> int:
        return target.upload(csv_of(1500 + 300 * (turn % 2), "gadget"), "?replace=true").status

    def alert(turn: int) -> int:
        rules.write_text(CALM if turn % 2 else ALARM)
        target.signal(signal.SIGHUP)
        return 200

    def slow(turn: int) -> int:
        head = b"GET /health HTTP/1.1\r\nHost: x\r\n"
        manner = Manner(head, lambda turn: b"X-%d: a\r\n" % turn, 0.5)
        fates = asyncio.run(besiege(target.address, manner, sources(20), 2 * DEADLINE_SECONDS))
        return 200 if all(fate.closed_after is not None for fate in fates) else 0

    token = {"Authorization": f"Bearer {TOKEN}"}
    planned = [
        Errand("cached", 0.03, lambda turn: target.search("gadget", **client(turn)).status),
        Errand("new", 0.06, lambda turn: target.search(f"gadget+{turn}+fans", **client(turn, 1)).status),
        Errand(
            "posted", 0.3, lambda turn: target.post({"signal_spec": f"gadget {turn}"}, **dashed(client(turn, 5))).status
        ),
        Errand("wrong", 0.3, lambda turn: target.search(WRONG[turn % len(WRONG)], **client(turn, 2)).status),
        Errand("attacks", 0.3, lambda turn: target.search(ATTACKS[turn % len(ATTACKS)], **client(turn, 3)).status),
        Errand("one attacker", 0.2, lambda turn: target.search(ATTACKS[0], X_Forwarded_For="10.9.9.9").status),
        Errand("one in a hurry", 0.1, lambda turn: target.search("gadget", X_Forwarded_For="10.9.9.8").status),
        Errand("unknown paths", 0.3, lambda turn: target.get(f"/nothing/{turn}", **client(turn, 4)).status),
        Errand("junk", 0.5, lambda turn: target.send(b"JUNK %d\r\n\r\n" % turn).status),
        Errand("health", 0.5, status("/api/monitoring/health")),
        Errand("metrics", 1.0, lambda turn: target.get("/api/monitoring/metrics", **token).status),
        Errand("stats", 1.0, lambda turn: target.get("/api/monitoring/stats", **token).status),
        Errand("warm-ups", 15.0, lambda turn: target.ask("POST", "/api/monitoring/warmup", headers=token).status),
        Errand("catalogues", 10.0, upload),
        Errand("alerts", 10.0, alert),
        Errand("slow clients", 0.5, slow),
    ]
    return [Errand(errand.name, errand.every / faster, errand.work) for errand in planned]


EXPECTED = {
    "cached": {200},
    "new": {200},
    "posted": {200},
    "wrong": {400, 403, 429},
    "attacks": {400, 403, 429},
    "one attacker": {400, 403, 429},
    "one in a hurry": {200, 403, 429},
    "unknown paths": {404, 429},
    "junk": {400},
    "health": {200},
    "metrics": {200},
    "stats": {200},
    "warm-ups": {202},
    "catalogues": {200},
    "alerts": {200},
    "slow clients": {200},
}
"""The statuses that each errand may meet; a 503 may come to any of them while there is more work than places."""


def unexpected(answers: Counter[tuple[str, int]]) -> list[str]:
    return [
        f"{name}: {count} times {status or 'no answer'}"
        for (name, status), count in sorted(answers.items())
        if status not in EXPECTED[name] | {503}
    ]


def fill(target: Target, questions: int) -> None:
    """Ask so many questions that differ in every word and client, eight at a time."""
    numbers, ends = iter(range(questions)), time.monotonic() + FILL_SECONDS
    lock = threading.Lock()

    def ask() -> None:
        while time.monotonic() < ends:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            words = "+".join(f"{letter}{number}" for letter in "vwxyz")
            target.get(f"/nothing/{number}", X_Forwarded_For=f"10.100.{number // 250}.{number % 250}")
            target.search(f"gadget+{words}", X_Forwarded_For=f"10.100.{number // 250}.{number % 250}")

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak has shown."""

    samples: list[Use]
    answers: Counter[tuple[str, int]]
    code: int
    last_words: str

    def rows(self) -> list[tuple[object, ...]]:
        half = self.samples[len(self.samples) // 2 :]
        return [
            (
                allowance.name,
                *(f"{values[0]:.0f}", f"{min(values):.0f}", f"{max(values):.0f}", f"{values[-1]:.0f}"),
                f"{trend(later).growth:+.2f}",
                allowance.verdict(later),
            )
            for allowance in ALLOWANCES
            for values, later in [(series(self.samples, allowance.name), series(half, allowance.name))]
        ]

    def broken(self) -> list[str]:
        grown = [f"{row[0]}: {row[5]} over the second half" for row in self.rows() if row[-1] != "flat"]
        return (
            grown
            + unexpected(self.answers)
            + ([f"it ended with {self.code} {self.last_words}".rstrip()] if self.code else [])
        )


def series(samples: Sequence[Use], name: str) -> list[float]:
    return [float(getattr(sample, name)) for sample in samples]


def soak(seconds: float, every: float = SAMPLE_SECONDS, faster: float = 1.0, questions: int = FILLING) -> Soaked:
    """Fill what is bounded, then run all errands against a service for some seconds."""
    with tempfile.TemporaryDirectory() as place:
        folder, rules = Path(place), Path(place) / "rules.toml"
        rules.write_text(CALM)
        settings = PRODUCTION | SMALL | {"OPERATOR_TOKEN": TOKEN, "ALERT_RULES_PATH": str(rules)}
        settings["REQUEST_DEADLINE_SECONDS"] = str(DEADLINE_SECONDS / faster)
        with Target(folder, **settings) as target:
            target.upload(csv_of(1500, "gadget"), "?replace=true")
            fill(target, questions)
            load, samples = Load(errands(target, rules, faster)), [target.use()]
            load.start()
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                time.sleep(every)
                if target.process.poll() is not None:
                    load.stop()
                    return Soaked(samples, load.answers, target.process.returncode or 1, target.last_words())
                samples.append(target.use())
            load.stop()
            return Soaked(samples, load.answers, target.stop(), "")


def main() -> int:
    """Soak and judge; return 1 if something grew or an answer was not what it should be."""
    allow_descriptors(4096)
    soaked = soak(60 * float(os.environ.get("MINUTES", MINUTES)))
    count = sum(soaked.answers.values())
    print(f"{count:,} errands, {len(soaked.samples)} samples")
    show(
        ("errand", "status", "times"),
        [(name, status, count) for (name, status), count in sorted(soaked.answers.items())],
    )
    show(("what", "first", "least", "most", "last", "growth over the second half", "verdict"), soaked.rows())
    print("\n" + ("\n".join(soaked.broken()) or "every promise was kept"))
    return int(bool(soaked.broken()))
