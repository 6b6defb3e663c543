"""The inverted index: for each stem the rows that hold it and how strongly, by BM25F.

BM25F (Robertson and Zaragoza 2009) counts a word by the field it stands in, with less for each repetition and in longer
rows. All but the rarity of the word is computed here and kept as one byte. Chunks go to disk as they come, sorted;
the finish deals them out by stem.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import layout
from service.ranking.semantic.chunks import Chunk
from service.ranking.semantic.forward import starts_of

FIELD_WEIGHTS = (3.0, 1.0, 0.5, 0.5)
"""Of name, path, description and data provider."""
K1, B = 1.2, 0.5
UNIT = (K1 + 1) / 255
"""What one step of the kept byte is worth."""
_TF_UNIT = 0.25
COMMON_SHARE = 16
"""A stem is common that is in more than one of so many rows; of the commonest, at most ``COMMON_LIMIT``."""
COMMON_LIMIT = 64

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Lengths = npt.NDArray[np.float32]


_KIND = [("term", np.int32), ("doc", np.int32), ("tf", np.uint8)]
_MEAN_STEP = 0.1


def typical(mean: float) -> float:
    """Return the length that rows are measured by: the mean, rounded to a tenth of itself or so.

    Rounded, so that a few other rows do not change what all others are worth.
    """
    return math.exp(round(math.log(mean) / _MEAN_STEP) * _MEAN_STEP) if mean > 0 else 1.0


def impacts_of(tf: Bytes, lengths: Lengths, typical_length: float) -> Bytes:
    """Return the kept byte of each posting, by the length of its row."""
    norms = K1 * (1 - B + B * lengths / np.float32(typical_length))
    strength = tf.astype(np.float32) * np.float32(_TF_UNIT)
    return np.asarray(np.clip(np.round(strength * (K1 + 1) / (strength + norms) / UNIT), 1, 255), np.uint8)


class Postings:
    """Collects; ``finish`` writes ``offsets``, ``docs`` and ``impacts``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chunks: list[Path] = []
        self._lengths: list[Lengths] = []
        self._rows = 0

    def add(self, chunk: Chunk, term_of: Ints) -> None:
        """Take the words of a chunk; ``term_of`` gives the stem's number of each word's number."""
        rows = len(chunk.paths)
        length = np.zeros(rows, np.float32)
        keys, strengths = [], []
        for field, weight in zip(chunk.fields, FIELD_WEIGHTS, strict=True):
            sizes = np.diff(field.starts)
            length += weight * sizes
            docs = np.repeat(np.arange(rows, dtype=np.int64), sizes)
            keys.append(term_of[field.words].astype(np.int64) * rows + docs)
            strengths.append(np.full(len(docs), weight, np.float32))
        distinct, place = np.unique(np.concatenate(keys), return_inverse=True)
        tf = np.bincount(place, weights=np.concatenate(strengths), minlength=len(distinct))
        packed = np.empty(len(distinct), _KIND)
        packed["term"], packed["doc"] = distinct // rows, distinct % rows + self._rows
        packed["tf"] = np.minimum(np.round(tf / _TF_UNIT), 255)
        path = self._folder / f"postings-{len(self._chunks)}.raw"
        packed.tofile(path)
        self._chunks.append(path)
        self._lengths.append(length)
        self._rows += rows

    def lengths(self) -> Lengths:
        """Return the length of each row."""
        return np.concatenate(self._lengths) if self._lengths else np.zeros(0, np.float32)

    def taken(self) -> npt.NDArray[Any]:
        """Return all postings (term, doc, tf) of rows that are few, and remove the chunks."""
        found = [np.fromfile(path, _KIND) for path in self._chunks]
        for path in self._chunks:
            path.unlink()
        return np.concatenate(found) if found else np.zeros(0, _KIND)

    def finish(self, order: Longs, typical_length: float) -> None:
        """Deal the postings out by stem, in the order of rows, and remove the chunks.

        ``order`` holds the numbers of the stems in the order in which they are written.
        """
        lengths, terms = self.lengths(), len(order)
        frequency = np.zeros(terms, np.int64)
        for path in self._chunks:
            frequency += np.bincount(np.fromfile(path, _KIND)["term"], minlength=terms)
        offsets = starts_of(frequency[order])
        layout.save(self._folder, {"offsets": offsets}, {})
        docs, impacts = opened(self._folder, int(offsets[-1]))
        filled = np.empty(terms, np.int64)
        filled[order] = offsets[:-1]
        for path in self._chunks:
            packed = np.fromfile(path, _KIND)
            sizes = np.bincount(packed["term"], minlength=terms)
            firsts = np.cumsum(sizes) - sizes
            places = np.arange(len(packed)) + np.repeat(filled - firsts, sizes)
            docs[places] = packed["doc"]
            impacts[places] = impacts_of(packed["tf"], lengths[packed["doc"]], typical_length)
            filled += sizes
            path.unlink()
        finish_common(self._folder, self._rows, offsets, docs, impacts)


def opened(folder: Path, count: int) -> tuple[Ints, Bytes]:
    """Return ``docs`` and ``impacts`` for writing."""
    docs: Ints = np.lib.format.open_memmap(folder / "docs.npy", "w+", np.int32, (count,))
    impacts: Bytes = np.lib.format.open_memmap(folder / "impacts.npy", "w+", np.uint8, (count,))
    return docs, impacts


def finish_common(folder: Path, rows: int, offsets: Longs, docs: Ints, impacts: Bytes) -> None:
    """Write the commonest stems as whole rows too, one byte a document: what is in many is looked up fastest so."""
    frequency = np.diff(offsets)
    common = np.argsort(-frequency, kind="stable")[:COMMON_LIMIT]
    common = common[frequency[common] * COMMON_SHARE > rows]
    layout.save(folder, {"common_terms": common}, {})
    table = np.lib.format.open_memmap(folder / "common.npy", "w+", np.uint8, (max(len(common), 1), max(rows, 1)))
    for place, number in enumerate(common):
        held = slice(offsets[number], offsets[number + 1])
        table[place, docs[held]] = impacts[held]
    table.flush()
