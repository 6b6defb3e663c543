"""A catalogue made ready for the command line: the same index and ranker as the service has, in a folder that goes.

The index of the running service is not touched; a catalogue file is imported into a database of its own first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.catalogue.rows import guess_format, open_text, read_rows
from service.catalogue.shelf import Shelf, Snapshot
from service.catalogue.store import Store
from service.messages import Brief, Signal
from service.ranking.building import build_apart
from service.ranking.choice import Choice
from service.ranking.semantic.index import Index
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import WordVectors


@dataclass(frozen=True, slots=True)
class Workbench:
    """Asks one catalogue."""

    library: Snapshot
    semantic: Semantic

    def row(self, signal_id: str) -> int:
        """Return the row number of a signal; raises ``KeyError``."""
        found = self.library.connection().execute("SELECT row FROM signals WHERE id = ?", (signal_id,)).fetchone()
        if found is None:
            raise KeyError(signal_id)
        return int(found[0])

    def ids(self, spec: str, most: int) -> list[str]:
        """Return the ids of the first signals."""
        return [signal.id for signal, _, _ in self.answer(spec, most)]

    def answer(self, spec: str, most: int) -> list[tuple[Signal, float, str]]:
        """Return the first signals with relevance and reason."""
        ranking = self.semantic.rank(self.library, Brief(spec), Choice.version)
        signals = self.library.signals(list(ranking.rows[:most]))
        return list(zip(signals, ranking.relevance, self.semantic.reasons(spec, signals), strict=False))


@contextmanager
def opened(database: Path, catalogue: Path | None, synonyms: Path | None) -> Iterator[Workbench]:
    """Open the ``database``, or the ``catalogue`` file in its place. Raises what the catalogue raises."""
    with tempfile.TemporaryDirectory(prefix="ranking-") as name:
        folder = Path(name)
        if catalogue is not None:
            database = folder / "catalogue.db"
            with catalogue.open("rb") as raw, open_text(raw) as text:
                Store(database).import_rows(read_rows(text, guess_format(catalogue.name)))
        shelf = Shelf(database)
        shelf.open()
        try:
            with shelf.borrow() as library:
                build_apart(library.path, folder / "index", {})
                index = Index(folder / "index", WordVectors())
                yield Workbench(library, Semantic(index, Synonyms.read(synonyms), datetime.now(UTC).year))
        finally:
            shelf.close()
