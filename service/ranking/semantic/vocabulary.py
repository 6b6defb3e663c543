"""The words of one catalogue: their stems, how often each occurs, how it is written, and which are like a word.

Written at the end of a build, read when an index is opened. Related words are found by their vectors: "oenophile" is
near "wine". What is found for a word is kept, for people ask for the same things.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import layout
from service.ranking.semantic.lexicon import Lexicon
from service.ranking.semantic.spelling import Spelling
from service.ranking.semantic.tokens import stem
from service.ranking.semantic.vectors import WordVectors, normalised
from service.ranking.words import FILLERS, STOP_WORDS

NEAREST = 20
LEAST_COSINE = 0.3
EXPANSION_WORTH = 0.9
LIKE_LIMIT = 5
_EXPANDABLE = 60_000
_LOOKED_UP = 3


def write(folder: Path, lexicon: Lexicon, counts: npt.NDArray[np.int64]) -> list[str]:
    """Write the words of a build, and return its stems in their order; ``counts`` says how often each of the lexicon's
    words is met."""
    terms, surfaces, ranks = lexicon.surfaces(counts)
    texts = {"terms.txt": terms, "surfaces.txt": surfaces, "forms.txt": list(lexicon)}
    arrays: dict[str, npt.NDArray[Any]] = {"term_ranks": ranks, "form_counts": counts}
    layout.save(folder, arrays, {name: "\n".join(lines) for name, lines in texts.items()})
    return terms


class Vocabulary:
    """``terms`` are stems by number, ``frequency_of`` says in how many rows each is, ``rarity_of`` its idf."""

    def __init__(self, folder: Path, rows: int, frequency: npt.NDArray[np.int64], vectors: WordVectors) -> None:
        rarity = np.log1p((rows - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        # A look into a view gives a plain number, three times as fast as one into an array.
        self.frequency_of, self.rarity_of = np.ascontiguousarray(frequency).data, rarity.data
        self.terms = lines(folder / "terms.txt")
        self.surfaces = lines(folder / "surfaces.txt")
        self.numbers = {term: number for number, term in enumerate(self.terms)}
        self.spelling = Spelling(lines(folder / "forms.txt"))
        self._vectors = vectors
        ranks = layout.load(folder, "term_ranks")
        self._expandable = np.array(
            [
                number
                for number, (term, surface) in enumerate(zip(self.terms, self.surfaces, strict=True))
                if ranks[number] >= 0 and len(surface) > 2 and term not in FILLERS and surface not in STOP_WORDS
            ],
            np.int64,
        )
        if len(self._expandable) > _EXPANDABLE:
            frequent = np.argsort(-frequency[self._expandable], kind="stable")[:_EXPANDABLE]
            self._expandable = self._expandable[np.sort(frequent)]
        self._meanings = normalised(vectors.rows(ranks[self._expandable]))
        self.related = lru_cache(maxsize=4096)(self._related)

    def misspelled(self, word: str, most: int) -> list[tuple[int, str, int]]:
        """Return (edits, word, number of its stem) of the words that may have been meant, nearest first.

        Words are compared as they are written: "gardners" is one letter from "gardeners", and two from their stem.
        """
        near = ((edits, known, self.numbers.get(stem(known))) for edits, known in self.spelling.near(word, most))
        return [(edits, known, number) for edits, known, number in near if number is not None]

    def _related(self, rank: int) -> tuple[tuple[int, float], ...]:
        """Return the numbers of the stems nearest to a word in meaning, with the cosine, nearest first."""
        if not len(self._expandable):
            return ()
        cosines = self._meanings @ normalised(self._vectors.row(rank))
        best = np.flatnonzero(cosines >= LEAST_COSINE)
        if len(best) > NEAREST:
            best = best[np.argpartition(-cosines[best], NEAREST)[:NEAREST]]
        best = best[np.lexsort((best, -cosines[best]))]
        return tuple((int(self._expandable[place]), float(cosines[place])) for place in best)

    def frequent(self, count: int) -> list[str]:
        """Return words that many rows hold, and that tell something."""
        often = np.asarray(self.frequency_of)[self._expandable]
        return [self.surfaces[self._expandable[place]] for place in np.argsort(-often, kind="stable")[:count]]

    def like(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return at most five words of the catalogue near to these: a letter away, in meaning, else in spelling."""
        found: dict[str, None] = {}
        for word in words[:_LOOKED_UP]:
            rank = self._vectors.nearest_rank(word)
            near = [known for _, known, _ in self.misspelled(word, 1 if rank >= 0 else min(3, len(word) - 2))]
            if rank >= 0:
                near += [self.surfaces[number] for number, _ in self.related(rank)[:LIKE_LIMIT]]
            found |= dict.fromkeys(near[:LIKE_LIMIT])
        return tuple(word for word in found if not word.isdigit())[:LIKE_LIMIT]


def lines(path: Path) -> list[str]:
    """Return what a file holds, line by line."""
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    return text.split("\n") if text else []
