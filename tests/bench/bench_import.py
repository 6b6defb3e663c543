"""How fast a catalogue is imported: prints rows a second for 100,000 rows, full text included.

Run as ``python -m tests.bench.bench_import [ROWS]``.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from service.catalogue.rows import read_rows, write_csv
from service.catalogue.store import Store
from service.messages import Deployment, Signal


def invented(count: int) -> Iterator[Signal]:
    """Yield ``count`` signals with some 25 words each out of a vocabulary of 20,000; always the same ones."""
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefghiklmnoprstuvw", k=dice.randint(3, 10))) for _ in range(20_000)]
    for number in range(count):
        yield Signal(
            id=f"segment-{number}",
            name=" ".join(dice.choices(words, k=3)),
            description=" ".join(dice.choices(words, k=16)),
            path=("Automotive", "In market", f"Model {number % 500}"),
            data_provider=f"Provider {number % 40}",
            provider_domain=f"provider-{number % 40}.example",
            coverage_percentage=number % 1000 / 10,
            cpm=number % 800 / 100,
            countries=("US", "CA")[: number % 3],
            deployments=tuple(Deployment(name) for name in ("dv360", "the-trade-desk", "xandr")[: number % 4]),
        )


def main(count: int) -> None:
    """Measure and print."""
    text = io.StringIO()
    write_csv(invented(count), text)
    print(f"{count} rows, {len(text.getvalue()) / count:.0f} characters each")
    started = time.perf_counter()
    for _ in read_rows(io.StringIO(text.getvalue()), "csv"):
        pass
    print(f"reading alone:         {count / (time.perf_counter() - started):10,.0f} rows/s")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "signals.db")
        for label, replace in (("a new catalogue:", False), ("the same again:", False), ("the same, replacing:", True)):
            started = time.perf_counter()
            store.import_rows(read_rows(io.StringIO(text.getvalue()), "csv"), replace=replace)
            print(f"{label:<22} {count / (time.perf_counter() - started):10,.0f} rows/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
