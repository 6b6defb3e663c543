"""Puts rows of an old index and new ones together: columns, and lists of rows by stem. Pure, but for files to write.

Documents are numbered by row, so whatever is in the order of documents stays so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_BLOCK = 4_000_000
_DOC_BITS = 32

Array = npt.NDArray[Any]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Splice:
    """Where rows go: ``kept`` are old documents, ``kept_to`` and ``fresh_to`` the new numbers of old and new ones."""

    kept: Longs
    kept_to: Longs
    fresh_to: Longs

    @classmethod
    def of(cls, kept: Longs, old_rows: Longs, fresh_rows: Longs) -> Splice:
        """Return the splice of the kept ones among the rows of an old index with fresh rows."""
        held = old_rows[kept]
        return cls(
            kept,
            np.arange(len(kept)) + np.searchsorted(fresh_rows, held),
            np.arange(len(fresh_rows)) + np.searchsorted(held, fresh_rows),
        )

    @property
    def count(self) -> int:
        return len(self.kept) + len(self.fresh_to)

    def column(self, old: Array, fresh: Array) -> Array:
        """Return a column of the new index."""
        found = np.empty((self.count, *fresh.shape[1:]), np.result_type(old, fresh))
        return self.fill(found, old, fresh)

    def fill(self, found: Array, old: Array, fresh: Array) -> Array:
        """Write a column of the new index into ``found``."""
        for start, stop, to in self.runs():
            found[to : to + stop - start] = old[start:stop]
        found[self.fresh_to] = fresh
        return found

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield what stays together: the first old document, the one behind the last, and where the first goes."""
        if not len(self.kept):
            return
        broken = (np.diff(self.kept) != 1) | (np.diff(self.kept_to) != 1)
        begins = np.concatenate([[0], np.flatnonzero(broken) + 1])
        ends = np.append(begins[1:], len(self.kept))
        starts, stops, to = self.kept[begins], self.kept[ends - 1] + 1, self.kept_to[begins]
        yield from zip(starts.tolist(), stops.tolist(), to.tolist(), strict=True)

    def numbers(self, count: int) -> npt.NDArray[np.int32]:
        """Return the new number of each of ``count`` old documents, -1 for those that go."""
        found = np.full(count, -1, np.int32)
        found[self.kept] = self.kept_to
        return found


def held_by(numbers: npt.NDArray[np.int32], offsets: Longs, docs: Array) -> Longs:
    """Return how many of the documents of each list stay."""
    if not len(docs):
        return np.zeros(len(offsets) - 1, np.int64)
    staying: Longs = np.add.reduceat((numbers >= 0).view(np.uint8)[docs], offsets[:-1], dtype=np.int64)
    return staying


def merged(
    numbers: npt.NDArray[np.int32],
    terms: Longs,
    offsets: Longs,
    docs: Array,
    impacts: Array,
    fresh: Longs,
    strong: Array,
    block: int = _BLOCK,
) -> Iterator[tuple[Array, Array]]:
    """Yield documents and impacts of all lists of the new index, block by block.

    ``numbers`` are the new ones of old documents, ``terms`` those of old lists, in the same order. ``fresh`` holds
    ``keys`` of new postings in their order, ``strong`` their impacts.
    """
    taken = 0
    for start in range(0, max(len(docs), 1), block):
        stop = min(start + block, len(docs))
        first, last = np.searchsorted(offsets, [start, stop], "right") - 1
        edges = np.clip(offsets[first : min(last + 2, len(offsets))], start, stop)
        places = numbers[docs[start:stop]]
        kept = places >= 0
        held = keys(np.repeat(terms[first : first + len(edges) - 1], np.diff(edges))[kept], places[kept])
        until = len(fresh) if stop == len(docs) else int(np.searchsorted(fresh, held[-1])) if len(held) else taken
        at = np.searchsorted(held, fresh[taken:until])
        together = np.insert(held, at, fresh[taken:until])
        yield together & (1 << _DOC_BITS) - 1, np.insert(impacts[start:stop][kept], at, strong[taken:until])
        taken = until


def keys(terms: Longs, docs: Array) -> Longs:
    """Return numbers that order postings by stem, then by document."""
    return np.asarray(terms.astype(np.int64) << _DOC_BITS | docs)
