"""How much CPU an uncached ranking takes: ``python -m tests.bench.bench_ranking [ROWS]`` (100,000 unless told).

Ranks everyday queries and names of the catalogue, over the shipped sample and over a big catalogue made from it. Every
big row takes its words from two rows of the sample and one of many places, so that words are as common as in real ones.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import service.catalogue
from service.catalogue.rows import read_rows
from service.messages import Brief, Signal
from service.ranking.local import LocalRanker
from tests.ranking.library import MemoryLibrary

QUERIES = """cars, food, sports, travel, fashion, technology, health, finance, entertainment, luxury travel, yoga, wine,
    home improvement, parents with toddlers shopping for strollers, people planning a beach vacation in Hawaii, R&D, IT,
    insurence quotes, skiing holydays, vehicel, smarthome, women 30-39, organic baby food, headhpones for runners,
    small business owners who need accounting software, rain on the weekend, high viewability, households, people,
    zzzzzzz, ' OR ''='"""
PLACES = "Ohio Texas Kent Lazio Bavaria Quebec Provence Osaka Lagos Cairo Lima Oslo Minho Utah"


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    sample = sample_signals()
    measure("sample", sample, sample)
    measure("made", list(multiplied(sample, rows)), sample)


def sample_signals() -> list[Signal]:
    """Return the sample catalogue."""
    path = Path(service.catalogue.__path__[0]) / "sample.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return [row for row in read_rows(stream, "csv") if isinstance(row, Signal)]


def multiplied(sample: Sequence[Signal], rows: int) -> Iterator[Signal]:
    """Yield ``rows`` invented signals; the same each time."""
    dice, places = random.Random(7), PLACES.split()
    for number in range(rows):
        one, other = dice.choice(sample), dice.choice(sample)
        name = f"{one.name}, {other.path[-1]} in {dice.choice(places)}"
        yield replace(one, id=f"{one.id}_{number}"[-128:], name=name, description=f"{one.description} {other.name}.")


def measure(title: str, signals: Sequence[Signal], sample: Sequence[Signal]) -> None:
    dice = random.Random(5)
    specs = [*(query.strip() for query in QUERIES.split(",")), *(signal.name for signal in dice.sample(sample, 300))]
    with closing(sqlite3.connect(":memory:")) as connection:
        library, ranker = MemoryLibrary(connection, signals, title), LocalRanker()
        first = cpu_milliseconds(lambda: ranker.rank(library, Brief("first")))
        times = sorted((cpu_milliseconds(lambda spec=spec: ranker.rank(library, Brief(spec))), spec) for spec in specs)
    figures = ", ".join(
        f"{name} {times[int(len(times) * part)][0]:.2f}" for name, part in (("p50", 0.5), ("p99", 0.99))
    )
    print(f"{title}: {len(signals):,} rows, {len(specs)} queries: CPU ms {figures}; first with vocabulary {first:.0f}")
    print("  slowest: " + "; ".join(f"{spec!r} {taken:.1f}" for taken, spec in times[-3:]))


def cpu_milliseconds(work) -> float:
    begun = time.thread_time()
    work()
    return 1000 * (time.thread_time() - begun)


if __name__ == "__main__":
    main()
