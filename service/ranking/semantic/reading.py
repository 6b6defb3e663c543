"""From a spec to what it asks for: its words in their order, what it denies, its numbers and countries.

What single words stand for is told by ``understanding``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import asked
from service.ranking.semantic.negation import parted
from service.ranking.semantic.places import country
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.tokens import plain, stem
from service.ranking.semantic.understanding import Understanding
from service.ranking.semantic.wanted import Asked, Wanted
from service.ranking.words import FILLERS, STOP_WORDS

WORDS_LIMIT = 32
_DIGIT = re.compile(r"\d")
_DENIALS = 4


class Reader:
    """Reads one spec over one index; ``year`` is the current one."""

    def __init__(self, index: Index, synonyms: Synonyms, year: int) -> None:
        self._numbers = index.vocabulary.numbers
        self._synonyms = synonyms
        self._year = year
        self._word = Understanding(index).word

    def read(self, spec: str) -> Asked:
        """Return the words of a spec in their order, each once; stop words only if there is nothing else."""
        wanted, unwanted = parted(plain(spec))
        intervals = asked(spec, self._year)
        distinct = [word for word in dict.fromkeys(wanted) if not (intervals and _DIGIT.search(word))]
        telling = [word for word in distinct if word not in STOP_WORDS] or distinct
        alone = not intervals and all(stem(word) in FILLERS for word in telling)
        words: dict[str, Wanted] = {}
        for said, meant in self._synonyms.parts(telling[:WORDS_LIMIT]):
            for one in self._meaning(said, meant) if meant else self._word(said[0], filler=not alone):
                words.setdefault(one.meant, one)
        denied = [phrase for phrase in map(self._phrase, unwanted[:_DENIALS]) if phrase]
        return Asked(spec, tuple(words.values()), tuple(denied), intervals, _countries(wanted))

    def _phrase(self, phrase: tuple[str, ...]) -> tuple[Wanted, ...]:
        telling = [word for word in phrase if word not in STOP_WORDS and stem(word) not in FILLERS]
        return tuple(one for word in telling or phrase for one in self._word(word, filler=False) if one.known)

    def _meaning(self, said: tuple[str, ...], meant: tuple[str, ...]) -> list[Wanted]:
        """Return what is meant by some words, and the words themselves as far as the catalogue has them."""
        text = " ".join(said)
        found = [
            replace(one, said=text) for word in meant if word not in STOP_WORDS for one in self._word(word, filler=True)
        ]
        numbers = [self._numbers.get(stem(word)) for word in said]
        known = tuple((number, 1.0) for number in numbers if number is not None)
        return [*found, Wanted(text, text, -1, known, literal=True)] if len(known) == len(said) else found


def _countries(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for word in words if (code := country(word))))
