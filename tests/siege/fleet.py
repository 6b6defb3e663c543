"""Three instances behind HAProxy with one Redis, under load: whatever becomes of any of them, no request fails.

Each ordeal is gone through ``ROUNDS`` (5) times: what was answered, the slowest hundredth of it, and how long it took
until every instance had its store again. All of it on loopback, in processes of its own; about two minutes.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.fleet.live import RECOVERY_SECONDS, Fleet, Load
from tests.siege.tables import percentile, show

ROUNDS = 5
INSTANCES = 3
THREADS = 8
LOST_SECONDS = 1.0

Ordeal = Callable[[Fleet, int], float]


def lost(lose: Callable[[Fleet], None], mend: Callable[[Fleet], None]) -> Ordeal:
    """Return the ordeal of a Redis that is lost for a while; it returns the seconds until all have it again."""

    def ordeal(fleet: Fleet, turn: int) -> float:
        lose(fleet)
        fleet.store_is(False)
        threading.Event().wait(LOST_SECONDS)
        mend(fleet)
        began = time.monotonic()
        fleet.store_is(True)
        return time.monotonic() - began

    return ordeal


def done(act: Callable[[Fleet], object]) -> Ordeal:
    """Return the ordeal of something that is over as soon as it is done."""

    def ordeal(fleet: Fleet, turn: int) -> float:
        act(fleet)
        began = time.monotonic()
        fleet.store_is(True)
        return time.monotonic() - began

    return ordeal


def restart_an_instance(fleet: Fleet, turn: int) -> float:
    began = time.monotonic()
    fleet.replace(turn % INSTANCES)
    fleet.store_is(True)
    return time.monotonic() - began


def memory(fleet: Fleet, size: str) -> None:
    fleet.redis.ask("CONFIG", "SET", "maxmemory", size)


ORDEALS: dict[str, Ordeal] = {
    "nothing": done(lambda fleet: None),
    "Redis killed": lost(lambda fleet: fleet.redis.kill(), lambda fleet: fleet.redis.start()),
    "Redis frozen": lost(lambda fleet: fleet.redis.freeze(), lambda fleet: fleet.redis.thaw()),
    "Redis full": lost(lambda fleet: memory(fleet, "1"), lambda fleet: memory(fleet, "0")),
    "Redis restarted": done(lambda fleet: fleet.redis.restart()),
    "Redis flushed": done(lambda fleet: fleet.redis.ask("FLUSHALL")),
    "its scripts flushed": done(lambda fleet: fleet.redis.ask("SCRIPT", "FLUSH")),
    "an instance restarted": restart_an_instance,
}


def besieged(fleet: Fleet, name: str, ordeal: Ordeal, rounds: int) -> tuple[list[object], bool]:
    """Go through an ordeal under load; return a row of the table, and whether a promise was broken."""
    recoveries = []
    with closing(Load(fleet, THREADS)) as load:
        load.goes_on()
        for turn in range(rounds):
            recoveries.append(ordeal(fleet, turn))
            load.goes_on()
        outcomes = Counter(load.end())
        slow = percentile([seconds for seconds, _ in load.answers], 0.99) * 1000
    failed = {outcome: count for outcome, count in outcomes.items() if outcome != 200}
    # An instance takes longer to start than a store to be found.
    late = max(recoveries) > RECOVERY_SECONDS and ordeal is not restart_an_instance
    row = [name, rounds, outcomes[200], failed or "none", f"{slow:.0f} ms", f"{max(recoveries):.1f} s"]
    return row, bool(failed) or late


def main() -> int:
    rounds = int(os.environ.get("ROUNDS", ROUNDS))
    rows, broken = [], False
    with tempfile.TemporaryDirectory() as folder, Fleet(Path(folder), INSTANCES) as fleet:
        for name, ordeal in ORDEALS.items():
            row, bad = besieged(fleet, name, ordeal, rounds)
            rows.append(row)
            broken |= bad
    show(("ordeal", "times", "answered", "failed", "p99", "well again after"), rows)
    return int(broken)
