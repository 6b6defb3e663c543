"""Ages in words: generations by their birth years, teens and seniors, and the decades of a life.

Generations are kept by birth year, so that they grow older with the calendar.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

_DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "twentysomethings": 20, "thirtysomethings": 30, "fortysomethings": 40, "fiftysomethings": 50,
}  # fmt: skip
GENERATIONS = (
    (re.compile(r"\b(?:gen(?:eration)?[ -]?alpha)\b"), 2013, 2025),
    (re.compile(r"\b(?:gen(?:eration)?[ -]?z(?:ers?)?|zoomers?|zillennials?)\b"), 1997, 2012),
    (re.compile(r"\b(?:millennials?|millenials?|gen(?:eration)?[ -]?y)\b"), 1981, 1996),
    (re.compile(r"\b(?:gen(?:eration)?[ -]?x(?:ers?)?)\b"), 1965, 1980),
    (re.compile(r"\b(?:(?:baby[ -]?)?boomers?)\b"), 1946, 1964),
    (re.compile(r"\b(?:silent generation)\b"), 1928, 1945),
)
"""Name, first and last birth year (Pew Research Center 2019; those after 2012 by common usage)."""
_SENIORS = (
    r"\b(?:seniors?(?! (?:level|manage|executive|vice|director|leader))|senior citizens?|elderly|pensioners?"
    r"|retirees?|older adults|golden agers?)\b"
)
_AGES = (
    (re.compile(_SENIORS), 65, math.inf),
    (re.compile(r"\b(?:teens?|teenagers?|adolescents?)\b"), 13, 19),
    (re.compile(r"\byoung adults?\b"), 18, 29),
    (re.compile(r"\bmiddle[ -]aged\b"), 45, 64),
)


def may_tell(name: str) -> bool:
    """Return quickly whether it is worth to look for an interval in a name."""
    return bool(_DIGIT.search(name)) or not _AGES_BEGIN.isdisjoint(name.lower().replace("-", " ").split())


_DIGIT = re.compile(r"\d")
_AGE_WORDS = """gen generation alpha zoomer zoomers zillennial zillennials genz millennial millennials millenial
    millenials baby boomer boomers babyboomers silent senior seniors elderly pensioner pensioners retiree retirees older
    golden teen teens teenager teenagers adolescent adolescents young middle"""
_AGES_BEGIN = frozenset(_AGE_WORDS.split()) | {*_DECADES}

_PART_OF_ALL = re.compile(
    r"gen|zoomer|zillen|mill?en|boomer|senior|elderly|pensioner|retiree|older|golden|teen|adolesc|young|middle|ties|somethings"
)
"""One of these is in whatever names an age: most texts need not be looked at a dozen times."""


def named_ages(text: str, year: int) -> Iterator[tuple[float, float]]:
    """Yield the ages that a plain text names, as first and last year of life."""
    if not _PART_OF_ALL.search(text):
        return
    for pattern, first, last in GENERATIONS:
        if pattern.search(text):
            yield max(0, year - last), year - first
    for pattern, low, high in _AGES:
        if pattern.search(text):
            yield low, high
    for word, low in _DECADES.items():
        if word in text.split():
            yield low, low + 9
