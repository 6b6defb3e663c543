"""Builds an index from all rows of a catalogue, chunk by chunk.

Run in a process of its own (``python -m service.ranking build``): it computes for up to a minute, and the service
answers meanwhile. Whatever ends it early leaves a folder with another name, which is swept. Numbers of stems and paths
follow the alphabet, so that an index does not tell in which order its rows were read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import layout, vocabulary
from service.ranking.semantic.facets import COLUMNS, smallest, standing
from service.ranking.semantic.forward import starts_of
from service.ranking.semantic.gathering import FIELDS, ROWS_A_CHUNK, Columns, Gathering
from service.ranking.semantic.intervals import Interval
from service.ranking.semantic.postings import typical
from service.ranking.semantic.vectors import WordVectors


def build(connection: sqlite3.Connection, folder: Path, vectors: WordVectors, facts: Mapping[str, str]) -> None:
    """Write a whole index into the empty ``folder``. ``facts`` say what it is made from."""
    gathered = Gathering(folder, vectors)
    cursor = connection.execute(f"SELECT {FIELDS} FROM signals ORDER BY row")
    for rows in iter(lambda: list(islice(cursor, ROWS_A_CHUNK)), []):
        gathered.add(rows)
    columns = gathered.columns()
    terms = vocabulary.write(folder, gathered.lexicon, gathered.counts)
    numbers = {term: number for number, term in enumerate(gathered.lexicon.terms)}
    length = mean_length(columns["lengths"])
    gathered.postings.finish(np.array([numbers[term] for term in terms], np.int64), length)
    gathered.forward.finish(folder, len(gathered.lexicon))
    layout.save(folder, {"vectors": gathered.meanings.taken()}, {})
    paths = list(gathered.texts.path_numbers)
    vectors_of_paths = gathered.meanings.of_paths(gathered.texts.path_words, gathered.lexicon)
    write_columns(folder, columns, interval_columns(gathered.intervals))
    write_paths(folder, columns["paths"], paths, vectors_of_paths)
    write_facets(folder, columns, {name: list(codes) for name, codes in gathered.facets.items()})
    seal(folder, vectors, facts, len(columns["rows"]), length, changed=0)


def seal(
    folder: Path, vectors: WordVectors, facts: Mapping[str, str], rows: int, length: float, *, changed: int
) -> None:
    """Finish an index. ``changed`` rows were replaced since all were read last."""
    made = {"rows": rows, "vectors": vectors.version, "length": length, "changed": changed}
    layout.seal(folder, dict(facts) | made)


def mean_length(*lengths: npt.NDArray[np.float32]) -> float:
    """Return the length by which rows are measured."""
    count = sum(map(len, lengths))
    return typical(sum(float(some.sum(dtype=np.float64)) for some in lengths) / count) if count else 1.0


def write_columns(folder: Path, columns: Columns, intervals: Columns) -> None:
    """Write what there is of each row, and the order of names."""
    # In eight bytes, as numpy searches: it would convert all of them at each look.
    order = np.argsort(columns["names"], kind="stable").astype(np.int64)
    kept = {name: columns[name] for name in ("rows", "ties", "names", "lengths")}
    layout.save(folder, kept | intervals | {"name_order": order, "names_ordered": columns["names"][order]}, {})


def write_paths(
    folder: Path, numbers: npt.NDArray[np.int32], paths: Sequence[str], vectors: npt.NDArray[np.float16]
) -> None:
    """Write the paths that rows have, by the alphabet: their texts, vectors, depths, and the rows of each."""
    held = np.bincount(numbers, minlength=len(paths))
    order = np.array(sorted(np.flatnonzero(held).tolist(), key=paths.__getitem__), np.int64)
    renumbered = np.zeros(len(paths), np.int32)
    renumbered[order] = np.arange(len(order), dtype=np.int32)
    of_rows = renumbered[numbers]
    texts = [paths[number] for number in order]
    arrays: Columns = {
        "paths": of_rows,
        "path_vectors": vectors[order],
        "depths": np.array([text.count(" > ") for text in texts], np.uint8),
        "path_offsets": starts_of(held[order]),
        "path_docs": np.argsort(of_rows, kind="stable").astype(np.int32),
    }
    layout.save(folder, arrays, {"paths.json": json.dumps(texts)})


def write_facets(folder: Path, columns: Columns, values: Mapping[str, Sequence[Any]]) -> None:
    """Write the columns of filters, and the order of rows that are equal otherwise."""
    arrays = {f"facet_{name}": smallest(columns[f"facet_{name}"], len(values[name])) for name in COLUMNS}
    layout.save(folder, arrays | {"standing": standing(columns, values)}, {"facets.json": json.dumps(values)})


def interval_columns(found: Sequence[tuple[int, Interval]]) -> Columns:
    """Return numbers of rows as columns, by document."""
    return {
        "interval_docs": np.array([doc for doc, _ in found], np.int32),
        "interval_kinds": np.array([interval.kind for _, interval in found], np.uint8),
        "interval_lows": np.array([interval.low for _, interval in found], np.float64),
        "interval_highs": np.array([interval.high for _, interval in found], np.float64),
    }
