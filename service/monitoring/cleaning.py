"""Makes any value safe to print on one log line: cleaned, bounded and without secrets.

Used by ``rendering`` on the journal's writer thread only, never on a request's thread. It promises that no control,
line-separator, bidi or other format character, no lone surrogate, no NaN and none of the known secrets passes, that a
string stays within ``TEXT_LIMIT`` characters and a container within ``ITEM_LIMIT`` items, and that it never raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

TEXT_LIMIT = 1_000
ITEM_LIMIT = 50
DEPTH_LIMIT = 4
INTEGER_LIMIT = 1 << 63

# Unicode categories Cc, Cf, Cs, Zl and Zp: what can move a cursor, hide text, reverse it or end a line.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)

Mask = Callable[[str], str]


def masker(secrets: Iterable[str]) -> Mask:
    """Return a function that replaces each secret, plain or URL-encoded, by ``***``."""
    plain = {secret for secret in secrets if secret}
    forms = sorted(plain | {quote(secret, safe="") for secret in plain}, key=len, reverse=True)
    if not forms:
        return str
    pattern = re.compile("|".join(map(re.escape, forms)))
    return lambda text: pattern.sub("***", text)


def clean_text(text: str, mask: Mask = str) -> str:
    """Return ``text`` masked, with unsafe characters as ``\\uXXXX`` in plain text, at most ``TEXT_LIMIT`` long."""
    text = mask(text)
    # isprintable() is False for every unsafe character, and far quicker than the pattern.
    if not text.isprintable():
        text = _UNSAFE.sub(_escape, text[: TEXT_LIMIT + 1])
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def clean(value: Any, mask: Mask = str, depth: int = 0) -> Any:
    """Return a JSON-safe copy of ``value``; what JSON does not know becomes its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value, mask)
    if isinstance(value, int):
        return int(value) if -INTEGER_LIMIT <= value < INTEGER_LIMIT else f"integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if depth < DEPTH_LIMIT:
        if isinstance(value, Mapping):
            items = list(value.items())[:ITEM_LIMIT]
            return {clean_text(str(key), mask): clean(item, mask, depth + 1) for key, item in items}
        if isinstance(value, list | tuple | set | frozenset):
            return [clean(item, mask, depth + 1) for item in list(value)[:ITEM_LIMIT]]
    return clean_text(str(value), mask)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
