"""Makes an index out of an old one where few rows have changed: reads only those, and copies all else.

What comes out is what a build of all rows would give. Like that it is written into a folder of its own; the old index
is only read. A tenth of the rows at most, counted since all were read last: then it is time to read them all again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import layout, vocabulary
from service.ranking.semantic.build import (
    interval_columns,
    mean_length,
    seal,
    write_columns,
    write_facets,
    write_paths,
)
from service.ranking.semantic.facets import COLUMNS
from service.ranking.semantic.gathering import FIELDS, ROWS_A_CHUNK, Columns, Gathering, ties
from service.ranking.semantic.rewording import Rewording
from service.ranking.semantic.splicing import Splice
from service.ranking.semantic.vectors import WordVectors

MOST = 0.1
"""Part of the rows that may differ."""
_SAME = ("year",)
_IN_ONE_READ = 50_000

Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Unlike(Exception):
    """The old index does not serve: too much has changed."""


def update(
    connection: sqlite3.Connection, base: Path, folder: Path, vectors: WordVectors, facts: Mapping[str, str]
) -> int:
    """Write the index of a catalogue into the empty ``folder``, by means of the index ``base``; return how many rows
    were read. Raises ``Unlike`` or ``layout.Damaged``."""
    layout.verify(base, {name: facts.get(name) for name in _SAME} | {"vectors": vectors.version})
    return Update(connection, base, folder, vectors).run(facts)


class Update:
    """One update: what the old index holds."""

    def __init__(self, connection: sqlite3.Connection, base: Path, folder: Path, vectors: WordVectors) -> None:
        self._connection = connection
        self._base = base
        self._folder = folder
        self._vectors = vectors
        self._told = layout.facts(base)
        self._facets = json.loads((base / "facets.json").read_bytes())

    def _old(self, name: str) -> layout.Array:
        return layout.load(self._base, name)

    def run(self, facts: Mapping[str, str]) -> int:
        kept, fresh = self._compared()
        gone = self._told["rows"] - len(kept)
        changed = self._told["changed"] + max(len(fresh), gone)
        if changed > MOST * len(kept):
            raise Unlike(f"{changed} rows have changed")
        gathered = self._gathered(fresh)
        splice = Splice.of(kept, self._old("rows"), fresh)
        columns = self._columns(splice, gathered)
        length = mean_length(columns["lengths"])
        if length != self._told["length"]:
            raise Unlike("rows have become longer or shorter")
        Rewording(self._base, self._folder, splice, gathered).write(columns["lengths"], length)
        self._write_vectors(splice, gathered)
        write_columns(self._folder, columns, self._intervals(splice, gathered))
        self._write_paths(splice, gathered)
        write_facets(self._folder, columns, {name: list(codes) for name, codes in gathered.facets.items()})
        seal(self._folder, self._vectors, facts, splice.count, length, changed=changed)
        return len(fresh)

    def _compared(self) -> tuple[Longs, Longs]:
        """Return the old documents whose rows are as they were, and the rows that are new or others."""
        cursor = self._connection.execute("SELECT row, substr(digest, 1, 8) FROM signals ORDER BY row")
        rows, contents = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
        for some in iter(lambda: cursor.fetchmany(_IN_ONE_READ), []):
            rows.append(np.array([row for row, _ in some], np.int64))
            contents.append(ties([digest for _, digest in some]))
        now, content = np.concatenate(rows), np.concatenate(contents)
        old = self._old("rows")
        if not len(old):
            raise Unlike("there was nothing before")
        docs = np.minimum(np.searchsorted(old, now), len(old) - 1)
        same: Bools = (old[docs] == now) & (self._old("ties")[docs] == content)
        return docs[same], now[~same]

    def _gathered(self, rows: Longs) -> Gathering:
        gathered = Gathering(self._folder, self._vectors, vocabulary.lines(self._base / "forms.txt"))
        for name in COLUMNS:
            for value in self._facets[name]:
                gathered.facets[name][tuple(value) if isinstance(value, list) else value]
        query = f"SELECT {FIELDS} FROM signals WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row"
        for some in _chunks(rows):
            gathered.add(self._connection.execute(query, (json.dumps(some.tolist()),)).fetchall())
        return gathered

    def _columns(self, splice: Splice, gathered: Gathering) -> Columns:
        fresh = gathered.columns()
        names = ("rows", "ties", "names", "lengths", *(f"facet_{name}" for name in COLUMNS))
        return {name: splice.column(self._old(name), fresh[name]) for name in names}

    def _write_vectors(self, splice: Splice, gathered: Gathering) -> None:
        fresh = gathered.meanings.taken()
        path = self._folder / "vectors.npy"
        found = np.lib.format.open_memmap(path, "w+", np.int8, (splice.count, self._vectors.width))
        splice.fill(found, self._old("vectors"), fresh)
        found.flush()

    def _intervals(self, splice: Splice, gathered: Gathering) -> Columns:
        fresh = interval_columns(gathered.intervals)
        docs = splice.numbers(self._told["rows"])[self._old("interval_docs")]
        kept = docs >= 0
        together = {name: np.concatenate([self._old(name)[kept], column]) for name, column in fresh.items()}
        together["interval_docs"] = np.concatenate([docs[kept], splice.fresh_to[fresh["interval_docs"]]])
        order = np.argsort(together["interval_docs"])
        return {name: column[order].astype(fresh[name].dtype) for name, column in together.items()}

    def _write_paths(self, splice: Splice, gathered: Gathering) -> None:
        numbers = {path: number for number, path in enumerate(json.loads((self._base / "paths.json").read_bytes()))}
        known = len(numbers)
        words = gathered.texts.path_words
        fresh = [numbers.setdefault(path, len(numbers)) for path in gathered.texts.path_numbers]
        new = [some for some, number in zip(words, fresh, strict=True) if number >= known]
        vectors = np.concatenate([self._old("path_vectors"), gathered.meanings.of_paths(new, gathered.lexicon)])
        of_fresh = np.array(fresh, np.int32)[gathered.columns()["paths"]]
        write_paths(self._folder, splice.column(self._old("paths"), of_fresh), list(numbers), vectors)


def _chunks(rows: Longs) -> Iterator[Longs]:
    for start in range(0, len(rows), ROWS_A_CHUNK):
        yield rows[start : start + ROWS_A_CHUNK]
