"""An index as a search reads it: mapped arrays, of which only what is touched takes memory.

Opened once for a version of the catalogue and shared by all threads; nothing in it changes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.bounded import BoundedStore
from service.ranking.semantic import layout
from service.ranking.semantic.facets import Facets
from service.ranking.semantic.meanings import SCALE
from service.ranking.semantic.vectors import WordVectors
from service.ranking.semantic.vocabulary import Vocabulary
from service.ranking.semantic.wanted import Understood
from service.ranking.semantic.workspace import Workspace
from service.turns import Turns

EXACT = 10_000
"""Documents up to which all are looked at in each search."""
WORDS_KEPT = 2_048
"""Words asked for of which is kept what they stand for."""
_WORDS_SIZE = 5_000_000


class Index:
    """Documents are numbered from 0 in the order of the catalogue's rows; ``rows`` gives the catalogue's numbers.

    Up to ``exact`` documents all are looked at in each search. Searches take ``turns``.
    """

    def __init__(self, folder: Path, vectors: WordVectors, exact: int = EXACT, turns: Turns | None = None) -> None:
        facts = layout.facts(folder)
        if facts["vectors"] != vectors.version:
            raise layout.Damaged(f"{folder.name} was made with other word vectors")
        self.folder = folder
        self.count: int = facts["rows"]
        self.words = vectors
        self.rows = layout.load(folder, "rows")
        self.standing = layout.load(folder, "standing")
        self.names = layout.load(folder, "names")
        self._name_order = layout.load(folder, "name_order")
        self._names_ordered = layout.load(folder, "names_ordered")
        self.paths = layout.load(folder, "paths")
        self.depths = layout.load(folder, "depths")
        self.vectors = layout.load(folder, "vectors")
        # Of a small index every vector is looked at each time.
        self.floats = self.vectors.astype(np.float32) / np.float32(SCALE) if self.count <= exact else None
        self.path_vectors = layout.load(folder, "path_vectors").astype(np.float32)
        self.offsets = layout.load(folder, "offsets")
        self.offsets_of = self.offsets.data
        self.docs = layout.load(folder, "docs")
        self.impacts = layout.load(folder, "impacts")
        self._path_offsets = layout.load(folder, "path_offsets")
        self._pathless: npt.NDArray[np.bool_] = np.logical_not(self.path_vectors.any(axis=1))
        self._path_docs = layout.load(folder, "path_docs")
        self._common = layout.load(folder, "common")
        self._common_places = {int(number): place for place, number in enumerate(layout.load(folder, "common_terms"))}
        self.facets = Facets(folder)
        self.vocabulary = Vocabulary(folder, self.count, np.diff(self.offsets), vectors)
        self.intervals = Intervals(folder, self.count)
        self.understood: BoundedStore[tuple[str, bool], Understood] = BoundedStore(WORDS_KEPT, _WORDS_SIZE)
        self.workspace = Workspace(self.count)
        self.turns = turns or Turns()

    @property
    def looks_at_all(self) -> bool:
        """Whether each search looks at all documents."""
        return self.floats is not None

    def called(self, name: np.uint64) -> npt.NDArray[np.int64]:
        """Return the documents with this name, by what stands for it."""
        start, stop = (np.searchsorted(self._names_ordered, name, side) for side in ("left", "right"))
        found: npt.NDArray[np.int64] = self._name_order[start:stop]
        return found

    def impacts_of(self, number: int, docs: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
        """Return the impact of a stem on each of some documents; 0 where it is not held."""
        place = self._common_places.get(number)
        if place is not None:
            row: npt.NDArray[np.uint8] = self._common[place]
            return row.take(docs)
        start, stop = self.offsets_of[number], self.offsets_of[number + 1]
        held = self.docs[start:stop]
        places = np.minimum(np.searchsorted(held, docs), len(held) - 1)
        impacts: npt.NDArray[np.uint8] = self.impacts[start:stop]
        return np.asarray(impacts.take(places) * (held.take(places) == docs), np.uint8)

    def concepts(self, docs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return what stands for the concept of each document, from 0 to 2^49: its path, or its name without one."""
        paths = self.paths.take(docs).astype(np.int64)
        pathless: npt.NDArray[np.bool_] = self._pathless.take(paths)
        if not pathless.any():
            return paths
        named = (self.names[docs] & np.uint64((1 << 48) - 1)).astype(np.int64) | (1 << 48)
        return np.where(pathless, named, paths)

    def in_path(self, path: int) -> npt.NDArray[np.int32]:
        """Return the documents of a path."""
        found: npt.NDArray[np.int32] = self._path_docs[self._path_offsets[path] : self._path_offsets[path + 1]]
        return found


class Intervals:
    """Which documents are about an age, an income and the like: sparse columns, by document."""

    def __init__(self, folder: Path, count: int) -> None:
        del count
        self.docs = layout.load(folder, "interval_docs")
        self.kinds = layout.load(folder, "interval_kinds")
        self.lows = layout.load(folder, "interval_lows")
        self.highs = layout.load(folder, "interval_highs")
