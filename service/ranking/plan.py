"""What to look for: turns the words of a spec into groups of full-text expressions, with their worth.

Between the words and the index. A group is one thing asked for; its variants are ways of writing it (the word itself,
its relatives, what it was misspelled from, its parts) of which a row takes the best, never the sum. Nothing a user
wrote reaches the index but as a quoted string of letters and digits.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from itertools import pairwise

from service.ranking.porter import stem
from service.ranking.typos import allowance
from service.ranking.vocabulary import Vocabulary, spelled
from service.ranking.words import Word, words

GROUPS_LIMIT = 24
"""Of a longer spec the rarest words count."""
_CORRECTED_LIMIT = 8  # words that are looked up in the spelling, a millisecond or so each
_COUNT_LIMIT = 20_000
_BEGUN_LIMIT = 6
_FILLER_WORTH = 0.3
_RARE_SHARE = 25  # a word is rare that is in less than one of so many rows

_EXACT, _JOINED, _RELATED, _DERIVED, _BEGUN = 1.0, 0.9, 0.7, 0.5, 0.5
_EDITED = (0.95, 0.9, 0.7)


@dataclass(frozen=True, slots=True)
class Variant:
    """A full-text expression; ``quality`` 0-1 says how well it stands for its group.

    ``frequency`` counts its rows; ``scale`` is what FTS5 multiplies its score with; ``stems`` must all be found.
    """

    match: str
    quality: float
    frequency: int
    scale: float
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One thing asked for: ``text`` as the user wrote it, folded; ``worth`` is how much it tells."""

    text: str
    worth: float
    variants: tuple[Variant, ...]
    filler: bool = False

    @property
    def frequency(self) -> int:
        return sum(variant.frequency for variant in self.variants)

    @property
    def match(self) -> str:
        return " OR ".join(f"({variant.match})" for variant in self.variants)


@dataclass(frozen=True, slots=True)
class Plan:
    """The groups in the order of the spec; ``unknown`` are words that nothing in the catalogue resembles."""

    groups: tuple[Group, ...]
    unknown: tuple[str, ...] = ()


def quoted(*tokens: str) -> str:
    """Return a full-text expression for these tokens side by side."""
    return '"' + " ".join(tokens).replace('"', '""') + '"'


class Planner:
    """Makes plans over one vocabulary; ``connection`` counts phrases."""

    def __init__(self, vocabulary: Vocabulary, connection: sqlite3.Connection) -> None:
        self._vocabulary = vocabulary
        self._connection = connection
        self._corrected = 0

    def plan(self, spec: str) -> Plan:
        """Return the plan of a spec; one without words has no groups."""
        wanted = [part for word in words(spec) for part in self._parts(word)]
        groups = [self._group(word) for word in wanted[: 4 * GROUPS_LIMIT]]
        groups = self._compounds(wanted, groups)
        if len(groups) > GROUPS_LIMIT:
            told = sorted(groups, key=lambda group: (not group.variants, -group.worth))[:GROUPS_LIMIT]
            groups = [group for group in groups if group in told]
        unknown = (token for group in groups if not group.variants for token in group.text.split())
        return Plan(tuple(groups), tuple(dict.fromkeys(unknown)))

    def _parts(self, word: Word) -> list[Word]:
        """Return the word, or its tokens one by one where the catalogue never has them together."""
        if len(word.tokens) == 1 or self._phrase(word.tokens) or self._known("".join(word.tokens)):
            return [word]
        return [Word((token,)) for token in word.tokens]

    def _group(self, word: Word) -> Group:
        variants = self._phrase_variants(word) if len(word.tokens) > 1 else self._word_variants(word)
        tells = self._vocabulary.informativeness(variants[0].frequency if variants else 0)
        return Group(word.text, tells * (_FILLER_WORTH if word.filler else 1.0), tuple(variants), word.filler)

    def _phrase_variants(self, word: Word) -> list[Variant]:
        joined = self._known("".join(word.tokens), _JOINED)
        return [*self._phrase(word.tokens), *joined]

    def _word_variants(self, word: Word) -> list[Variant]:
        token = word.tokens[0]
        known = self._known(token)
        if word.filler:
            return known
        found = known + self._akin(stem(token), bool(known)) + self._if_rare(token, known)
        return found or self._begun(token) or self._halves(token) or self._repaired(token)

    def _akin(self, term: str, known: bool) -> list[Variant]:
        others = self._vocabulary.relatives(term)
        return [found for other in others for found in self._term(other, _DERIVED if known else _RELATED)]

    def _if_rare(self, token: str, known: list[Variant]) -> list[Variant]:
        if not known or known[0].frequency * _RARE_SHARE > self._vocabulary.rows:
            return []
        return self._begun(token, _DERIVED)

    def _begun(self, token: str, quality: float = _BEGUN) -> list[Variant]:
        starts = {start for start in (token, stem(token)) if len(start) >= 4}
        terms = {term for start in starts for term in self._vocabulary.commonest(start, _BEGUN_LIMIT)}
        return [found for term in sorted(terms) for found in self._term(term, quality)]

    def _repaired(self, token: str) -> list[Variant]:
        """Return what a word was misspelled from."""
        if self._corrected >= _CORRECTED_LIMIT:
            return []
        self._corrected += 1
        near = self._neighbours(token)
        return [found for edits, term in near for found in self._term(term, _EDITED[edits])]

    def _neighbours(self, token: str) -> list[tuple[int, str]]:
        spelling = self._vocabulary.spelling
        # The index holds stems, and a misspelled ending may have been cut or not.
        pairs = {pair for form in (token, stem(token)) for pair in spelling.near(form, allowance(form))}
        nearest = min(pairs, default=(0, ""))[0]
        return sorted(
            (pair for pair in pairs if pair[0] == nearest),
            key=lambda pair: (-self._vocabulary.frequency[pair[1]], pair[1]),
        )[:3]

    def _halves(self, token: str) -> list[Variant]:
        splits = ((token[:cut], token[cut:]) for cut in range(1, len(token) - 2))
        return next((found for split in splits if (found := self._phrase(split, _JOINED))), [])

    def _compounds(self, wanted: list[Word], groups: list[Group]) -> list[Group]:
        """Add "smarthome" to the groups of "smart" and "home", where the catalogue has it."""
        for place, (left, right) in enumerate(pairwise(wanted[: len(groups)])):
            joined = self._known(left.tokens[-1] + right.tokens[0], _JOINED)
            for at in (place, place + 1) if joined else ():
                groups[at] = replace(groups[at], variants=(*groups[at].variants, *joined))
        return groups

    def _known(self, token: str, quality: float = _EXACT) -> list[Variant]:
        term = stem(token)
        frequency = self._vocabulary.frequency.get(term, 0)
        if not frequency:
            return []
        return [Variant(quoted(token), quality, frequency, self._vocabulary.index_weight(frequency), (term,))]

    def _term(self, term: str, quality: float) -> list[Variant]:
        word = spelled(term)
        return self._known(word, quality) if word else []

    def _phrase(self, tokens: tuple[str, ...], quality: float = _EXACT) -> list[Variant]:
        terms = tuple(map(stem, tokens))
        if not all(term in self._vocabulary.frequency for term in terms):
            return []
        query = "SELECT count(*) FROM (SELECT 1 FROM signals_fts WHERE signals_fts MATCH ? LIMIT ?)"
        (frequency,) = self._connection.execute(query, (quoted(*tokens), _COUNT_LIMIT)).fetchone()
        if not frequency:
            return []
        return [Variant(quoted(*tokens), quality, frequency, self._vocabulary.index_weight(frequency), terms)]
