"""How long an uncached ranking takes, by text and by meaning.

Usage: python -m tests.bench.bench_ranking [--keep FOLDER] [ROWS ...]

Ranks everyday queries and names of the catalogue, over the shipped sample and over big catalogues made from it (100,000
and 1,000,000 rows unless told): each big row takes its words from two rows of the sample and one of many places. Tells
the build of the index, latency, 8 threads at once, the same with the page made (ten signals, why they match, JSON),
resident memory, the same ranked by two processes beside (as with ``RANKING_PROCESSES=2``; why the first ten match comes
with it), and the index after few changes. With ``--keep`` catalogues and indexes stay in a folder, and are used
again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path

import service.catalogue
from service.answers import Pages
from service.catalogue.rows import read_rows
from service.catalogue.shelf import Shelf
from service.catalogue.store import Store
from service.life import SWITCH_SECONDS
from service.memory import share_heaps
from service.messages import Brief, Query, Signal
from service.paging import Pager
from service.ranking.beside import Beside
from service.ranking.local import LocalRanker
from service.ranking.pool import Catalogue, Pool

QUERIES = """cars, food, sports, travel, fashion, technology, health, finance, entertainment, luxury travel, yoga, wine,
    home improvement, parents with toddlers shopping for strollers, people planning a beach vacation in Hawaii, R&D, IT,
    insurence quotes, skiing holydays, vehicel, smarthome, women 30-39, organic baby food, headhpones for runners,
    small business owners who need accounting software, rain on the weekend, high viewability, households, people,
    vehicle acquirers, oenophiles, couples without kids, affluent retirees, people earning more than $100k,
    zzzzzzz, ' OR ''='"""
PLACES = "Ohio Texas Kent Lazio Bavaria Quebec Provence Osaka Lagos Cairo Lima Oslo Minho Utah"
THREADS = 8
PROCESSES = 2
CHANGES = (10, 1_000, 10_000)
ROUNDS = 3


def main() -> None:
    if len(sys.argv) > 2 and sys.argv[1] == "--search":
        search(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_ranking")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where catalogues and indexes stay")
    parser.add_argument("rows", type=int, nargs="*", default=[100_000, 1_000_000], help="of big catalogues")
    options = parser.parse_args()
    sample = sample_signals()
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory() as name:
        measure("sample", Path(name), sample)
        for rows in options.rows:
            measure(f"made{rows}", Path(name), multiplied(sample, rows))


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


def measure(title: str, folder: Path, signals: Sequence[Signal] | Iterator[Signal]) -> None:
    """Import, build in a process and search in another, each told with its peak of memory."""
    database, index = folder / f"{title}.db", folder / f"{title}.index"
    if not index.exists():
        Store(database).import_rows(signals)
        begun = time.perf_counter()
        subprocess.run(building(database, index), check=True)
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = sum(path.stat().st_size for path in index.iterdir()) / 1e6
        print(f"{title}: index {size:.0f} MB in {seconds:.1f} s, at most {peak:.0f} MB", flush=True)
    rows = Store(database).stats().signals
    print(f"{title}: {rows:,} rows", flush=True)
    command = [sys.executable, "-m", "tests.bench.bench_ranking", "--search", str(database), str(index)]
    subprocess.run(command, check=True)
    for count in CHANGES:
        if 10 * count <= rows:
            change(database, index, count)


def building(database: Path, index: Path, *more: str) -> list[str]:
    """Return the command that builds an index."""
    command = [sys.executable, "-m", "service.ranking", "build", "--source", str(database), "--folder", str(index)]
    return [*command, *more]


def change(database: Path, index: Path, count: int) -> None:
    """Rename every so manieth signal, and make the index out of the one before."""
    store = Store(database)
    step = store.stats().signals // count
    some = list(islice(islice(store.signals(), 0, None, step), count))
    store.import_rows(replace(one, name=f"{one.name} ({count})") for one in some)
    newer = index.with_suffix(f".changed{count}")
    begun = time.perf_counter()
    subprocess.run(building(database, newer, "--base", str(index)), check=True)
    seconds = time.perf_counter() - begun
    changed = json.loads((newer / "manifest.json").read_text())["facts"]["changed"]
    print(f"  index after {count:,} changes in {seconds:.1f} s ({changed:,} rows read)", flush=True)
    shutil.rmtree(newer)
    store.import_rows(some)


def search(database: Path, folder: Path) -> None:
    """Rank by text, then by meaning, alone and with 8 threads."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    share_heaps()
    dice = random.Random(5)
    shelf = Shelf(database)
    shelf.open()
    with shelf.borrow() as library:
        names = [signal.name for signal in library.signals(dice.sample(range(1, library.count + 1), 100))]
        specs = [*(query.strip() for query in QUERIES.split(",")), *names]
        text = LocalRanker()
        tell("by text", specs, lambda spec: text.rank(library, Brief(spec)))
        before = resident()
        from service.ranking.semantic.index import Index
        from service.ranking.semantic.ranking import Semantic
        from service.ranking.semantic.synonyms import Synonyms
        from service.ranking.semantic.vectors import WordVectors

        semantic = Semantic(Index(folder, WordVectors()), Synonyms.read(None), 2026)
        tell("by meaning", specs, lambda spec: semantic.rank(library, Brief(spec), "bench"))
        pages = Pages(
            Pager(b"k" * 32), lambda _, brief, some: semantic.reasons(brief.spec, some), no_explanations, 0, 0
        )

        def page(spec: str) -> None:
            pages.make(library, semantic.rank(library, Brief(spec), "bench"), Query(Brief(spec)))

        tell("by meaning, page made", specs, page)
        sys.setswitchinterval(SWITCH_SECONDS)
        together("by meaning", specs, lambda spec: semantic.rank(library, Brief(spec), "bench"))
        together("by meaning, page made", specs, page)
        print(f"  by meaning: {resident() - before:.0f} MB resident more than before it was loaded", flush=True)
        beside = Pool(PROCESSES, lambda level, event, **fields: None, Path(service.__path__[0]).parent)
        try:
            beside.keep_up(
                Catalogue(library.version, library.path, folder.absolute(), semantic.synonyms, semantic.year)
            )
            apart = Beside(beside, semantic, library.version, semantic.index.turns)
            ranked = f"by meaning and why, in {beside.living} processes"
            tell(ranked, specs, lambda spec: apart.rank(library, Brief(spec), "bench"))
            together(ranked, specs, lambda spec: apart.rank(library, Brief(spec), "bench"))
        finally:
            beside.stop()
    shelf.close()


