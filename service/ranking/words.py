"""Text to words: cuts and folds text as FTS5's tokenizer ``unicode61 remove_diacritics 2`` does.

First step of every ranking, and of every match reason. Words that carry no meaning here are told apart in two degrees:
stop words ("the", "who") and fillers ("audience", "interested"), which say that somebody is meant, not what.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from service.ranking.porter import stem

_TOKEN = re.compile(r"[^\W_]+")
# Figures stay whole ("$100,000", "30-39"), and so does what is written as one word ("R&D", "O'Reilly", "C-suite").
_UNIT = re.compile(r"\d+(?:[,./-]\d+)+|[^\W_]+(?:[-&'._][^\W_]+)*")
_POSSESSIVE = re.compile(r"'s\b")

_STOP_WORDS = """a about across all also an and any are around as at be been being both but by can could did do does
    doing during each either for from get gets getting had has have having he her hers him his how i if in into is it
    its just many may me might more most much must my near of off on or our ours out over own s she should so some such
    t than that the their theirs them then there these they this those through to too toward towards under until up
    upon us very via was we were what when where which while who whom whose why will with within would you your yours"""
_FILLERS = """people person persons user audience consumer individual segment signal looking look interested interest
    like love lover want need plan planning shop shopping shopper buy buying buyer purchase purchaser fan enthusiast
    adult enjoy likely recently recent often try trying find owner goer customer client target targeting reach reaching
    new good best next month actively currently considering seeking searching someone anyone everyone folk group member
    visitor intender aficionado"""

STOP_WORDS = frozenset(_STOP_WORDS.split())
FILLERS = frozenset(map(stem, _FILLERS.split()))
"""Stems of the words that say that somebody is meant."""

_OPERATORS = frozenset({"and", "or", "not", "near"})


@dataclass(frozen=True, slots=True)
class Word:
    """One thing asked for: its tokens (several make a phrase, such as ``r d``), folded, and whether it is filler."""

    tokens: tuple[str, ...]
    filler: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.tokens)


@lru_cache(maxsize=4096)
def _bare(letter: str) -> str:
    """Return a letter without its diacritics, when a letter a-z is what remains."""
    parts = unicodedata.normalize("NFD", letter)
    return parts[0] if parts[0].isascii() else letter


def fold(text: str) -> str:
    """Return ``text`` in the form in which FTS5 keeps words: lower case, compatible forms joined, no diacritics."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    if text.isascii():
        return text
    return "".join(_bare(letter) for letter in text if not "\u0300" <= letter <= "\u036f")


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, folded."""
    return _TOKEN.findall(fold(text))


def stems(text: str) -> list[str]:
    """Return the stems of a text's tokens."""
    return [stem(token) for token in tokens(text)]


def _shouted(spec: str) -> set[str]:
    """Return the capitalised words of a spec that is not all capitals: "IT" and "US" mean more than "it" and "us"."""
    if spec.isupper():
        return set()
    return {word.lower() for word in _TOKEN.findall(spec) if len(word) > 1 and word.isupper()} - _OPERATORS


def words(spec: str) -> list[Word]:
    """Return what a spec asks for, each thing once, in its order.

    Stop words are left out, unless there is nothing else. A spec of fillers alone is taken at its word.
    """
    folded = _POSSESSIVE.sub("", fold(spec))
    distinct = list(dict.fromkeys(tuple(_TOKEN.findall(unit)) for unit in _UNIT.findall(folded)))
    idle = STOP_WORDS - _shouted(spec)
    telling = [unit for unit in distinct if not (len(unit) == 1 and unit[0] in idle)] or distinct
    found = [Word(unit, len(unit) == 1 and stem(unit[0]) in FILLERS) for unit in telling]
    if all(word.filler for word in found):
        return [Word(word.tokens) for word in found]
    return found
