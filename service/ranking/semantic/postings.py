"""The inverted index: for each stem the rows that hold it and how strongly, by BM25F.

BM25F (Robertson and Zaragoza 2009) counts a word by the field it stands in, with less for each repetition and in longer
rows. All but the rarity of the word is computed here and kept as one byte. Chunks go to disk as they come, sorted;
the finish deals them out by stem.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import layout
from service.ranking.semantic.chunks import Chunk

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


class Postings:
    """Collects; ``finish`` writes ``offsets``, ``docs`` and ``impacts``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chunks: list[Path] = []
        self._lengths: list[npt.NDArray[np.float32]] = []
        self._rows = 0
        self.counts = np.zeros(0, np.int64)

    def add(self, chunk: Chunk, term_of: Ints) -> None:
        """Take the words of a chunk; ``term_of`` gives the stem's number of each word's number."""
        rows = len(chunk.paths)
        length = np.zeros(rows, np.float32)
        keys, strengths = [], []
        counts = np.zeros(len(term_of), np.int64)
        for field, weight in zip(chunk.fields, FIELD_WEIGHTS, strict=True):
            sizes = np.diff(field.starts)
            length += weight * sizes
            counts += np.bincount(field.words, minlength=len(term_of))
            docs = np.repeat(np.arange(rows, dtype=np.int64), sizes)
            keys.append(term_of[field.words].astype(np.int64) * rows + docs)
            strengths.append(np.full(len(docs), weight, np.float32))
        counts[: len(self.counts)] += self.counts
        self.counts = counts
        distinct, place = np.unique(np.concatenate(keys), return_inverse=True)
        tf = np.bincount(place, weights=np.concatenate(strengths), minlength=len(distinct))
        packed = np.empty(len(distinct), [("term", np.int32), ("doc", np.int32), ("tf", np.uint8)])
        packed["term"], packed["doc"] = distinct // rows, distinct % rows + self._rows
        packed["tf"] = np.minimum(np.round(tf / _TF_UNIT), 255)
        path = self._folder / f"postings-{len(self._chunks)}.raw"
        packed.tofile(path)
        self._chunks.append(path)
        self._lengths.append(length)
        self._rows += rows

    def finish(self, rows: int, terms: int) -> None:
        """Deal the postings out by stem, in the order of rows, and remove the chunks."""
        kind = [("term", np.int32), ("doc", np.int32), ("tf", np.uint8)]
        lengths = np.concatenate(self._lengths) if self._lengths else np.zeros(0, np.float32)
        norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if rows else 1.0, 1e-9))
        frequency = np.zeros(terms, np.int64)
        for path in self._chunks:
            frequency += np.bincount(np.fromfile(path, kind)["term"], minlength=terms)
        offsets = np.zeros(terms + 1, np.int64)
        np.cumsum(frequency, out=offsets[1:])
        layout.save(self._folder, {"offsets": offsets}, {})
        docs = np.lib.format.open_memmap(self._folder / "docs.npy", "w+", np.int32, (int(offsets[-1]),))
        impacts = np.lib.format.open_memmap(self._folder / "impacts.npy", "w+", np.uint8, (int(offsets[-1]),))
        filled = offsets[:-1].copy()
        for path in self._chunks:
            packed = np.fromfile(path, kind)
            sizes = np.bincount(packed["term"], minlength=terms)
            firsts = np.cumsum(sizes) - sizes
            places = np.arange(len(packed)) + np.repeat(filled - firsts, sizes)
            tf = packed["tf"].astype(np.float32) * _TF_UNIT
            docs[places] = packed["doc"]
            saturated = tf * (K1 + 1) / (tf + norms[packed["doc"]])
            impacts[places] = np.clip(np.round(saturated / UNIT), 1, 255)
            filled += sizes
            path.unlink()
        self._finish_common(rows, frequency, offsets, docs, impacts)
        docs.flush()
        impacts.flush()

    def _finish_common(self, rows: int, frequency: Longs, offsets: Longs, docs: Ints, impacts: Bytes) -> None:
        """Write the commonest stems as whole rows too, one byte a document: what is in many is looked up fastest so."""
        common = np.argsort(-frequency, kind="stable")[:COMMON_LIMIT]
        common = common[frequency[common] * COMMON_SHARE > rows]
        layout.save(self._folder, {"common_terms": common}, {})
        path = self._folder / "common.npy"
        table = np.lib.format.open_memmap(path, "w+", np.uint8, (max(len(common), 1), max(rows, 1)))
        for place, number in enumerate(common):
            held = slice(offsets[number], offsets[number + 1])
            table[place, docs[held]] = impacts[held]
        table.flush()
