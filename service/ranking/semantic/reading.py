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
from service.ranking.semantic.wanted import ITSELF, Asked, Wanted
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
        said = parted(plain(spec))
        intervals = asked(said.text, self._year)
        denied_intervals = asked(said.unwanted_text, self._year, spec) if said.unwanted_text else ()
        distinct = [word for word in dict.fromkeys(said.wanted) if not (intervals and _DIGIT.search(word))]
        telling = [word for word in distinct if word not in STOP_WORDS] or distinct
        words = self._words(telling, filler=bool(intervals) or not _idle(telling))
        denied = self._denied(said.unwanted, words, ITSELF if denied_intervals else 0.0)
        # "Adults without kids" asks for an absence: what speaks of it is found by the very words that are denied.
        absence = bool(denied) and not (intervals or denied_intervals) and _idle(telling)
        if absence:
            words = tuple({one.meant: one for phrase in denied for one in phrase}.values())
        return Asked(spec, words, denied, intervals, _countries(said.wanted), denied_intervals, absence)

    def _words(self, telling: list[str], *, filler: bool) -> tuple[Wanted, ...]:
        words: dict[str, Wanted] = {}
        for said, meant in self._synonyms.parts(telling[:WORDS_LIMIT]):
            for one in self._meaning(said, meant) if meant else self._word(said[0], filler=filler):
                words.setdefault(one.meant, one)
        return tuple(words.values())

    def _denied(
        self, unwanted: list[tuple[str, ...]], wanted: Iterable[Wanted], least: float
    ) -> tuple[tuple[Wanted, ...], ...]:
        """Return what phrases rule out: never the very words that are wanted, though they be relatives of theirs."""
        own = frozenset(number for one in wanted if not one.filler for number, worth in one.terms if worth >= ITSELF)
        phrases = (self._phrase(phrase, own, least) for phrase in unwanted[:_DENIALS])
        return tuple(phrase for phrase in phrases if phrase)

    def _phrase(self, phrase: tuple[str, ...], own: frozenset[int], least: float) -> tuple[Wanted, ...]:
        """Return the words of a phrase. ``least`` is what a relative of them must be worth: beside "not millennials"
        other generations may stay. A phrase of figures is not read as words then."""
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
        numbers = [self._numbers.get(stem(word)) for word in said]
        known = tuple((number, 1.0) for number in numbers if number is not None)
        return [*found, Wanted(text, text, -1, known, literal=True)] if len(known) == len(said) else found


def _idle(words: Iterable[str]) -> bool:
    """Return whether words say at most that somebody is meant."""
    return all(stem(word) in FILLERS for word in words)


def _countries(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for word in words if (code := country(word))))
