"""Foreign text made harmless: what goes into a prompt, and what of a model's words comes out to a client. Pure.

``tidy`` leaves words as they are and takes away what nobody sees (controls, zero-width and bidi characters, tags,
variation selectors). ``plain`` also takes away links, addresses and markup, and leaves one short line. Both are
idempotent and take time linear in what they look at.
"""

from __future__ import annotations

import html
import re
import unicodedata

_LOOKED_AT = 8  # times the limit: what lies beyond cannot get into the result
_ROUNDS = 6
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_SELECTORS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_BLANKS = re.compile(r"\s+")
_LEFT_BLANK = re.compile(r" (?=[,.;)])")

_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,400}(?:>|$)")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\s?(?:\([^()]{0,400}(?:\)|$)|\[[^\[\]]{0,100}\])")
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}\s?:\s?//\S*|\S{0,40}://\S*|\w{0,20}(?:https?|ftp|javascript|vbscript|mailto):\S*"
    r"|\b(?:data|tel|sms|file|blob|urn):\S+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[\w.+-]{1,80}@[\w.-]{1,80}"
    r"|\w{0,20}www\.\S*"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b\S*"
    r"|(?:[\w-]{1,63}\.){1,8}(?:xn--[\w-]{1,59}|[^\W\d_]{2,63})\b(?:[:/?#]\S*)?"
    r"|\b(?:[a-z0-9-]{1,63}[.\u3002]){1,8}[a-z]{2,24}\b(?:[:/?#]\S*)?",
    re.IGNORECASE,
)
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:#{1,6}[ \t]|[-+\u2022][ \t]|>|[-=_]{3,}[ \t]*$)+")
_EMPHASIS = re.compile(r"[*`~]+|(?<!\w)_+|_+(?!\w)")
_MARKS = re.compile(r"[|\\\[\]{}<>^]|[-=]{3,}")


def tidy(text: str) -> str:
    """Return the text in one line without anything that is not seen. Letters and order stay as they are."""
    if text.isascii() and text.isprintable():
        return _BLANKS.sub(" ", text).strip()
    blank = _BLANKS.sub(" ", _SELECTORS.sub("", text))
    seen = "".join(letter for letter in blank if unicodedata.category(letter) not in _UNSEEN)
    return _BLANKS.sub(" ", seen).strip()


def plain(text: str, limit: int) -> str:
    """Return at most ``limit`` characters in one line, without links, addresses or markup; empty if nothing is left."""
    text = text[: limit * _LOOKED_AT]
    for _ in range(_ROUNDS):
        # What is taken away may join its neighbours to a new link or tag, so it is done until nothing changes.
        after = cut(_stripped(text), limit)
        if after == text:
            return text
        text = after
    return ""


def cut(text: str, limit: int) -> str:
    """Return the text up to ``limit`` characters, ended at a blank where one is near."""
    if len(text) <= limit:
        return text
    end = text.rfind(" ", max(0, limit - 24), limit + 1)
    return text[: end if end > 0 else limit].rstrip()


def folded(text: str) -> str:
    """Return the form by which texts are compared: NFKC, without case, single blanks."""
    return tidy(unicodedata.normalize("NFKC", text).casefold())


def _stripped(text: str) -> str:
    text = html.unescape(_unseen_removed(unicodedata.normalize("NFKC", text)))
    text = _TAG.sub(" ", text)
    text = _MARKDOWN_LINK.sub(r"\1 ", text)
    text = _ADDRESS.sub(" ", _SCHEME.sub(" ", text))
    return _LEFT_BLANK.sub("", tidy(_MARKS.sub(" ", _EMPHASIS.sub("", _LINE_MARK.sub("", text)))))


def _unseen_removed(text: str) -> str:
    return "\n".join(tidy(line) for line in text.splitlines())
