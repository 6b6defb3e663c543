"""Cuts the texts of some rows into numbered words: which word stands in which row and field.

Paths, providers and often descriptions repeat: what was cut once is remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.facets import Codes
from service.ranking.semantic.lexicon import Lexicon
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.vectors import hashed
from service.ranking.words import STOP_WORDS

NAME, PATH, DESCRIPTION, PROVIDER = range(4)
GROUP_MARK = " : "
_WORDS_A_FIELD = 200
_REMEMBERED = 50_000

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Field:
    """The words of one field of all rows of a chunk, one after the other; ``starts`` has one more than the rows."""

    words: Ints
    starts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The fields by number; ``names`` stands for the whole name, ``paths`` are numbers of paths."""

    fields: tuple[Field, ...]
    names: npt.NDArray[np.uint64]
    paths: Ints


class Texts:
    """Cuts; ``path_words`` holds the words of each path by its number."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._known: dict[str, tuple[int, ...]] = {}
        self.path_numbers = Codes()
        self.path_words: list[tuple[int, ...]] = []

    def cut(self, rows: Sequence[tuple[Any, ...]]) -> Chunk:
        """Cut rows of (row, name, path, description, data_provider, …)."""
        names = [leaf(row[1]) for row in rows]
        paths = np.array([self._path(row[2]) for row in rows], np.int32)
        cut = (
            [self._words(name) for name in names],
            [self.path_words[number] for number in paths],
            [
                () if row[3] in (row[2], row[1], name) else self._words(row[3])
                for row, name in zip(rows, names, strict=True)
            ],
            [self._words(row[4]) for row in rows],
        )
        hashes = [hashed(" ".join(map(self._lexicon.stem_of, words))) for words in cut[NAME]]
        return Chunk(tuple(map(joined, cut)), np.array(hashes, np.uint64), paths)

    def _path(self, path: str) -> int:
        number = self.path_numbers[path]
        if number == len(self.path_words):
            self.path_words.append(self._words(path))
        return number

    def _words(self, text: str) -> tuple[int, ...]:
        known = self._known.get(text)
        if known is None:
            found = [word for word in tokens(text)[:_WORDS_A_FIELD] if word not in STOP_WORDS]
            known = tuple(map(self._lexicon.__getitem__, found))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = known
        return known


def leaf(name: str) -> str:
    """Return the last part of ``Group : Leaf``: the groups are in the path anyway."""
    return name.rpartition(GROUP_MARK)[2] or name


def named(text: str) -> np.uint64:
    """Return what stands for a name or a query, whatever its case, marks, endings and stop words."""
    return hashed(" ".join(stem(word) for word in tokens(text)[:_WORDS_A_FIELD] if word not in STOP_WORDS))


def joined(cut: Sequence[tuple[int, ...]]) -> Field:
    """Return the words of several texts as one field."""
    starts = np.zeros(len(cut) + 1, np.int64)
    np.cumsum([len(words) for words in cut], out=starts[1:])
    return Field(np.fromiter((word for words in cut for word in words), np.int32, int(starts[-1])), starts)
