"""What is read of rows for an index, chunk by chunk: words, postings, vectors, facets and numbers.

Big parts wait in files of the folder, so that a million rows fit in a few hundred megabytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.places import places
from service.ranking.semantic.ages import may_tell
from service.ranking.semantic.chunks import Texts, leaf
from service.ranking.semantic.facets import COLUMNS, Codes
from service.ranking.semantic.forward import Forward
from service.ranking.semantic.intervals import Interval, told
from service.ranking.semantic.lexicon import Lexicon
from service.ranking.semantic.meanings import Meanings
from service.ranking.semantic.postings import Postings
from service.ranking.semantic.vectors import WordVectors

ROWS_A_CHUNK = 10_000
FIELDS = """row, name, path, description, data_provider, kind, coverage, cpm, currency, countries, platforms, digest,
    signal_type, deployments"""

Row = tuple[Any, ...]
Columns = dict[str, npt.NDArray[Any]]


class Gathering:
    """Takes rows of ``FIELDS``. ``known`` words, and codes of ``facets``, keep the numbers that they have."""

    def __init__(self, folder: Path, vectors: WordVectors, known: Iterable[str] = ()) -> None:
        self.lexicon = Lexicon(vectors, known)
        self.texts = Texts(self.lexicon)
        self.meanings = Meanings(vectors, folder / "vectors.raw")
        self.postings = Postings(folder)
        self.forward = Forward(folder / "said.raw")
        self.facets = {name: Codes() for name in COLUMNS}
        self.intervals: list[tuple[int, Interval]] = []
        self.counts = np.zeros(0, np.int64)
        self._columns: dict[str, list[npt.NDArray[Any]]] = {}
        self._rows = 0
        self._year = datetime.now(UTC).year

    def add(self, rows: list[Row]) -> None:
        """Take one chunk of rows."""
        chunk = self.texts.cut(rows)
        terms, ranks, weights = self.lexicon.columns()
        self.postings.add(chunk, terms)
        self.meanings.add(chunk, ranks, weights)
        self.forward.add(chunk)
        self.counts = summed(self.counts, *(field.words for field in chunk.fields), distinct=len(terms))
        self._keep("rows", np.array([row[0] for row in rows], np.int64))
        self._keep("ties", ties([row[11] for row in rows]))
        self._keep("names", chunk.names)
        self._keep("paths", chunk.paths)
        for doc, (_, name, path, *_) in enumerate(rows, self._rows):
            if may_tell(name) and (found := told(leaf(name), path, self._year)) is not None:
                self.intervals.append((doc, found))
        for name, values in _facet_values(rows):
            codes = self.facets[name]
            self._keep(f"facet_{name}", np.array([codes[value] for value in values], np.int64))
        self._rows += len(rows)

    def columns(self) -> Columns:
        """Return the columns with one entry a row."""
        kinds = {"rows": np.int64, "ties": np.uint64, "names": np.uint64, "paths": np.int32}
        kinds |= {f"facet_{name}": np.int64 for name in COLUMNS}
        columns = {
            name: np.concatenate(self._columns[name]) if name in self._columns else np.zeros(0, kind)
            for name, kind in kinds.items()
        }
        return columns | {"lengths": self.postings.lengths()}

    def _keep(self, name: str, array: npt.NDArray[Any]) -> None:
        self._columns.setdefault(name, []).append(array)


def ties(digests: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    """Return what stands for the content of rows: the first 8 bytes of each digest."""
    return np.frombuffer(b"".join(digest[:8].ljust(8, b"\0") for digest in digests), ">u8").astype(np.uint64)


def summed(counts: npt.NDArray[np.int64], *words: npt.NDArray[Any], distinct: int) -> npt.NDArray[np.int64]:
    """Return counts with those of more words."""
    total = np.zeros(distinct, np.int64)
    total[: len(counts)] = counts
    for some in words:
        total += np.bincount(some, minlength=distinct)
    return total


def _facet_values(rows: list[Row]) -> Iterator[tuple[str, list[Any]]]:
    yield "data_provider", [row[4] for row in rows]
    yield "kind", [row[5] for row in rows]
    yield "coverage", [row[6] for row in rows]
    yield "price", [(row[7], row[8]) for row in rows]
    yield "countries", [row[9] for row in rows]
    yield "places", [places(row[10], row[13]) for row in rows]
    yield "signal_type", [row[12] for row in rows]
