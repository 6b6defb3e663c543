"""Text to words, the same for signals and for what is asked: camelCase parted, folded, possessives cut.

First step of indexing and of every search. A word is letters and digits of any script; its stem is what is looked up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits

from service.ranking.porter import stem as porter
from service.ranking.words import fold

# "SaaS", "IoT" and "iPhone" are one word: a word begins where two letters or more stand on either side.
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][A-Za-z])")
_POSSESSIVE = re.compile(r"'s\b")
WORD = r"\d+(?:\.\d+)+|[^\W_]+"
"""A row of letters and digits, or a number with points in it: its parts are no numbers of their own."""
_TOKEN = re.compile(WORD)
_GROUPED = re.compile(r",(?<=\d,)(?=\d{3}\b)")
_JOINED = re.compile(r"\b([a-z])\s?&\s?([a-z])\b")

stem = lru_cache(maxsize=65_536)(porter)

# What takes a pattern long to find in a text is seen at once among the kinds of its letters and figures.
_KINDS = bytes.maketrans((ascii_lowercase + ascii_uppercase + digits).encode(), b"a" * 26 + b"A" * 26 + b"0" * 10)
_PARTED = bytes(code if code < 128 and chr(code).isalnum() else ord(" ") for code in range(256))


def plain(text: str) -> str:
    """Return a text as it is cut: folded, ``HomeGarden`` parted, ``R&D`` in one, no thousands separators."""
    # Each look for a letter spares a substitution, which takes ten times longer: a build cuts millions of texts.
    folded = fold(_CAMEL.sub(" ", text) if b"aaA" in _kinds(text) else text)
    if "'" in folded:
        folded = _POSSESSIVE.sub("", folded)
    if "," in folded:
        folded = _GROUPED.sub("", folded)
    return _JOINED.sub(r"\1\2", folded) if "&" in folded else folded


def tokens(text: str) -> list[str]:
    """Return the words of a text in their order."""
    text = plain(text)
    if text.isascii() and b"0.0" not in _kinds(text):
        return text.encode().translate(_PARTED).decode().split()
    return _TOKEN.findall(text)


def _kinds(text: str) -> bytes:
    return text.encode("utf-8", "replace").translate(_KINDS)
