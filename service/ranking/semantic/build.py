"""Builds an index from the rows of a catalogue, chunk by chunk, so that a million rows fit in a few hundred megabytes.

Run in a process of its own (``python -m service.ranking build``): it computes for up to a minute, and the service
answers meanwhile. Whatever ends it early leaves a folder with another name, which is swept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.places import places
from service.ranking.semantic import layout, vocabulary
from service.ranking.semantic.ages import may_tell
from service.ranking.semantic.chunks import Chunk, Texts, leaf
from service.ranking.semantic.facets import COLUMNS, Codes, smallest, standing
from service.ranking.semantic.intervals import Interval, told
from service.ranking.semantic.lexicon import Lexicon
from service.ranking.semantic.meanings import Meanings
from service.ranking.semantic.postings import Postings
from service.ranking.semantic.vectors import WordVectors

ROWS_A_CHUNK = 10_000
_SELECT = """SELECT row, name, path, description, data_provider, kind, coverage, cpm, currency, countries, platforms,
    digest, signal_type, deployments FROM signals ORDER BY row"""


def build(connection: sqlite3.Connection, folder: Path, vectors: WordVectors, facts: dict[str, str]) -> None:
    """Write a whole index into the empty ``folder``. ``facts`` say what it is made from."""
    Build(folder, vectors).run(connection, facts)


class Build:
    """One build: what it has seen so far."""

    def __init__(self, folder: Path, vectors: WordVectors) -> None:
        self._folder = folder
        self._vectors = vectors
        self._lexicon = Lexicon(vectors)
        self._texts = Texts(self._lexicon)
        self._meanings = Meanings(vectors, folder / "vectors.raw")
        self._postings = Postings(folder)
        self._facets = {name: Codes() for name in COLUMNS}
        self._columns: dict[str, list[Any]] = {}
        self._intervals: list[tuple[int, Interval]] = []
        self._year = datetime.now(UTC).year

    def run(self, connection: sqlite3.Connection, facts: dict[str, str]) -> None:
        cursor = connection.execute(_SELECT)
        for rows in iter(lambda: list(islice(cursor, ROWS_A_CHUNK)), []):
            self._add(rows)
        count = self._finish()
        layout.seal(self._folder, facts | {"rows": count, "vectors": self._vectors.version})

    def _add(self, rows: list[tuple[Any, ...]]) -> None:
        chunk = self._texts.cut(rows)
        terms, ranks, weights = self._lexicon.columns()
        self._postings.add(chunk, terms)
        self._meanings.add(chunk, ranks, weights)
        self._keep("rows", np.array([row[0] for row in rows], np.int64))
        self._keep("ties", np.array([int.from_bytes(row[11][:8].ljust(8, b"\0")) for row in rows], np.uint64))
        self._keep("names", chunk.names)
        self._keep("paths", chunk.paths)
        start = sum(map(len, self._columns["rows"])) - len(rows)
        for doc, (_, name, path, *_) in enumerate(rows, start):
            if may_tell(name) and (found := told(leaf(name), path, self._year)) is not None:
                self._intervals.append((doc, found))
        for name, values in _facet_values(rows):
            codes = self._facets[name]
            self._keep(f"facet_{name}", np.array([codes[value] for value in values], np.int64))

    def _keep(self, name: str, array: Any) -> None:
        self._columns.setdefault(name, []).append(array)

    def _finish(self) -> int:
        columns = {name: np.concatenate(parts) for name, parts in self._columns.items()}
        for name, codes in self._facets.items():
            found = columns.get(f"facet_{name}", np.zeros(0, np.int64))
            columns[f"facet_{name}"] = smallest(found, len(codes))
        for name, kind in (("rows", np.int64), ("ties", np.uint64), ("names", np.uint64), ("paths", np.int32)):
            columns.setdefault(name, np.zeros(0, kind))
        count = len(columns["rows"])
        columns |= _by_path(columns["paths"], len(self._texts.path_words)) | _interval_columns(self._intervals)
        # In eight bytes, as numpy searches: it would convert all of them at each look.
        columns["name_order"] = np.argsort(columns["names"], kind="stable").astype(np.int64)
        columns["names_ordered"] = columns["names"][columns["name_order"]]
        columns["standing"] = standing(columns, {name: list(codes) for name, codes in self._facets.items()})
        layout.save(self._folder, columns, {"facets.json": json.dumps({n: list(c) for n, c in self._facets.items()})})
        self._postings.finish(count, len(self._lexicon.terms))
        self._meanings.finish(self._folder, self._lexicon, self._texts)
        vocabulary.write(self._folder, self._lexicon, self._postings.counts, self._vectors)
        return count


def _by_path(paths: npt.NDArray[np.int32], count: int) -> dict[str, npt.NDArray[Any]]:
    """Return the documents ordered by path, and where each path begins."""
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(paths, minlength=count), out=offsets[1:])
    return {"path_offsets": offsets, "path_docs": np.argsort(paths, kind="stable").astype(np.int32)}


def _interval_columns(found: list[tuple[int, Interval]]) -> dict[str, npt.NDArray[Any]]:
    return {
        "interval_docs": np.array([doc for doc, _ in found], np.int32),
        "interval_kinds": np.array([interval.kind for _, interval in found], np.uint8),
        "interval_lows": np.array([interval.low for _, interval in found], np.float64),
        "interval_highs": np.array([interval.high for _, interval in found], np.float64),
    }


def _facet_values(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
    yield "data_provider", [row[4] for row in rows]
    yield "kind", [row[5] for row in rows]
    yield "coverage", [row[6] for row in rows]
    yield "price", [(row[7], row[8]) for row in rows]
    yield "countries", [row[9] for row in rows]
    yield "places", [places(row[10], row[13]) for row in rows]
    yield "signal_type", [row[12] for row in rows]


__all__ = ["ROWS_A_CHUNK", "Build", "Chunk", "build"]
