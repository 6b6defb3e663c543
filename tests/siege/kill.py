"""kill -9 in the middle of imports, again and again: in an upload to the running service, and in the command line.

After each kill the database must open, hold exactly the old catalogue or the new one, and be served by the next start;
no private copies may pile up. ``python -m tests.siege kill`` does it a hundred times.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.catalogue.store import Store
from tests.running import csv_of
from tests.siege.tables import percentile, show
from tests.siege.target import Target

KILLS = 100
ROWS = 6_000
SPREAD = 1.6
"""Kills fall anywhere in this multiple of the time that an import takes."""
WORDS = ("gadget", "widget")


@dataclass(slots=True)
class Ledger:
    """What was found after the kills: how often the old or the new catalogue, and what was wrong."""

    found: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    restart_seconds: list[float] = field(default_factory=list)
    copies: int = 0


def files(folder: Path, rows: int) -> dict[str, Path]:
    """Write one file to import for each word; return them by it."""
    made = {}
    for word in WORDS:
        made[word] = folder / f"{word}.csv"
        made[word].write_bytes(csv_of(rows, word))
    return made


@dataclass(frozen=True, slots=True)
class Whole:
    """What an import of each file makes when nobody kills it: the version by word, its rows, and its seconds."""

    versions: dict[str, str]
    rows: int
    seconds: float


def whole(folder: Path, sources: dict[str, Path], rows: int) -> Whole:
    found, began = {}, 0.0
    # Twice: what takes its time is to replace one catalogue by the other, not to fill an empty one.
    for _ in range(2):
        began = time.monotonic()
        for word, source in sources.items():
            import_by_command(folder / "whole.db", source).wait(60)
            found[word] = Store(folder / "whole.db").version
    return Whole(found, rows, (time.monotonic() - began) / len(sources))


def import_by_command(database: Path, source: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "service.catalogue",
        "import",
        "--replace",
        "--database",
        str(database),
        str(source),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def served(folder: Path) -> Target:
    """Start the service over a folder that holds its temporary directory too, so that each copy is found."""
    return Target(folder, TMPDIR=folder / "tmp")


def copies_in(folder: Path) -> list[Path]:
    return [*folder.rglob("*.serving-*")]


def upload(target: Target, source: Path, answers: list[int]) -> None:
    with suppress(OSError):
        answers.append(target.upload(source.read_bytes(), "?replace=true", headers={}).status)


def kill_in_upload(target: Target, source: Path, after: float) -> bool:
    """Upload a file, kill the service after some seconds; return whether it had answered that it was imported."""
    answers: list[int] = []
    thread = threading.Thread(target=upload, args=(target, source, answers), daemon=True)
    thread.start()
    time.sleep(after)
    done = answers == [200]
    target.kill()
    thread.join(10)
    return done


def kill_in_command(target: Target, source: Path, after: float) -> bool:
    """Import by the command line beside the running service and kill both; return whether the import had ended."""
    process = import_by_command(target.database, source)
    time.sleep(after)
    done = process.poll() == 0
    process.kill()
    target.kill()
    process.wait(10)
    return done


def one(
    folder: Path, round_: int, sources: dict[str, Path], known: Whole, ledger: Ledger, chance: random.Random
) -> None:
    """Start the service over what is there, kill it in an import of the other catalogue, and look at what is left."""
    began = time.monotonic()
    with served(folder) as target:
        ledger.restart_seconds.append(time.monotonic() - began)
        before = {version: word for word, version in known.versions.items()}[Store(target.database).version]
        after = WORDS[1 - WORDS.index(before)]
        count = target.get("/api/debug").document["catalogue"]["signals"]
        if count != known.rows or len(target.search(f"{before}&max_results=100").ids) != 100:
            ledger.broken.append(f"round {round_}: the service serves {count} signals")
        own = copies_in(folder)
        ledger.copies = max(ledger.copies, len(own))
        if len(own) != 1:
            ledger.broken.append(f"round {round_}: {len(own)} private copies")
        kill = kill_in_command if round_ % 2 else kill_in_upload
        done = kill(target, sources[after], chance.uniform(0, SPREAD * known.seconds))
    store = Store(target.database)
    wrong = store.check()
    ledger.broken += [f"round {round_}: {problem}" for problem in wrong]
    version = store.version
    ledger.found[
        "new" if version == known.versions[after] else "old" if version == known.versions[before] else "neither"
    ] += 1
    if version not in known.versions.values():
        ledger.broken.append(f"round {round_}: the catalogue is neither the old one nor the new one")
    if done and version != known.versions[after]:
        ledger.broken.append(f"round {round_}: an import that was answered for is gone")


def besiege(kills: int, rows: int = ROWS, seed: int = 1) -> Ledger:
    """Kill so many times in imports of so many rows, and return what was found."""
    ledger, chance = Ledger(), random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder, aside = Path(place) / "service", Path(place) / "aside"
        (folder / "tmp").mkdir(parents=True)
        aside.mkdir()
        sources = files(aside, rows)
        known = whole(aside, sources, rows)
        import_by_command(folder / "signals.db", sources[WORDS[0]]).wait(60)
        for round_ in range(kills):
            one(folder, round_, sources, known, ledger, chance)
        with served(folder) as target:
            if target.search(WORDS[0]).status != 200:
                ledger.broken.append("after the last kill the service does not answer")
            code = target.stop()
        if code or copies_in(folder):
            ledger.broken.append(f"at the end it left with {code} and {len(copies_in(folder))} private copies")
    return ledger


def report(ledger: Ledger) -> Iterable[tuple[object, ...]]:
    yield "kills", sum(ledger.found.values())
    yield "found the old catalogue", ledger.found["old"]
    yield "found the new catalogue", ledger.found["new"]
    yield "found neither, or damage", ledger.found["neither"]
    yield "private copies while serving, at most", ledger.copies
    yield "seconds until it served again, p50", f"{percentile(ledger.restart_seconds, 0.5):.2f}"
    yield "seconds until it served again, max", f"{max(ledger.restart_seconds):.2f}"


def main() -> int:
    """Kill ``KILLS`` times; return 1 if anything was lost or left behind."""
    ledger = besiege(int(os.environ.get("KILLS", KILLS)))
    show(("what", "figure"), [*report(ledger)])
    print("\n" + ("\n".join(ledger.broken) or "every promise was kept"))
    return int(bool(ledger.broken))
