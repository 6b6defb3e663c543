"""What a single cell of a catalogue file may hold: parsers for text, codes, words and numbers.

A parser takes what CSV (always text) or JSON gives and returns the value that ``Signal`` keeps, or raises
``ValueError`` whose message completes the sentence "<column> <value> …". Harmless differences are folded (blanks,
Unicode composition, case of codes); what could mislead a reader or break a line is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence

NAME_LIMIT = 256
DESCRIPTION_LIMIT = 2000
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Tab and line breaks become a blank; other controls, bidi overrides and halves of characters have no place in a line.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def text(value: object, limit: int = NAME_LIMIT) -> str:
    """Return one line of NFC text of at most ``limit`` characters, inner blanks folded to one."""
    if not isinstance(value, str):
        raise ValueError("is not text")
    if not (value.isascii() and value.isprintable()):
        value = _clean(value)
    if "  " in value:
        value = " ".join(value.split())
    if len(value) > limit:
        raise ValueError(f"has {len(value)} characters, at most {limit} are allowed")
    return value


def _clean(value: str) -> str:
    found = _FORBIDDEN.search(value)
    if found is None:
        return unicodedata.normalize("NFC", " ".join(value.split()))
    code = ord(found.group())
    # Undecodable bytes arrive as U+DC80-U+DCFF (the surrogateescape handler of the opened stream).
    if 0xDC80 <= code <= 0xDCFF:
        raise ValueError(f"is not valid UTF-8 (byte 0x{code - 0xDC00:02x})")
    raise ValueError(f"holds the forbidden character U+{code:04X}")


def description(value: object) -> str:
    """Return text of at most ``DESCRIPTION_LIMIT`` characters."""
    return text(value, DESCRIPTION_LIMIT)


def code(pattern: re.Pattern[str], wanted: str, fold: Callable[[str], str] = str) -> Callable[[object], str]:
    """Return a parser for values that match ``pattern`` after ``fold``; ``wanted`` describes them."""

    def parse(value: object) -> str:
        folded = fold(value) if isinstance(value, str) else ""
        if not pattern.fullmatch(folded):
            raise ValueError(f"is not {wanted}")
        return folded

    return parse


def one_of(choices: Sequence[str]) -> Callable[[object], str]:
    """Return a parser for a word out of ``choices``, in any case."""
    known = frozenset(choices)

    def parse(value: object) -> str:
        folded = value.lower() if isinstance(value, str) else ""
        if folded not in known:
            raise ValueError(f"is not one of {', '.join(choices)}")
        return folded

    return parse


def number(highest: float, wanted: str) -> Callable[[object], float]:
    """Return a parser for finite numbers from 0 to ``highest``."""

    def parse(value: object) -> float:
        figure = _figure(value)
        if not 0 <= figure <= highest or math.isinf(figure):
            raise ValueError(f"is not {wanted}")
        # Minus zero would print, and so hash, differently from zero.
        return figure + 0.0

    return parse


def _figure(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    # float() alone would take "1_000", "nan" and digits of other scripts.
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
