"""What a spec does not want: "not parents", "couples without kids", "excluding smokers".

A negator rules out the words behind it, up to the next word that begins something else. "Non-alcoholic" is no
negation: it names a thing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.ranking.semantic.tokens import WORD

_TOKEN = re.compile(rf"{WORD}|[,;.:()]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEGATORS = _words("not without excluding exclude except excl no minus nor never neither avoid avoiding")
_LISTS = _words("excluding exclude except excl avoid avoiding")
_ENDS = _words("but or who with that which in at for and while when where to looking interested only just")
_FORGIVEN = _words(
    "the a an any are is be being have has having from of other their own yet over under above below more less than"
)
_OPEN = _words("only just limited")
_LINKS = frozenset({"and", "or", ","})
_SCOPE = 3
_MARKS = frozenset(",;.:()")
_CONTRACTED = re.compile(r"\b(do|does|did|is|are|was|were|have|has|had|can|could|would|should)n'?t\b")
_IN_OTHER_WORDS = re.compile(
    r"\b(?:(?:everything|anything|anyone|everyone|all) (?:but|except)"
    r"|(?:other|rather) than|instead of|apart from|aside from)\b"
)
_TO = re.compile(r"(?<=\d) (?:to|through) (?=[$\d])")
DENIALS = _words("no not without non 0 zero free safe anti never excluding except less")
"""Words that, standing near before another in a signal's text, say that the signal is about its absence."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The words that are wanted, the phrases that are not, and the text of either: figures need their marks."""

    wanted: list[str]
    unwanted: list[tuple[str, ...]]
    text: str
    unwanted_text: str


def parted(text: str) -> Parted:
    """Return what of a plain text is wanted and what is not, without the negators."""
    text = _TO.sub("-", _IN_OTHER_WORDS.sub("except", _CONTRACTED.sub(r"\1 not", text)))
    found = list(_TOKEN.finditer(text))
    scope = _Scope()
    wanted: list[str] = []
    unwanted: list[list[str]] = []
    pieces: tuple[list[str], list[str]] = [text[: found[0].start()] if found else text], []
    for place, match in enumerate(found):
        word = match[0]
        end, following = (found[place + 1].start(), found[place + 1][0]) if place + 1 < len(found) else (len(text), "")
        denied = True
        if word in _NEGATORS and _negates(word, following):
            scope.open(listing=word in _LISTS)
            unwanted.append([])
        elif scope.holds(word):
            if word in _LINKS:
                unwanted.append([])
            elif word not in _FORGIVEN and word not in _ENDS and word not in _MARKS:
                unwanted[-1].append(word)
        else:
            denied = False
            if word not in _MARKS:
                wanted.append(word)
        pieces[denied].append(text[match.start() : end])
    return Parted(wanted, [tuple(phrase) for phrase in unwanted if phrase], *("".join(some) for some in pieces))


def _negates(word: str, following: str) -> bool:
    if following == ":":
        return word in _LISTS
    return bool(following) and following not in _OPEN and following not in _MARKS


class _Scope:
    """How far a negator reaches: three words, and at least one."""

    def __init__(self) -> None:
        self._left = 0
        self._taken = False
        self._listing = False

    def open(self, *, listing: bool) -> None:
        self._left, self._taken, self._listing = _SCOPE, False, listing

    def holds(self, word: str) -> bool:
        """Return whether the next word is still within."""
        goes_on = self._listing and word in _LINKS
        if not self._left or ((word in _MARKS or word in _ENDS) and self._taken and not goes_on):
            self._left = 0
            return False
        if word not in _FORGIVEN and word not in _ENDS and word not in _MARKS:
            self._taken = True
            self._left -= not self._listing
        return True


def denies(words: Sequence[str], unwanted: Collection[str]) -> bool:
    """Return whether a text speaks of what is unwanted only to say that it is not there."""
    places = [place for place, word in enumerate(words) if word in unwanted]
    return bool(places) and all(DENIALS & set(words[max(0, place - 3) : place]) for place in places)