def tell(title: str, specs: Sequence[str], rank: Callable[[str], object]) -> None:
    """Print percentiles over the specs, each by the median of some rounds; and the first round, all cold."""
    times: dict[str, list[float]] = {spec: [] for spec in specs}
    for _ in range(ROUNDS + 1):
        for spec in times:
            begun = time.perf_counter()
            rank(spec)
            times[spec].append(1000 * (time.perf_counter() - begun))
    cold = sorted(taken[0] for taken in times.values())
    warm = sorted((sorted(taken[1:])[ROUNDS // 2], spec) for spec, taken in times.items())
    print(
        f"  {title}: p50 {warm[len(warm) // 2][0]:.2f} ms, p99 {warm[int(len(warm) * 0.99)][0]:.2f} ms;"
        f" cold p50 {cold[len(cold) // 2]:.2f} ms, p99 {cold[int(len(cold) * 0.99)]:.2f} ms; slowest {warm[-1][1]!r}",
        flush=True,
    )


def no_explanations(library: object, brief: object, rows: Sequence[int]) -> list[None]:
    """Return nothing for each row: nobody asks here."""
    return [None] * len(rows)


def together(title: str, specs: Sequence[str], rank: Callable[[str], object]) -> None:
    """Print how many rankings a second 8 threads get."""

    def ask(first: int) -> None:
        for place in range(len(specs)):
            rank(specs[(first + place) % len(specs)])

    threads = [threading.Thread(target=ask, args=(17 * number,)) for number in range(THREADS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = THREADS * len(specs) / (time.perf_counter() - begun)
    print(f"  {title}, {THREADS} threads: {rate:.0f} rankings a second", flush=True)


def resident() -> float:
    """Return the megabytes that are resident, mapped pages included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
