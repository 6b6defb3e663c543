"""The Porter stemmer exactly as SQLite's FTS5 has it, so that words found here are words found there.

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with the departures of FTS5: words under 3 or
over 64 bytes stay as they are, "logi" and "bli" are rules of step 2, and every byte outside a-z is a consonant.
"""

from __future__ import annotations

import re
from functools import lru_cache

_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("ical", "ic"), ("ness", ""), ("icate", "ic"), ("iciti", "ic"), ("ful", ""), ("ative", ""), ("alize", "al"),
)  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "sion", "tion", "ou", "ism",
    "ate", "iti", "ous", "ive", "ize",
)  # fmt: skip


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of a folded word (lower case, no diacritics)."""
    data = word.encode("utf-8", "replace")
    if not 3 <= len(data) <= 64:
        return word
    buffer = data.decode("latin-1")
    for step in (_plural, _participle, _final_y, _double_suffix, _single_suffix, _bare_suffix, _final_e):
        buffer = step(buffer)
    return buffer.encode("latin-1").decode("utf-8", "replace")


@lru_cache(maxsize=20_000)
def _shape(word: str) -> str:
    """Return a letter v or c for each letter: vowel or consonant; y is a vowel behind a consonant."""
    shape = []
    consonant = False
    for letter in word:
        consonant = not (letter in "aeiou" or (letter == "y" and consonant))
        shape.append("c" if consonant else "v")
    return "".join(shape)


def _measure(word: str) -> int:
    return len(re.findall("v+c", _shape(word)))


def _ends_cvc(word: str) -> bool:
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _plural(word: str) -> str:
    if not word.endswith("s"):
        return word
    if word.endswith("es"):
        long = (len(word) > 4 and word.endswith("sses")) or (len(word) > 3 and word.endswith("ies"))
        return word[:-2] if long else word[:-1]
    return word if word.endswith("ss") else word[:-1]


def _participle(word: str) -> str:
    if len(word) > 3 and word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        bare = word.removesuffix(suffix)
        if bare and bare != word:
            return _mended(bare) if "v" in _shape(bare) else word
    return word


def _mended(word: str) -> str:
    if len(word) > 2 and word.endswith(("at", "bl", "iz")):
        return word + "e"
    if len(word) > 1 and word[-1] == word[-2] and word[-1] not in "aeioulsz":
        return word[:-1]
    return word + "e" if _measure(word) == 1 and _ends_cvc(word) else word


def _final_y(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and "v" in _shape(word[:-1]) else word


def _replaced(word: str, rules: tuple[tuple[str, str], ...]) -> str:
    for suffix, instead in rules:
        if len(word) > len(suffix) and word.endswith(suffix):
            bare = word[: -len(suffix)]
            return bare + instead if _measure(bare) > 0 else word
    return word


def _double_suffix(word: str) -> str:
    return _replaced(word, _STEP_2)


def _single_suffix(word: str) -> str:
    return _replaced(word, _STEP_3)


def _bare_suffix(word: str) -> str:
    for suffix in _STEP_4:
        if len(word) > len(suffix) and word.endswith(suffix):
            # Of "sion" and "tion" only "ion" goes.
            bare = word[:-3] if suffix in ("sion", "tion") else word[: -len(suffix)]
            return bare if _measure(bare) > 1 else word
    return word


def _final_e(word: str) -> str:
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_cvc(word[:-1])):
            word = word[:-1]
    if len(word) > 1 and word.endswith("ll") and _measure(word[:-1]) > 1:
        word = word[:-1]
    return word
