"""The words of each row as numbers, one row after the other: what an index needs to forget a row again.

Kept on disk with an index; no search reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.chunks import Chunk

_BLOCK = 4_000_000

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class Forward:
    """Collects chunks in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes: list[Longs] = []
        path.touch()

    def add(self, chunk: Chunk) -> None:
        """Take the words of a chunk."""
        by_field = [np.diff(field.starts) for field in chunk.fields]
        sizes = np.add.reduce(by_field)
        cursor = np.cumsum(sizes) - sizes
        words = np.empty(int(sizes.sum()), np.int32)
        for field, held in zip(chunk.fields, by_field, strict=True):
            words[np.arange(len(field.words)) + np.repeat(cursor - field.starts[:-1], held)] = field.words
            cursor += held
        with self._path.open("ab") as stream:
            words.tofile(stream)
        self._sizes.append(sizes)

    def sizes(self) -> Longs:
        """Return how many words each row has."""
        return np.concatenate(self._sizes) if self._sizes else np.zeros(0, np.int64)

    def taken(self) -> Ints:
        """Return the words of all rows, and remove the file."""
        words = np.fromfile(self._path, np.int32)
        self._path.unlink()
        return words

    def finish(self, folder: Path, distinct: int) -> None:
        """Write ``said`` and ``said_starts``, and remove the file."""
        starts = starts_of(self.sizes())
        said = opened(folder, int(starts[-1]), distinct)
        with self._path.open("rb") as stream:
            for place in range(0, len(said), _BLOCK):
                said[place : place + _BLOCK] = np.fromfile(stream, np.int32, _BLOCK)
        said.flush()
        np.save(folder / "said_starts.npy", starts, allow_pickle=False)
        self._path.unlink()


def opened(folder: Path, count: int, distinct: int) -> np.memmap[Any, np.dtype[Any]]:
    """Return ``said`` for writing: numbers below ``distinct``."""
    kind = np.uint16 if distinct <= 1 << 16 else np.uint32
    return np.lib.format.open_memmap(folder / "said.npy", "w+", kind, (count,))


def starts_of(sizes: Longs) -> Longs:
    """Return where each row begins, and where the last one ends."""
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts
