"""Slow, silent, flooding and vanishing connections by the thousand, while somebody else asks and must be answered.

Each scenario besieges the same running service for a bounded time. Promised are: every connection is closed within its
time plus two seconds, every probe is answered, and afterwards the service holds no more than before.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.siege.besiegers import Fate, Manner, besiege, sources, vanish
from tests.siege.probing import PATIENCE, Probes, probe
from tests.siege.tables import percentile, show
from tests.siege.target import PRODUCTION, Target

SLACK_SECONDS = 2.0
DEADLINE_SECONDS = 10.0
IDLE_SECONDS = STALL_SECONDS = 30.0
GROWTH_MEGABYTES = 60.0

HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST /api/signals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
ASKED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = BODY + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Scenario:
    """``connections`` in a ``manner`` from ``clients`` addresses, all closed ``within`` seconds by the service."""

    name: str
    connections: int
    clients: int
    manner: Manner
    within: float
    statuses: frozenset[int] = frozenset()


def scenarios(deadline: float, size: float = 1.0) -> list[Scenario]:
    """Return those that end by the deadline of a request; ``size`` makes them smaller."""

    def of(
        name: str, count: int, manner: Manner, *statuses: int, clients: int | None = None, slack: float = SLACK_SECONDS
    ) -> Scenario:
        count = max(20, round(count * size))
        each = clients or -(-count // 50)
        return Scenario(name, count, each, manner, deadline + slack, frozenset(statuses))

    pace = deadline / 10
    return [
        of("headers dribbled", 2000, Manner(HEAD, lambda turn: b"X-%d: a\r\n" % turn, pace), 408),
        of(
            "more than there are places",
            4000,
            Manner(HEAD, lambda turn: b"X-%d: a\r\n" % turn, pace),
            408,
            slack=2 * SLACK_SECONDS,
        ),
        of("one header line dribbled", 1000, Manner(HEAD + b"X: ", lambda turn: b"a", pace), 408),
        of("all from one address", 500, Manner(HEAD, lambda turn: b"X-%d: a\r\n" % turn, pace), 408, clients=1),
        of("empty lines dribbled", 500, Manner(b"\r\n", lambda turn: b"\r\n", pace), 408),
        of("body dribbled", 1000, Manner(BODY + b"Content-Length: 60000\r\n\r\n", lambda turn: b"{", pace), 408),
        of("chunks dribbled", 1000, Manner(CHUNKED, lambda turn: b"1\r\n{\r\n", pace), 408),
        of("chunk extension dribbled", 500, Manner(CHUNKED + b"1;", lambda turn: b"a", pace), 408),
        of("100 awaited, no body", 500, Manner(BODY + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"), 100, 408),
        of("connected, nothing said", 2000, Manner()),
        of("half a request, then nothing", 1000, Manner(HEAD[:20]), 408),
        of("header flood", 500, Manner(HEAD, lambda turn: b"X: %d\r\n" % turn * 99, pace / 50), 431),
        of("endless header line", 500, Manner(HEAD + b"X: ", lambda turn: b"a" * 4096, pace / 50), 431),
        of("pipelining flood", 500, Manner(ASKED * 400, lambda turn: ASKED * 400, pace / 10), 200, 400),
    ]


def patient_scenarios(size: float = 1.0) -> list[Scenario]:
    """Return those that end by a longer time: kept connections, and answers that are not read."""
    count = max(20, round(400 * size))
    # Few from each address, and other addresses for each scenario: who is told 429 gets nothing large.
    each = -(-count // 5)
    unread = Manner(LARGE * 16, reads=0, buffer=4096)
    trickled = Manner(LARGE * 16, reads=64, buffer=4096)
    read_late = STALL_SECONDS + 2 * SLACK_SECONDS
    return [
        Scenario("answered, then idle", 1000, 20, Manner(ASKED), IDLE_SECONDS + SLACK_SECONDS, frozenset({200})),
        Scenario("large answers not read", count, each, unread, read_late),
        Scenario("large answers read 64 B/s", count, each, trickled, read_late, frozenset({200})),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario as it went: a row of the table, and the promises it broke."""

    row: tuple[object, ...]
    broken: list[str]


HEADER = (
    *("scenario", "connections", "closed by", "closed s p50", "max", "probes", "failed", "p99 ms"),
    *("fds before", "peak", "after", "MB before", "peak", "after", "threads"),
)


