"""The vectors of signals: weighted means of the vectors of their words, kept as one byte a number.

Name and path count the same, a description that says more than the path counts less. Also makes the vector of each
path, by which a search finds paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.chunks import DESCRIPTION, NAME, PATH, Chunk, Field, joined
from service.ranking.semantic.lexicon import Lexicon
from service.ranking.semantic.vectors import Floats, WordVectors, normalised

SCALE = 381.0
"""A kept byte is 381 times the number; few numbers of a vector of length 1 exceed a third."""
SHARES = {NAME: 0.5, PATH: 0.5, DESCRIPTION: 0.15}
_SLICE = 2_000


class Meanings:
    """Collects the vectors of rows in a file."""

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

    def taken(self) -> npt.NDArray[np.int8]:
        """Return the vectors of all rows, and remove the file."""
        raw = np.fromfile(self._path, np.int8).reshape(self._rows, self._vectors.width)
        self._path.unlink()
        return raw

    def of_paths(self, words: Sequence[tuple[int, ...]], lexicon: Lexicon) -> npt.NDArray[np.float16]:
        """Return the vectors of paths, by their words."""
        _, ranks, weights = lexicon.columns()
        return normalised(self._means(joined(words), 0, len(words), ranks, weights)).astype(np.float16)


def packed(rows: Floats) -> npt.NDArray[np.int8]:
    """Return vectors of length 1 as bytes."""
    return np.clip(np.round(rows * SCALE), -127, 127).astype(np.int8)
