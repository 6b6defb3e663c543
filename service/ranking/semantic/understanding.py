"""What one word stands for: words of the catalogue, a vector, or another word that it was misspelled from.

Fillers ("people", "looking for") count little and stand only for themselves. A word that neither the catalogue nor
the language knows is taken for a typing error, then for two words written as one; else it is unknown. What a word was
found to stand for is kept with the index, for people ask for the same things.
"""

from __future__ import annotations

from service.ranking.semantic.index import Index
from service.ranking.semantic.places import is_place
from service.ranking.semantic.spelling import allowance
from service.ranking.semantic.tokens import stem
from service.ranking.semantic.vocabulary import EXPANSION_WORTH
from service.ranking.semantic.wanted import Understood, Wanted
from service.ranking.words import FILLERS

CORRECTIONS = 8
"""Words of a spec that are compared with all the catalogue has."""
_EDITED = (1.0, 0.9, 0.7)
_HALF_RANK = 25_000
_RARE = 20_000
_NEAR = 0.5


class Understanding:
    """Understands the words of one spec over one index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._left = CORRECTIONS
        self._refused = False

    def word(self, word: str, *, filler: bool) -> tuple[Wanted, ...]:
        """Return what a word stands for; ``filler`` lets it count little if it is one."""
        key = (word, filler)
        kept = self._index.understood.get(key)
        # With fewer corrections left than it took, the word must do without.
        if kept is not None and kept.corrections <= self._left:
            self._left -= kept.corrections
            return kept.words
        before, self._refused = self._left, False
        words = tuple(self._word(word, filler=filler))
        if not self._refused:
            self._index.understood.put(key, Understood(words, before - self._left), _size(word, words))
        return words

    def _word(self, word: str, *, filler: bool) -> list[Wanted]:
        filler = filler and stem(word) in FILLERS
        vocabulary, vectors = self._index.vocabulary, self._index.words
        number, rank = vocabulary.numbers.get(stem(word)), vectors.nearest_rank(word)
        if rank < 0 and number is not None:
            # Another form of a word of the catalogue, or one that nobody but this catalogue knows.
            rank = vectors.nearest_rank(vocabulary.surfaces[number])
        if filler:
            return [Wanted(word, word, rank, ((number, 1.0),) if number is not None else (), filler=True)]
        if number is not None or (rank >= 0 and not self._doubtful(rank)):
            return [self._known(word, word, rank, number, 1.0)]
        repaired = self._misspelled(word, 1) or ([] if rank >= 0 else self._halves(word) or self._misspelled(word, 2))
        return repaired or [self._known(word, word, rank, None, 1.0)]

    def _doubtful(self, rank: int) -> bool:
        """Return whether a word is so rare, and so far from all the catalogue has, that it may be an error (a name)."""
        related = self._index.vocabulary.related(rank)
        return rank > _RARE and (not related or related[0][1] < _NEAR)

    def _known(self, said: str, meant: str, rank: int, number: int | None, worth: float) -> Wanted:
        terms = {number: worth} if number is not None else {}
        if rank >= 0 and len(meant) > 2 and not is_place(meant):
            for other, cosine in self._index.vocabulary.related(rank):
                terms[other] = max(terms.get(other, 0.0), worth * EXPANSION_WORTH * cosine**1.5)
        return Wanted(said, meant, rank, tuple(terms.items()))

    def _misspelled(self, word: str, most: int) -> list[Wanted]:
        """Return what a word was misspelled from, within ``most`` edits."""
        if not word.isalpha():
            return []
        if not self._left:
            self._refused = True
            return []
        self._left -= 1
        near = self._near(word, most)
        if not near:
            return []
        vocabulary = self._index.vocabulary
        least = near[0][0]
        best = sorted(
            ((known, number) for edits, known, number in near if edits == least),
            key=lambda one: (-vocabulary.frequency_of[one[1]], one[1], one[0]),
        )
        meant, number = best[0]
        worth = _EDITED[least]
        first = self._known(word, meant, self._index.words.nearest_rank(meant), number, worth)
        others = dict.fromkeys(list(dict.fromkeys(other for _, other in best))[1:3], worth)
        return [Wanted(word, meant, first.rank, tuple({**dict(first.terms), **others}.items()))]

    def _near(self, word: str, most: int) -> list[tuple[int, str, int]]:
        """Return the words that may have been meant; of a plural, the singular alone may be known."""
        vocabulary = self._index.vocabulary
        forms = {word, word.removesuffix("s"), stem(word)} if most > 1 else {word, word.removesuffix("s")}
        return sorted(one for form in forms for one in vocabulary.misspelled(form, min(most, allowance(form))))

    def _halves(self, word: str) -> list[Wanted]:
        """Return the two words that were written as one, the most frequent pair."""
        if len(word) < 8:
            return []
        vectors = self._index.words
        splits = []
        for cut in range(4, len(word) - 2):
            left, right = vectors.rank(word[:cut]), vectors.nearest_rank(word[cut:])
            if 0 <= left < _HALF_RANK and 0 <= right < _HALF_RANK:
                splits.append((left + right, cut))
        if not splits:
            return []
        cut = min(splits)[1]
        return [one for part in (word[:cut], word[cut:]) for one in self._word(part, filler=True)]


def _size(word: str, words: tuple[Wanted, ...]) -> int:
    """Return about how many bytes it takes to keep what a word stands for."""
    return 4 * len(word) + sum(300 + 120 * len(one.terms) for one in words)
