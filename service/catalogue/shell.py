"""What the catalogue's commands do, over three streams: the part of the command line that a test can hold.

Results go to ``stdout``, remarks, bad rows and progress to ``stderr``; each command returns its exit code. Files that
cannot be read or written raise ``OSError``, databases ``CatalogueError``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from service.catalogue.importing import BAD_LIMIT, ImportReport
from service.catalogue.rows import BadRow, guess_format, open_text, read_rows, write_csv, write_jsonl
from service.catalogue.store import Store
from service.messages import Signal

SHOWN_BAD = 20
PROGRESS_ROWS = 5000


class Shell:
    """The commands, over parsed options and three streams."""

    def __init__(self, options: argparse.Namespace, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> None:
        self._options = options
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr

    def import_file(self) -> int:
        """Import ``file``; print a summary."""
        options = self._options
        store = Store(options.database)
        with self._rows() as rows, self._progress() as progress:
            report = store.import_rows(rows, replace=options.replace, skip_bad=options.skip_bad, progress=progress)
        self._tell_bad(report.bad, report.bad_count)
        if not report.written:
            # A file that is bad as a whole has no good rows to offer.
            hopeless = options.skip_bad or any(row.fatal for row in report.bad)
            self._say("nothing was imported" + ("" if hopeless else " (--skip-bad imports the good rows)"))
            return 1
        self._tell(_summary(report))
        stats = store.stats()
        others = stats.signals + stats.private - report.inserted - report.updated - report.unchanged
        if others:
            self._say(f"{others:,} other signals stay in the catalogue; --replace would remove them")
        return 0

    def export(self) -> int:
        """Write all signals to ``output``, complete or not at all."""
        options = self._options
        store = Store(options.database)
        # First, or a database that cannot be read would leave a header that looks like an empty catalogue.
        store.stats()
        signals = store.signals()
        write = write_jsonl if (options.format or guess_format(options.output)) == "jsonl" else write_csv
        if options.output == "-":
            write(signals, self._stdout)
            return 0
        target = Path(options.output)
        unfinished = target.with_name(target.name + ".unfinished")
        with ExitStack() as undo:
            undo.callback(unfinished.unlink, missing_ok=True)
            with unfinished.open("w", encoding="utf-8", newline="") as stream:
                count = write(signals, stream)
            unfinished.replace(target)
        self._say(f"{count:,} signals written to {target}")
        return 0

    def stats(self) -> int:
        """Print what the catalogue holds."""
        stats = Store(self._options.database).stats()
        loaded = stats.loaded_at.isoformat(timespec="seconds") if stats.loaded_at else "never"
        for name, value in (
            ("signals", f"{stats.signals:,}"),
            ("version", stats.version),
            ("sample data", "yes" if stats.sample else "no"),
            ("loaded", loaded),
            ("kinds", _listed(stats.kinds)),
            ("signal types", _listed(stats.signal_types)),
            ("data providers", f"{stats.data_providers:,}"),
            ("with coverage", f"{stats.with_coverage:,}"),
            ("with price", f"{stats.with_price:,}"),
            ("private", f"{stats.private:,}"),
            ("own prices", f"{stats.priced_apart:,}"),
            ("principals", f"{stats.principals:,}"),
            ("size", f"{stats.bytes / 1_048_576:.1f} MiB"),
        ):
            self._tell(f"{name + ':':<16}{value}")
        return 0

    def check_file(self) -> int:
        """Look for bad rows; write nothing."""
        bad: list[BadRow] = []
        good = bad_count = 0
        with self._rows() as rows, self._progress() as progress:
            for done, row in enumerate(rows, start=1):
                if isinstance(row, Signal):
                    good += 1
                else:
                    bad_count += 1
                    bad += [row] if len(bad) < BAD_LIMIT else []
                if done % PROGRESS_ROWS == 0:
                    progress(done)
        self._tell_bad(bad, bad_count)
        self._tell(f"{good:,} good rows, {bad_count:,} bad")
        return 1 if bad_count else 0

    def check_database(self) -> int:
        """Check pages, full text and version of the database."""
        store = Store(self._options.database)
        stats = store.stats()
        found = store.check()
        for problem in found:
            self._say(f"{self._options.database}: {problem}")
        if not found:
            self._tell(f"{self._options.database}: {stats.signals:,} signals, all sound")
        return 1 if found else 0

    @contextmanager
    def _rows(self) -> Iterator[Iterator[Signal | BadRow]]:
        name, wanted = self._options.file, self._options.format
        if name == "-":
            # The bytes beneath, where there are any: standard input's own decoding depends on the locale.
            raw = getattr(self._stdin, "buffer", None)
            yield read_rows(open_text(raw) if raw else self._stdin, wanted)
            return
        with Path(name).open("rb") as file, open_text(file) as stream:
            yield read_rows(stream, wanted or guess_format(name))

    def _tell_bad(self, bad: Iterable[BadRow], count: int) -> None:
        shown = [*bad][:SHOWN_BAD]
        for row in shown:
            self._say(f"{self._options.file}:{row.line}: {row.reason}")
        if count > len(shown):
            self._say(f"… and {count - len(shown):,} more bad rows")

    @contextmanager
    def _progress(self) -> Iterator[Callable[[int], None]]:
        """Give a function that shows how far it is, where a person watches."""
        watched, started = self._stderr.isatty(), time.monotonic()

        def show(done: int) -> None:
            if watched:
                rate = done / max(time.monotonic() - started, 1e-6)
                self._stderr.write(f"\r{done:,} rows, {rate:,.0f} rows/s ")
                self._stderr.flush()

        yield show
        if watched:
            self._stderr.write("\r\x1b[K")
            self._stderr.flush()

    def _tell(self, result: str) -> None:
        self._stdout.write(result + "\n")

    def _say(self, remark: str) -> None:
        self._stderr.write(remark + "\n")


def _summary(report: ImportReport) -> str:
    counts = f"{report.inserted:,} new, {report.updated:,} changed, {report.removed:,} removed"
    rate = (report.inserted + report.updated + report.unchanged) / max(report.seconds, 1e-6)
    bad = f", {report.bad_count:,} bad rows skipped" if report.bad_count else ""
    pace = f"{report.seconds:.1f} s ({rate:,.0f} rows/s)"
    return f"{counts}, {report.unchanged:,} as before{bad} in {pace}; version {report.version}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