def run(target: Target, scenario: Scenario, block: int = 100) -> Outcome:
    """Besiege the target from a block of addresses and judge what came of it."""
    froms = [*itertools.islice(itertools.cycle(sources(scenario.clients, block)), scenario.connections)]
    before = target.use()
    with Probes(target.address) as probes, target.watched() as seen:
        fates = asyncio.run(besiege(target.address, scenario.manner, froms, scenario.within + SLACK_SECONDS))
    after = settled(target, before.descriptors)
    closed = [fate.closed_after for fate in fates if fate.closed_after is not None]
    row = (
        *(scenario.name, scenario.connections, summary(fates)),
        *(f"{percentile(closed, 0.5):.1f}", f"{max(closed, default=float('nan')):.1f}"),
        *(len(probes.results), probes.failed, f"{percentile(probes.seconds, 0.99) * 1000:.0f}"),
        *(before.descriptors, max(use.descriptors for use in seen), after.descriptors),
        *(f"{before.megabytes:.0f}", f"{max(use.megabytes for use in seen):.0f}", f"{after.megabytes:.0f}"),
        after.threads,
    )
    broken = [f"{scenario.name}: {what}" for what in judged(scenario, fates, probes)]
    if after.descriptors > before.descriptors + 5:
        broken.append(f"{scenario.name}: {after.descriptors - before.descriptors} descriptors were not given back")
    if after.megabytes > before.megabytes + GROWTH_MEGABYTES:
        broken.append(f"{scenario.name}: memory grew from {before.megabytes:.0f} to {after.megabytes:.0f} MB")
    return Outcome(row, broken)


def judged(scenario: Scenario, fates: Sequence[Fate], probes: Probes) -> list[str]:
    open_still = sum(fate.closed_after is None for fate in fates)
    late = sum(fate.closed_after is not None and fate.closed_after > scenario.within for fate in fates)
    odd = {status for fate in fates for status in fate.statuses} - scenario.statuses
    said = [
        (open_still, f"{open_still} connections were never closed"),
        (late, f"{late} connections were closed later than after {scenario.within:g} s"),
        (odd, f"statuses {sorted(odd)} are not of this scenario"),
        (probes.failed or not probes.results, f"{probes.failed} of {len(probes.results)} probes failed"),
    ]
    return [what for is_so, what in said if is_so]


def summary(fates: Sequence[Fate]) -> str:
    """Say by what the connections were closed: the last refusal they saw, or the bare end of the connection."""
    ways: Counter[str] = Counter()
    for fate in fates:
        refusal = fate.statuses[-1] if fate.statuses else None
        ways[f"{refusal}" if refusal and refusal >= 400 else fate.how] += 1
    return ", ".join(f"{way} x{count}" for way, count in ways.most_common())


def settled(target: Target, descriptors: int, seconds: float = 5.0):
    """Return what the target uses when it has given back what it held, or after some seconds."""
    ends = time.monotonic() + seconds
    while (use := target.use()).descriptors > descriptors and time.monotonic() < ends:
        time.sleep(0.1)
    return use


def storm(target: Target, seconds: float) -> Outcome:
    """Connections that are reset as soon as they have asked, as fast as they can be made."""
    before = target.use()
    with Probes(target.address) as probes, target.watched() as seen:
        froms = itertools.cycle(sources(200))
        count = asyncio.run(vanish(target.address, LARGE, froms, seconds, at_once=50))
    after = settled(target, before.descriptors)
    row = (
        *("resets", count, f"us, in {seconds:g} s", "-", "-"),
        *(len(probes.results), probes.failed, f"{percentile(probes.seconds, 0.99) * 1000:.0f}"),
        *(before.descriptors, max(use.descriptors for use in seen), after.descriptors),
        *(f"{before.megabytes:.0f}", f"{max(use.megabytes for use in seen):.0f}", f"{after.megabytes:.0f}"),
        after.threads,
    )
    broken = [] if not probes.failed and probes.results else [f"resets: {probes.failed} probes failed"]
    if after.descriptors > before.descriptors + 5:
        broken.append(f"resets: {after.descriptors - before.descriptors} descriptors were not given back")
    return Outcome(row, broken)


def allow_descriptors(wanted: int) -> None:
    """Let this process and its children open more files than a shell usually allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def warm(target: Target) -> None:
    """Have the probes' question in the cache, and everything imported that is imported late."""
    for number in range(20):
        for path in ("/health", "/openapi.json", "/api/signals?spec=cars&max_results=5"):
            probe(target.address, path, f"127.0.250.{number + 1}", PATIENCE)


def main() -> int:
    """Run every scenario against one service; return 1 if a promise was broken."""
    allow_descriptors(10_000)
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, Target(Path(folder), **PRODUCTION) as target:
        warm(target)
        for block, scenario in enumerate([*scenarios(DEADLINE_SECONDS), *patient_scenarios()], start=100):
            print(f"{scenario.name} …", flush=True)
            outcomes.append(run(target, scenario, block))
        outcomes.append(storm(target, 10.0))
        code = target.stop()
    show(HEADER, [outcome.row for outcome in outcomes])
    broken = [what for outcome in outcomes for what in outcome.broken] + ([f"it ended with {code}"] if code else [])
    print("\n" + ("\n".join(broken) or "every promise was kept"))
    return int(bool(broken))
