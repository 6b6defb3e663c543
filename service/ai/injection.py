"""Does a text of the catalogue speak to the model? Asked by ``prompt`` and, of the model's own words, by ``verdict``.

No fence: that is the escaping of the data, and an answer that can do nothing but order candidates. It keeps the plain
attempts away from the model. A text is undone first (NFKC, accents, unseen letters, look-alikes of other scripts,
digits for letters, l e t t e r s apart, wordsgluedtogether), then held against the table in ``injection_rules``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache

_LOOKED_AT = 1200  # characters of a text; what lies beyond goes into no prompt
_REMEMBERED = 2048  # texts: the same rows come back for the next brief
_SMUGGLED = re.compile("[\U000e0000-\U000e007f]|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3}")
_ACCENTS = re.compile("[\u0300-\u036f\u0483-\u0489\u064b-\u065f\u0670\u3099\u309a]")
_PUNCTUATION = re.compile(r"[\W_]+")
_APART = re.compile(r"(?<!\w)(?:\w ){6,}\w(?!\w)")
_GLUED = re.compile(r"[^\W\d_]{18,}")
_REPEATED_WORD = re.compile(r"\(\?:\\w\{1,\d+\} \)(?:\{\d,\d\}|\?)\??")
_DIGIT_IN_WORD = re.compile(r"(?<=[^\W\d_])[0-9@$!|]|[0-9@$!|](?=[^\W\d_])")

_NO_ACCENT = str.maketrans("łøđħıŀŧ", "lodhilt")
_LOOKALIKES = str.maketrans(
    "аеорсухкмтвнііјѕԁԛԝһӏгьпвзиαεορτυνικχβηγωμσρɑɡɩɪɢɴᴏʀᴇᴘᴠᴜꜱᴛᴄᴀʟꜰᴅʙʜᴊᴋᴍᴡʏᴢƅƨʂաոսօցհոԍѵѡ∂℮ⅼ٥𐐬ꓳꓰꓲ",
    "aeopcyxkmtbhiijsdqwhlrbnbzuaeoptuvikxbnywuopagiignorepvustcalfdbhjkmwyzbsswnuoghngvwdeloooei",
)
_LEET = str.maketrans("0134579@$!|", "oieastgasil")


def speaks_to_the_model(text: str) -> bool:
    """Return whether a text gives orders to a model rather than describing something to a buyer.

    Takes time linear in the first 1,200 characters; what follows is not looked at.
    """
    return _speaks(text[:_LOOKED_AT], claims=True)


def gives_orders(text: str) -> bool:
    """Return the same of the model's own words, who may well say that a segment is the best for a brief."""
    return _speaks(text[:_LOOKED_AT], claims=False)


@lru_cache(_REMEMBERED)
def _speaks(text: str, *, claims: bool) -> bool:
    if _SMUGGLED.search(text):
        return True
    ascii_alone = text.isascii()
    marks = folded_marks(text)
    if any(pattern.search(marks) for pattern in _patterns("marks", ascii_alone, claims)):
        return True
    words = folded_words(marks)
    forms = {words, folded_words(_with_latin_letters(marks))}
    if any(pattern.search(form) for form in forms for pattern in _patterns("words", ascii_alone, claims)):
        return True
    glued = " ".join(part for form in forms for part in _without_blanks(form))
    return bool(glued) and any(pattern.search(glued) for pattern in _patterns("glued", ascii_alone, claims))


def folded_marks(text: str) -> str:
    """Return a text in small letters without accents or unseen letters, its punctuation kept."""
    if text.isascii():
        return html.unescape(text.casefold()) if "&" in text else text.casefold()
    text = unicodedata.normalize("NFKD", html.unescape(text)).casefold()
    seen = "".join(letter for letter in _ACCENTS.sub("", text) if unicodedata.category(letter) not in ("Cf", "Cc"))
    return unicodedata.normalize("NFC", seen).translate(_NO_ACCENT)


def folded_words(marks: str) -> str:
    """Return the words of a folded text with single blanks and nothing else."""
    return _PUNCTUATION.sub(" ", marks).strip()


def _with_latin_letters(marks: str) -> str:
    latin = marks if marks.isascii() else marks.translate(_LOOKALIKES)
    return _DIGIT_IN_WORD.sub(lambda digit: digit[0].translate(_LEET), latin)


def _without_blanks(words: str) -> list[str]:
    """Return what is written apart or glued together, in one piece each."""
    apart = [found[0].replace(" ", "") for found in _APART.finditer(words)]
    return apart + _GLUED.findall(words)


@cache
def _patterns(form: str, ascii_alone: bool, claims: bool) -> tuple[re.Pattern[str], ...]:
    """Return the patterns for a form; compiled when the first text needs them, not at the start."""
    from service.ai.injection_languages import LANGUAGES
    from service.ai.injection_rules import RULES

    asked = [rule for rule in (*RULES, *LANGUAGES) if claims or not rule.claim]
    rules = [rule for rule in asked if rule.pattern.isascii() or not ascii_alone]
    if form == "glued":
        return tuple(re.compile(_glued(rule.pattern)) for rule in rules if rule.form == "words")
    return tuple(re.compile(rule.pattern) for rule in rules if rule.form == form)


def _glued(pattern: str) -> str:
    """Return a words pattern for words without blanks between them."""
    # Without the blank that ends each word, a repeated word could be split in a number of ways that explodes.
    return (
        _REPEATED_WORD.sub(r"\\w{0,24}", pattern).replace(" ?", "").replace(" ", "").replace(r"\b", "").replace("^", "")
    )
