"""JSON as it is sent: compact, in UTF-8, and bytes that stand inside of a JSON text. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

_SPECIAL = re.compile(rb'["\\\x00-\x1f]')
_ESCAPED = {bytes([code]): json.dumps(chr(code))[1:-1].encode() for code in (*range(32), ord('"'), ord("\\"))}


def encoded(document: Any) -> bytes:
    """Return a document as compact JSON; half a character, which JSON can spell, is spelled again."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()


def escaped(raw: bytes) -> bytes:
    """Return UTF-8 as it stands inside the quotation marks of a JSON text."""
    return _SPECIAL.sub(lambda match: _ESCAPED[match[0]], raw)
