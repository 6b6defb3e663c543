"""Input detection: does a text look like an attack, and of which class? Called by ``fields`` for every free text.

Pure and without memory. A text is undone first (NFKC, up to three rounds of percent, entity and backslash decoding,
comments, shell quoting, base64) and every form of it is held against the table in ``suspicion_rules``. This is a signal
for blocking, not the defence: that is bound parameters, quoted search words and no shell. So a plain link passes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from base64 import b64decode
from functools import cache

_LONGEST = 1500  # characters; decoding may make a text longer, and what lies beyond is not looked at
_ROUNDS = 3

# Words of ordinary length joined by single harmless marks. Possessive, so that a text that does not fit fails at once.
_WORD = r"[a-zA-ZÀ-ÿ0-9]{1,11}+"
_MARK = r"(?: |, |/|-|\. |['’](?=(?:[stdm]|ll|re|ve)(?![a-z]))| & |\*? > | - | \$(?=[0-9])|: |,)"
_PLAIN = re.compile(f"{_WORD}(?:{_MARK}{_WORD})*+[.?!+%]?")
_WORDS = re.compile(r"[a-z0-9]+")
_LINE_ENTITY = re.compile(r"&(?:tab|newline);", re.IGNORECASE)
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}){1,500}")
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_BACKSLASH = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{?0{0,4}([0-9a-fA-F]{2,4})\}?|0{1,4}([2-7][0-9a-fA-F]) ?)")
# Line ends written out: a pair of them anywhere, or one where a text begins or ends.
_WRITTEN_LINE = re.compile(r"\\r\\n|\A(?:\\[rn]){1,20}|(?:\\[rn]){1,20}\Z")
_HEX_MARK = re.compile(r"0x(2[eEfF]|5[cC])")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,1500}")
_UNSEEN = re.compile(r"[\x00\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANKS = re.compile(r"[\x01-\x20\x7f-\xa0\u2028\u2029]{1,1500}")
_LOOKALIKES = str.maketrans("。∕∖‘’′“”´", "./\\'''\"\"'")
# How a browser that takes a page for seven-bit text reads these: without their eighth bit.
_EIGHTH_BIT = str.maketrans("¼¾¢", '<>"')

_COMMENT = re.compile(r"/\*[^*!][^*/]{0,100}\*/|/\*\*/|(?://|#|--)[^\n]{0,60}\n")
_COMMENT_MARK = re.compile(r"/\*!\d{0,5}|\*/")
_SHELL_QUOTING = re.compile(
    r"[\\^]|(?<=[a-z/])\$[*@!$#?0-9_-]|\$[a-z](?![a-z])|\$\{[^}]{0,10}\}|\$\(\)|``|<\(\)|(?<=[a-z/])['\"](?=[a-z/])|['\"]{2}"
)


def classify(text: str) -> str | None:
    """Return what a text looks like: ``xss``, ``sqli``, ``path-traversal``, ``code-injection``, or None for a query.

    Takes time linear in the length of the text, whatever is in it.
    """
    if is_plain(text):
        return None
    for form in forms(text):
        for attack, pattern in _rules():
            if pattern.search(form):
                return attack
    return None


@cache
def _rules() -> list[tuple[str, re.Pattern[str]]]:
    """Return the class and the pattern of every rule; compiled when the first text needs them, not at the start."""
    from service.stages.suspicion_rules import RULES

    return [(rule.attack, re.compile(rule.pattern)) for rule in RULES]


@cache
def _loaded_words() -> frozenset[str]:
    from service.stages.suspicion_rules.loaded import LOADED_WORDS

    return LOADED_WORDS


def is_ready() -> bool:
    """Return whether plain words can be told without reading files first; whoever classifies a text sees to it."""
    return bool(_loaded_words.cache_info().currsize)


def is_plain(text: str) -> bool:
    """Return whether a text is made of ordinary words, so that ``classify`` finds nothing, in some microseconds."""
    if not _PLAIN.fullmatch(text) or ("/" in text and " " not in text and len(text) >= 12):
        return False
    return _loaded_words().isdisjoint(_WORDS.findall(text.lower()))


def forms(text: str) -> list[str]:
    """Return the different forms of a text that the rules are held against, the text as it was written first.

    All are lowered and have single blanks; one keeps its line ends, if there are any, for the rules that need them.
    """
    decoded = decode(text)
    lines = _folded(decoded, keep_lines=True)
    plain = _folded(decoded)
    found = [_folded(text[:_LONGEST]), plain]
    if "\n" in lines:
        found.append(lines)
    if "/*" in plain or "\n" in lines:
        found.append(_folded(_COMMENT_MARK.sub(" ", _COMMENT.sub(" ", lines))))
    if "+" in plain and " " not in plain:
        found.append(_folded(plain.replace("+", " ")))
    found.append(_SHELL_QUOTING.sub("", plain))
    found += [_folded(hidden) for hidden in _from_base64(decoded)]
    return list(dict.fromkeys(found))


def decode(text: str) -> str:
    """Return a text with up to three layers of encoding taken off, in NFKC, at most 1,500 characters long."""
    text = text[:_LONGEST]
    for _ in range(_ROUNDS):
        before = text
        if "&" in text:
            text = html.unescape(_LINE_ENTITY.sub(" ", text))
        if "%" in text:
            text = _PERCENT.sub(_bytes_of, _PERCENT_U.sub(_code_point, text))
        if "\\" in text:
            text = _BACKSLASH.sub(_code_point, _WRITTEN_LINE.sub("\n", text))
        if "¼" in text and "¾" in text:
            text = text.translate(_EIGHTH_BIT)
        text = _HEX_MARK.sub(_code_point, text)
        text = unicodedata.normalize("NFKC", text.translate(_LOOKALIKES))[:_LONGEST]
        if text == before:
            break
    return text


def _folded(text: str, keep_lines: bool = False) -> str:
    text = _UNSEEN.sub("", text).lower()
    if keep_lines:
        return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.splitlines())
    return _BLANKS.sub(" ", text).strip()


def _bytes_of(match: re.Match[str]) -> str:
    raw = bytes.fromhex(match[0].replace("%", ""))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _code_point(match: re.Match[str]) -> str:
    return chr(int(next(group for group in match.groups() if group), 16))


def _from_base64(text: str) -> list[str]:
    """Return what a long word means as base64, whichever place of a group of four it begins at."""
    word = _BASE64.search(text)
    if word is None or " " in text:
        return []
    letters = word[0].replace("-", "+").replace("_", "/")
    shifted = ["A" * shift + letters for shift in range(4)]
    read = [b64decode(part[: len(part) - (len(part) % 4 == 1)] + "==") for part in shifted]
    # The first bytes may belong to a group that was cut.
    return [raw.decode("ascii", "ignore") for raw in read if raw[3:].isascii()]
