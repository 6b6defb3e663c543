"""What a spec asks for, word by word: which words of the catalogue stand for each, and how much each tells.

Fillers ("people", "looking for") count little and stand only for themselves. A word that neither the catalogue nor
the language knows is taken for a typing error, then for two words written as one; else it is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval, asked
from service.ranking.semantic.negation import parted
from service.ranking.semantic.places import country, is_place
from service.ranking.semantic.spelling import allowance
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.tokens import plain, stem
from service.ranking.semantic.vectors import weight
from service.ranking.semantic.vocabulary import EXPANSION_WORTH
from service.ranking.words import FILLERS, STOP_WORDS

WORDS_LIMIT = 32
FILLER_WORTH = 0.3
ITSELF = 0.9
"""The least worth of the word itself, or of what it was misspelled from."""
_EDITED = (1.0, 0.9, 0.7)
_CORRECTIONS = 8
_HALF_RANK = 25_000
_RARE = 20_000
_NEAR = 0.5
_DIGIT = re.compile(r"\d")
_DENIALS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word asked for. ``terms`` are (number of the stem, worth 0-1); ``rank`` finds its vector (-1: none).

    ``said`` is as it was typed, ``meant`` as it is understood.
    """

    said: str
    meant: str
    rank: int
    terms: tuple[tuple[int, float], ...]
    filler: bool = False
    literal: bool = False

    @property
    def worth(self) -> float:
        return FILLER_WORTH if self.filler else 1.0

    @property
    def known(self) -> bool:
        return bool(self.terms) or self.rank >= 0

    @property
    def telling(self) -> float:
        """How much the word tells, 0-1: rare ones and unknown ones most."""
        return self.worth * (weight(self.rank) if self.rank >= 0 else 1.0)

    @property
    def share(self) -> float:
        """How much the word counts in the vector of the query."""
        return weight(self.rank) * self.worth if self.rank >= 0 else 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a spec asks for: words, phrases that must not be there, numbers, countries, numbers not wanted.

    ``absence`` says that nothing is asked for but that something is not there.
    """

    spec: str
    words: tuple[Wanted, ...]
    denied: tuple[tuple[Wanted, ...], ...]
    intervals: tuple[Interval, ...]
    countries: tuple[str, ...]
    denied_intervals: tuple[Interval, ...] = ()
    absence: bool = False


@dataclass(slots=True)
class Reader:
    """Reads specs over one index."""

    index: Index
    synonyms: Synonyms
    year: int
    corrected: int = 0

    def read(self, spec: str) -> Asked:
        """Return the words of a spec in their order, each once; stop words only if there is nothing else."""
        said = parted(plain(spec))
        wanted = said.wanted
        intervals = asked(said.text, self.year)
        denied_intervals = asked(said.unwanted_text, self.year, spec) if said.unwanted_text else ()
        distinct = [word for word in dict.fromkeys(wanted) if not (intervals and _DIGIT.search(word))]
        telling = [word for word in distinct if word not in STOP_WORDS] or distinct
        alone = not intervals and _idle(telling)
        words: dict[str, Wanted] = {}
        for typed, meant in self.synonyms.parts(telling[:WORDS_LIMIT]):
            for one in self._meaning(typed, meant) if meant else self._word(typed[0], filler=not alone):
                words.setdefault(one.meant, one)
        own = frozenset(
            number for one in words.values() if not one.filler for number, worth in one.terms if worth >= ITSELF
        )
        least = ITSELF if denied_intervals else 0.0
        phrases = (self._phrase(phrase, own, least) for phrase in said.unwanted[:_DENIALS])
        denied = [phrase for phrase in phrases if phrase]
        # "Adults without kids" asks for an absence: what speaks of it is found by the very words that are denied.
        absence = bool(denied) and not (intervals or denied_intervals) and _idle(telling)
        if absence:
            words = {one.meant: one for phrase in denied for one in phrase}
        return Asked(
            spec, tuple(words.values()), tuple(denied), intervals, _countries(wanted), denied_intervals, absence
        )

    def _phrase(self, phrase: tuple[str, ...], own: frozenset[int], least: float) -> tuple[Wanted, ...]:
        """Return what a phrase rules out: never the very words that are wanted, though they be its relatives.

        ``least`` is what a relative must be worth: beside "not millennials" other generations may stay. A phrase of
        figures is not read as words then.
        """
        if least and any(_DIGIT.search(word) for word in phrase):
            return ()
        telling = [word for word in phrase if word not in STOP_WORDS and stem(word) not in FILLERS]
        found = [one for word in telling or phrase for one in self._word(word, filler=False) if one.known]
        return tuple(
            replace(one, terms=tuple((term, worth) for term, worth in one.terms if term not in own and worth >= least))
            for one in found
        )

    def _meaning(self, said: tuple[str, ...], meant: tuple[str, ...]) -> list[Wanted]:
        """Return what is meant by some words, and the words themselves as far as the catalogue has them."""
        text = " ".join(said)
        found = [
            replace(one, said=text) for word in meant if word not in STOP_WORDS for one in self._word(word, filler=True)
        ]
        numbers = [self.index.vocabulary.numbers.get(stem(word)) for word in said]
        known = tuple((number, 1.0) for number in numbers if number is not None)
        return [*found, Wanted(text, text, -1, known, literal=True)] if len(known) == len(said) else found

    def _word(self, word: str, *, filler: bool) -> list[Wanted]:
        """Return what a word stands for; ``filler`` lets it count little if it is one."""
        filler = filler and stem(word) in FILLERS
        vocabulary, vectors = self.index.vocabulary, self.index.words
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
        related = self.index.vocabulary.related(rank)
        return rank > _RARE and (not related or related[0][1] < _NEAR)

    def _known(self, said: str, meant: str, rank: int, number: int | None, worth: float) -> Wanted:
        terms = {number: worth} if number is not None else {}
        if rank >= 0 and len(meant) > 2 and not is_place(meant):
            for other, cosine in self.index.vocabulary.related(rank):
                terms[other] = max(terms.get(other, 0.0), worth * EXPANSION_WORTH * cosine**1.5)
        return Wanted(said, meant, rank, tuple(terms.items()))

    def _misspelled(self, word: str, most: int) -> list[Wanted]:
        """Return what a word was misspelled from, within ``most`` edits."""
        if self.corrected >= _CORRECTIONS or not word.isalpha():
            return []
        self.corrected += 1
        near = self._near(word, most)
        if not near:
            return []
        vocabulary = self.index.vocabulary
        least = near[0][0]
        best = sorted(
            ((known, number) for edits, known, number in near if edits == least),
            key=lambda one: (-vocabulary.frequency_of[one[1]], one[1], one[0]),
        )
        meant, number = best[0]
        worth = _EDITED[least]
        first = self._known(word, meant, self.index.words.nearest_rank(meant), number, worth)
        others = dict.fromkeys(list(dict.fromkeys(other for _, other in best))[1:3], worth)
        return [Wanted(word, meant, first.rank, tuple({**dict(first.terms), **others}.items()))]

    def _near(self, word: str, most: int) -> list[tuple[int, str, int]]:
        """Return the words that may have been meant; of a plural, the singular alone may be known."""
        vocabulary = self.index.vocabulary
        forms = {word, word.removesuffix("s"), stem(word)} if most > 1 else {word, word.removesuffix("s")}
        return sorted(one for form in forms for one in vocabulary.misspelled(form, min(most, allowance(form))))

    def _halves(self, word: str) -> list[Wanted]:
        """Return the two words that were written as one, the most frequent pair."""
        if len(word) < 8:
            return []
        vectors = self.index.words
        splits = []
        for cut in range(4, len(word) - 2):
            left, right = vectors.rank(word[:cut]), vectors.nearest_rank(word[cut:])
            if 0 <= left < _HALF_RANK and 0 <= right < _HALF_RANK:
                splits.append((left + right, cut))
        if not splits:
            return []
        cut = min(splits)[1]
        return [one for part in (word[:cut], word[cut:]) for one in self._word(part, filler=True)]


def _idle(words: Iterable[str]) -> bool:
    """Return whether words say at most that somebody is meant."""
    return all(stem(word) in FILLERS for word in words)


def _countries(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for word in words if (code := country(word))))
