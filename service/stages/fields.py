"""How one value of a query is read, whether it came as text (GET) or as JSON (POST).

Pure readers: each returns the value in its canonical form, so that equal wishes make equal briefs, or raises
``InvalidInput`` or ``SuspiciousInput`` with the field's name. OpenAPI's patterns are the ones here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from service.errors import InvalidInput, SuspiciousInput
from service.messages import KINDS
from service.stages import suspicion

SPEC_LENGTH = 1000
LIST_ITEMS = 50
ITEM_LENGTH = 128
CURSOR_LENGTH = 200
MAX_RESULTS = 100
DEFAULT_RESULTS = 10
MAX_CPM = 1_000_000
MOST_PERCENT = 100

PLATFORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
COUNTRY = r"^[A-Za-z]{2}$"
CURSOR = r"^[A-Za-z0-9_-]{1,200}$"
CONTEXT_ID = r"^[A-Za-z0-9._:-]{1,128}$"

_NUMBER = re.compile(r"[0-9]{1,25}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?")  # as long as a float is ever written
_BLANKS = re.compile(r"\s+")
_STACKED_MARKS = 30  # as in the Stream-Safe Text Format of Unicode Annex 15


def quoted(name: str, *, marks: bool = True) -> str:
    """Return an untrusted name short and printable, for an error message."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:40])
    return f"'{shown}'" if marks else shown


def text_of(value: Any, name: str, longest: int) -> str:
    """Return a text in NFC, trimmed, inner blanks to one. Refuses control characters and lone surrogates."""
    if not isinstance(value, str):
        raise InvalidInput(f"'{name}' must be a text.", field=name)
    if not _is_printable_ascii(value) and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value):
        raise InvalidInput(f"'{name}' holds control characters.", field=name)
    text = _composed(_BLANKS.sub(" ", value).strip(), name, longest)
    if not text:
        raise InvalidInput(f"'{name}' is empty.", field=name)
    if len(text) > longest:
        raise InvalidInput(f"'{name}' has {len(text)} characters; at most {longest} are allowed.", field=name)
    return text


def _is_printable_ascii(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _composed(text: str, name: str, longest: int) -> str:
    """Return a text in NFC. Composing takes time quadratic in a run of marks (2 s for 64 KiB of them), so whatever
    cannot come within the limit (NFC joins four code points at most) or stacks marks as no script does is refused."""
    if text.isascii():
        return text
    if len(text) > 4 * longest:
        raise InvalidInput(f"'{name}' is too long; at most {longest} characters are allowed.", field=name)
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks > _STACKED_MARKS:
            raise InvalidInput(f"'{name}' stacks more than {_STACKED_MARKS} marks on one letter.", field=name)
    return unicodedata.normalize("NFC", text)


def spec_of(name: str) -> Callable[[Any], str]:
    """Return the reader of what is looked for, under the name that the caller used."""

    def read(value: Any) -> str:
        return _unsuspicious(text_of(value, name, SPEC_LENGTH), name)

    return read


spec = spec_of("spec")


def max_results_text(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise InvalidInput(f"'max_results' must be a whole number from 1 to {MAX_RESULTS}.", field="max_results")
    return max_results(int(text))


def max_results(value: Any, name: str = "max_results", most: float = MAX_RESULTS) -> int:
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1
    if not whole or not 1 <= value <= most:
        limit = f"from 1 to {MAX_RESULTS}" if most == MAX_RESULTS else "from 1 up"
        raise InvalidInput(f"'{name}' must be a whole number {limit}.", field=name)
    return int(min(value, MAX_RESULTS))


def explain_text(text: str) -> bool:
    return explain({"true": True, "false": False}.get(text))


def explain(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput("'explain' must be true or false.", field="explain")
    return value


def cursor(value: Any, name: str = "cursor") -> str:
    return _matching(value, name, CURSOR, "a cursor from an earlier answer")


def context_id(value: Any) -> str:
    return _matching(value, "context_id", CONTEXT_ID, "1 to 128 letters, digits, dots, colons, hyphens or underscores")


def platform(value: Any, name: str) -> str:
    return _matching(value, name, PLATFORM, "platform names such as the-trade-desk").lower()


def country(value: Any, name: str) -> str:
    return _matching(value, name, COUNTRY, "ISO 3166 codes of two letters such as US").upper()


def data_provider(value: Any, name: str) -> str:
    return _unsuspicious(text_of(value, name, ITEM_LENGTH), name)


def kind(value: Any, name: str) -> str:
    if value not in KINDS:
        raise InvalidInput(f"'{name}' must be of {', '.join(KINDS)}.", field=name)
    return str(value)


def destination(value: Any, name: str) -> str:
    """Return the platform of an AdCP destination ``{"type": "platform", "platform": "…"}``."""
    if not isinstance(value, dict) or set(value) != {"type", "platform"} or value["type"] != "platform":
        raise InvalidInput(f"'{name}' must hold objects of type 'platform' with a 'platform'.", field=name)
    return platform(value["platform"], name)


def comma_list(name: str, item: Callable[[Any, str], str]) -> Callable[[str], tuple[str, ...]]:
    """Return a reader of comma separated items, sorted and each once."""

    def read(text: str) -> tuple[str, ...]:
        return array(name, item)([part.strip(" ") for part in text.split(",")])

    return read


def array(name: str, item: Callable[[Any, str], str]) -> Callable[[Any], tuple[str, ...]]:
    """Return a reader of a list of items, sorted and each once."""

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= LIST_ITEMS:
            raise InvalidInput(f"'{name}' must be a list of 1 to {LIST_ITEMS} items.", field=name)
        return tuple(sorted({item(part, name) for part in value}))

    return read


def number_text(name: str, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        return number(name, most)(float(text) if _NUMBER.fullmatch(text) else None)

    return read


def number(name: str, most: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            raise InvalidInput(f"'{name}' must be a number from 0 to {most:.0f}.", field=name)
        return float(value) + 0.0  # -0.0 becomes 0.0, so that equal wishes look equal

    return read


def _matching(value: Any, name: str, pattern: str, what: str) -> str:
    # $ would let a final line end through.
    if not isinstance(value, str) or not re.fullmatch(pattern[1:-1], value):
        raise InvalidInput(f"'{name}' must be {what}.", field=name)
    return value


def _unsuspicious(text: str, name: str) -> str:
    attack = suspicion.classify(text)
    if attack is not None:
        raise SuspiciousInput(attack, name)
    return text
