"""The vectors of signals: weighted means of the vectors of their words, kept as one byte a number.

Name and path count the same, a description that says more than the path counts less. Also writes the vector of each
path and each stem, by which a search finds paths and related words.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import layout
from service.ranking.semantic.chunks import DESCRIPTION, NAME, PATH, Chunk, Field, Texts, _field
from service.ranking.semantic.lexicon import Lexicon
from service.ranking.semantic.vectors import Floats, WordVectors, normalised

SCALE = 381.0
"""A kept byte is 381 times the number; few numbers of a vector of length 1 exceed a third."""
SHARES = {NAME: 0.5, PATH: 0.5, DESCRIPTION: 0.15}
_SLICE = 2_000


class Meanings:
    """Collects; ``finish`` writes ``vectors``, ``path_vectors`` and ``term_vectors``."""

    def __init__(self, vectors: WordVectors, path: Path) -> None:
        self._vectors = vectors
        self._path = path
        self._rows = 0
        path.touch()

    def add(self, chunk: Chunk, ranks: npt.NDArray[np.int32], weights: npt.NDArray[np.float32]) -> None:
        """Take the rows of a chunk; ``ranks`` and ``weights`` are those of the lexicon's words."""
        with self._path.open("ab") as stream:
            for start in range(0, len(chunk.paths), _SLICE):
                stop = min(start + _SLICE, len(chunk.paths))
                total = np.zeros((stop - start, self._vectors.width), np.float32)
                for field, share in SHARES.items():
                    total += share * normalised(self._means(chunk.fields[field], start, stop, ranks, weights))
                packed(normalised(total)).tofile(stream)
        self._rows += len(chunk.paths)

    def _means(
        self, field: Field, start: int, stop: int, ranks: npt.NDArray[np.int32], weights: npt.NDArray[np.float32]
    ) -> Floats:
        """Return the weighted mean of the word vectors of each row; 0 where no word has one."""
        words = field.words[field.starts[start] : field.starts[stop]]
        owners = np.repeat(np.arange(stop - start), np.diff(field.starts[start : stop + 1]))
        known = ranks[words] >= 0
        words, owners = words[known], owners[known]
        means = np.zeros((stop - start, self._vectors.width), np.float32)
        if len(words):
            distinct, place = np.unique(words, return_inverse=True)
            rows = self._vectors.rows(ranks[distinct]) * weights[distinct][:, None]
            firsts = np.flatnonzero(np.diff(owners, prepend=-1))
            sizes = np.diff(firsts, append=len(owners))
            # The first words of all rows, then the second ones: far faster than row by row.
            for nth in range(int(sizes.max())):
                at = firsts[sizes > nth] + nth
                means[owners[at]] += rows[place[at]]
        return means

    def finish(self, folder: Path, lexicon: Lexicon, texts: Texts) -> None:
        """Write all."""
        raw = np.fromfile(self._path, np.int8).reshape(self._rows, self._vectors.width)
        _, ranks, weights = lexicon.columns()
        paths = _field(texts.path_words)
        path_vectors = normalised(self._means(paths, 0, len(texts.path_words), ranks, weights))
        depths = np.array([path.count(" > ") for path in texts.path_numbers], np.uint8)
        layout.save(folder, {"vectors": raw, "path_vectors": path_vectors.astype(np.float16), "depths": depths}, {})
        self._path.unlink()


def packed(rows: Floats) -> npt.NDArray[np.int8]:
    """Return vectors of length 1 as bytes."""
    return np.clip(np.round(rows * SCALE), -127, 127).astype(np.int8)
