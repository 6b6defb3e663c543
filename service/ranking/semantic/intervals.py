"""Numbers in words: ages, incomes, home values and company sizes as intervals, in signals and in what is asked.

"30-39", "over 60", "$50K to $75K", "millennials", "in their forties".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.ages import named_ages
from service.ranking.semantic.tokens import plain

OLDEST = 110

Floats = npt.NDArray[np.float64]


class Kind(IntEnum):
    """What a number measures."""

    AGE = 1
    INCOME = 2
    HOME_VALUE = 3
    COMPANY_SIZE = 4


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both within it; ``high`` may be infinite."""

    kind: Kind
    low: float
    high: float


_UNITS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_NUMBER = r"[$€£]?\s?(\d+(?:\.\d+)?)\s?(k|thousand|mm|mn|m|million|bn|billion)?(?![a-z0-9])"
_FIGURE = re.compile(r"\d")
_RANGE = re.compile(_NUMBER + r"\s?(?:-|–|—|to|and|through)\s?" + _NUMBER)
_FROM_BEFORE = re.compile(
    r"\b(?:over|above|more than|at least|older than|greater than|from|minimum)\s(?:the age of\s)?" + _NUMBER
)
_FROM_BEHIND = re.compile(_NUMBER + r"\s?(?:\+|plus\b|(?:years? )?(?:or|and) (?:more|over|older|above|up)\b)")
_TO_BEFORE = re.compile(
    r"\b(?:under|below|less than|younger than|up to|at most|fewer than|maximum)\s(?:the age of\s)?" + _NUMBER
)
_TO_BEHIND = re.compile(_NUMBER + r"\s?(?:years? )?(?:or|and) (?:less|under|younger|below)\b")
_EXACTLY = re.compile(r"\b(?:aged?\s(\d{1,3})|(\d{1,3})[- ]years?[- ]olds?)\b")
_DECADE = re.compile(r"\b(?:in their |early |late |mid )*(\d0)s\b")
_INCOME = re.compile(r"\b(?:incomes?|earn\w*|salar\w+|wages?|affluen\w+|net worth|wealth\w*|paid|making|assets?|hhi)\b")
_HOME = re.compile(
    r"\b(?:homes?|houses?|property|properties|real estate)\b.*\b(?:values?|valued|worth|priced?|cost\w*)\b"
    r"|\b(?:values?|worth)\b.*\bhomes?\b"
)
_HOME_LOOSELY = re.compile(r"\b(?:homes?|houses?|property|properties)\b")
_COMPANY = re.compile(
    r"\b(?:employees|staff|headcount|company size|business size|companies with|firms? with|workforce)\b"
)
_AGE = re.compile(
    r"\b(?:ages?|aged|years? old|year olds?|men|women|males?|females?|adults?|ladies|guys|somethings?|yo)\b"
)
_NO_MEASURE = re.compile(
    r"\b(?:days?|weeks?|months?|minutes?|hours?|urbanization|population|people|persons?|individuals|child|children|payments?|residence|rating|rated|pages?|miles?|km|percent)\b|%"
)


def asked(spec: str, year: int, around: str = "") -> tuple[Interval, ...]:
    """Return the intervals that a spec asks for; ``year`` is the current one.

    What they measure may be said ``around`` a part of a spec: "incomes over $50k but not over $150k".
    """
    text = plain(spec)
    named = [Interval(Kind.AGE, float(low), float(high)) for low, high in named_ages(text, year)]
    written = list(_spans(text))
    if written:
        kind = _kind_asked(f"{text} {plain(around)}")
        named += [Interval(kind, low, high) for low, high in written if kind is not Kind.AGE or _is_age(low, high)]
    return tuple(dict.fromkeys(named))[:4]


def told(name: str, path: str, year: int) -> Interval | None:
    """Return the interval that a signal is about, or None."""
    text, levels = plain(name), plain(path)
    around = f"{levels} {text}"
    spans = list(_spans(text))
    if spans and (kind := _kind_told(text, around)) is not None:
        low, high = spans[0]
        return Interval(kind, low, high) if kind is not Kind.AGE or _is_age(low, high) else None
    ages = list(named_ages(text, year))
    return Interval(Kind.AGE, float(ages[0][0]), float(ages[0][1])) if ages else None


def fits(wanted: Interval, lows: Floats, highs: Floats) -> Floats:
    """Return how well intervals of the same kind answer: +0.5 inside, +0.15 overlapping, -0.3 beside."""
    endless = np.isinf(highs) & math.isinf(wanted.high)
    inside = (lows >= wanted.low - 1) & ((highs <= wanted.high + 1) | endless)
    overlapping = (lows < wanted.high) & (highs > wanted.low)
    return np.where(inside, 0.5, np.where(overlapping, 0.15, -0.3))


def _kind_asked(text: str) -> Kind:
    if _COMPANY.search(text):
        return Kind.COMPANY_SIZE
    if _INCOME.search(text):
        return Kind.INCOME
    return Kind.HOME_VALUE if _HOME_LOOSELY.search(text) else Kind.AGE


def _kind_told(text: str, around: str) -> Kind | None:
    if _COMPANY.search(around):
        return Kind.COMPANY_SIZE
    if _HOME.search(around):
        return Kind.HOME_VALUE
    if _INCOME.search(around):
        return Kind.INCOME
    if _AGE.search(around) or not re.search(r"[a-z]{3}", text):
        return None if _NO_MEASURE.search(around) else Kind.AGE
    return None


def _is_age(low: float, high: float) -> bool:
    return low < OLDEST and (high < OLDEST or math.isinf(high)) and (low == 0 or low.is_integer())


def _spans(text: str) -> Iterator[tuple[float, float]]:
    """Yield the intervals written with figures, each part of the text used once."""
    if not _FIGURE.search(text):
        return
    text = text.replace(" usd", "")
    for pattern, kind in (
        (_RANGE, "range"), (_FROM_BEFORE, "from"), (_FROM_BEHIND, "from"), (_TO_BEFORE, "to"), (_TO_BEHIND, "to"),
    ):  # fmt: skip
        for match in pattern.finditer(text):
            span = _span(kind, match)
            if span is not None:
                yield span
        text = pattern.sub(" ; ", text)
    for match in _EXACTLY.finditer(text):
        age = float(match[1] or match[2])
        yield age, age
    for match in _DECADE.finditer(text):
        if 20 <= int(match[1]) <= 90:
            yield float(match[1]), float(match[1]) + 9


def _span(kind: str, match: re.Match[str]) -> tuple[float, float] | None:
    if kind == "range":
        high = _value(match[3], match[4])
        low = _value(match[1], match[2] or (match[4] if float(match[1]) <= float(match[3]) else None))
        return (low, high) if low <= high else None
    value = _value(match[1], match[2])
    return (value, math.inf) if kind == "from" else (0.0, value)


def _value(figure: str, unit: str | None) -> float:
    return float(figure) * _UNITS.get(unit or "", 1.0)
