"""The best of the documents that words, paths, numbers and names bring: their strengths summed, and the highest taken.

Two ways to the same result. Paths bring many documents and little strength: as a rule none of those that hold no word
can be among the best, and then only documents that may be are asked for their path. Else all are summed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.index import Index
from service.ranking.semantic.vectors import Floats
from service.ranking.semantic.workspace import best, floor

_ROUNDING = 1e-3
"""More than sums of a few dozen can be off."""

Docs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Met(NamedTuple):
    """Documents met, with what speaks for each: a factor of its strength, or a factor alone."""

    docs: npt.NDArray[np.integer]
    strengths: npt.NDArray[np.integer] | Floats | None
    factor: float


class Sums(NamedTuple):
    """``held`` says how strongly words are held (a line a word) at the places of documents, ``totals`` their sums.

    ``places`` are those of ``docs``; each document has one. Those that hold no word have no column in ``held``.
    """

    docs: Docs
    places: Docs
    held: Floats
    totals: Floats


def by_all(
    index: Index, words: Sequence[Sequence[Met]], lifts: Sequence[Met], passing: Bools | None, count: int
) -> tuple[Docs, Floats]:
    """Return the ``count`` best of all that was met in their order, and how strongly they hold each word.

    ``lifts`` count whatever the words do; those with strengths stand before those without.
    """
    if not lifts and not any(words):
        return np.zeros(0, np.int64), np.zeros((len(words), 0), np.float32)
    docs, places, held, totals = _summed(index, words, lifts)
    if lifts:
        np.add.at(totals, places[held.shape[1] :], strengths_of(lifts))
    if passing is not None:
        totals *= passing.take(docs)
    chosen = best(totals, docs, count)
    return docs.take(chosen), _columns(held, chosen)


def by_words(
    index: Index,
    words: Sequence[Sequence[Met]],
    paths: Mapping[int, float],
    names: Sequence[Met],
    passing: Bools | None,
    count: int,
) -> tuple[Docs, Floats] | None:
    """Return the same where all of the best hold a word or are called by ``names``; None where others may be among
    them. ``paths`` lift their documents."""
    if not any(words):
        return None
    docs, places, held, totals = _summed(index, words, names)
    if passing is not None:
        totals *= passing.take(docs)
    least, most = floor(totals, count), max(paths.values(), default=0.0)
    if least <= most + _ROUNDING:
        return None
    likely = totals >= least - most - _ROUNDING
    named = places[held.shape[1] :]
    likely[named] = True
    where = np.flatnonzero(likely)
    some = docs.take(where)
    lifts = np.zeros(len(index.path_vectors), np.float32)
    lifts[list(paths)] = list(paths.values())
    sums = totals.take(where) + lifts.take(index.paths.take(some))
    if names:
        sums[np.searchsorted(where, named)] += strengths_of(names)
    if passing is not None:
        sums *= passing.take(some)
    chosen = best(sums, some, count)
    return some.take(chosen), _columns(held, where.take(chosen))


def _summed(index: Index, words: Sequence[Sequence[Met]], others: Sequence[Met]) -> Sums:
    """Return the sums of what the words bring; ``others`` have places, and add nothing yet."""
    met = [one for some in words for one in some]
    sizes = [sum(len(one.docs) for one in some) for some in words]
    width = sum(sizes)
    docs = docs_of([*met, *others])
    places = index.workspace.places(docs, width)
    held = index.workspace.table(len(sizes), width)
    strengths = strengths_of(met)
    start = 0
    for line, size in zip(held, sizes, strict=True):
        if size:
            np.maximum.at(line, places[start : start + size], strengths[start : start + size])
        start += size
    totals = np.zeros(len(docs), np.float32)
    np.add.reduce(held, axis=0, out=totals[:width])
    return Sums(docs, places, held, totals)


def _columns(held: Floats, places: Docs) -> Floats:
    """Return columns of a table; those behind its last one are empty."""
    width = held.shape[1]
    if not len(places) or not width:
        return np.zeros((len(held), len(places)), np.float32)
    found = held.take(places, axis=1, mode="clip")
    if int(places.max()) >= width:
        found *= places < width
    return found


def docs_of(met: Sequence[Met]) -> Docs:
    """Return the documents met, one after the other."""
    return np.concatenate([one.docs for one in met], dtype=np.int64)


def strengths_of(met: Sequence[Met]) -> Floats:
    """Return what speaks for each document met; those with strengths stand before those without."""
    sizes = np.array([len(one.docs) for one in met], np.int64)
    strengths = np.repeat(np.array([one.factor for one in met], np.float32), sizes)
    held = [one.strengths for one in met if one.strengths is not None]
    if held:
        impacts = np.concatenate(held)
        strengths[: len(impacts)] *= impacts
    return strengths
