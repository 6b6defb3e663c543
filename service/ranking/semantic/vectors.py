"""The word vectors that ship with the service: 192 numbers a word that stand for its meaning.

Words of like meaning have like vectors; ``tools/vectors`` builds the files, NOTICE names their sources. Words are found
by their hash and their vectors are mapped only while they are copied, so that little of the files stays in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent / "data"
MANIFEST = "vectors.json"
_RARITY = 1e-3

Floats = npt.NDArray[np.float32]


class Unusable(Exception):
    """The files of the word vectors are missing or damaged."""


class WordVectors:
    """``rank`` of a word is its place by frequency: 0 is the most frequent."""

    def __init__(self, folder: Path = FOLDER) -> None:
        manifest = checked(folder)
        self.version: str = manifest["version"]
        self._scales, self._hashes, self._ranks = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
            for name in ("scales", "hashes", "ranks")
        )
        self.count, self.width = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False).shape
        self._folder = folder
        self._file = os.open(folder / "vectors.npy", os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self._begin = os.fstat(self._file).st_size - self.count * self.width
        self.rank = lru_cache(maxsize=8192)(self._rank)
        self.nearest_rank = lru_cache(maxsize=8192)(self._nearest_rank)
        self.row = lru_cache(maxsize=4096)(self._row)
        self.unit = lru_cache(maxsize=4096)(self._unit)

    def _rank(self, word: str) -> int:
        """Return the place of a word by frequency, or -1 if it is not known."""
        wanted = hashed(word)
        place = int(np.searchsorted(self._hashes, wanted))
        return int(self._ranks[place]) if place < self.count and self._hashes[place] == wanted else -1

    def _nearest_rank(self, word: str) -> int:
        """Return the rank of a word, else of its singular, else -1."""
        rank = self.rank(word)
        return self.rank(word[:-1]) if rank < 0 and len(word) > 3 and word.endswith("s") else rank

    def rows(self, ranks: Sequence[int] | npt.NDArray[np.int32]) -> Floats:
        """Return the vectors of these ranks, as they are: longer ones tell more."""
        places = np.asarray(ranks, np.int64)
        scales = self._scales[places].astype(np.float32)
        # Mapped anew each time: whatever was looked at before would stay resident, in the end the whole file.
        mapped = np.load(self._folder / "vectors.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
        return np.asarray(mapped[places] * scales[:, None], np.float32)

    def _row(self, rank: int) -> Floats:
        """Return the vector of one rank."""
        # A look into the file: to map it takes ten times longer.
        kept = np.frombuffer(os.pread(self._file, self.width, self._begin + rank * self.width), np.int8)
        return np.asarray(kept * self._scales[rank].astype(np.float32), np.float32)

    def _unit(self, rank: int) -> Floats:
        """Return the vector of one rank at length 1."""
        return normalised(self.row(rank))

    def words(self) -> list[str]:
        """Return all words by rank. They are read from the file each time."""
        return (self._folder / "words.txt").read_text(encoding="utf-8").split("\n")


def weight(rank: int) -> float:
    """Return how much a word tells: smooth inverse frequency (Arora, Liang, Ma 2017), from its rank by Zipf's law."""
    return _RARITY / (_RARITY + 1.0 / (12.0 * (rank + 10)))


def hashed(word: str) -> np.uint64:
    """Return 8 bytes that stand for a word."""
    return np.uint64(int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little"))


def normalised(rows: Floats) -> Floats:
    """Return vectors of length 1; those of length 0 stay."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)


def checked(folder: Path) -> dict[str, str]:
    """Return the manifest of a folder whose files are as it says. Raises ``Unusable``."""
    try:
        manifest: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, checksum in manifest.items():
            if name != "version" and file_checksum(folder / name) != checksum:
                raise Unusable(f"{name} of the word vectors is damaged")
    except (OSError, ValueError) as error:
        raise Unusable(f"the word vectors cannot be read: {error}") from error
    return manifest


def file_checksum(path: Path) -> str:
    """Return the BLAKE2b of a file as 32 hex digits."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
