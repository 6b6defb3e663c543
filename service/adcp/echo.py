"""The caller's ``context`` as it was sent, byte for byte: found in the message, not encoded anew. Pure.

Numbers keep their digits and texts their escapes, whatever a parser would make of them.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]

_BLANKS = re.compile(r"[ \t\n\r]*")
_SCAN = json.JSONDecoder().raw_decode
CONTEXT = ("params", "arguments", "context")
_KEY = '"context"'


def raw_context(body: bytes) -> bytes | None:
    """Return the bytes of ``params.arguments.context`` of a message that was parsed before and has one."""
    text = body.decode()
    if "\\u" not in text and text.count(_KEY) == 1:
        # Nothing else can be the one that was parsed.
        at = _skip(text, _skip(text, text.index(_KEY) + len(_KEY)) + 1)
        return text[at : _SCAN(text, at)[1]].encode()
    found = raw_member(text, CONTEXT)
    return None if found is None else found.encode()


def raw_member(text: str, path: tuple[str, ...]) -> str | None:
    """Return the text of the member at ``path`` of a JSON document that is known to be sound; None if there is none."""
    at = _skip(text, 0)
    for name in path:
        if text[at] != "{":
            return None
        found = _member(text, at, name)
        if found is None:
            return None
        at = found
    return text[at : _SCAN(text, at)[1]]


def _member(text: str, at: int, wanted: str) -> int | None:
    """Return where the value of an object's member begins; ``at`` is its brace."""
    at = _skip(text, at + 1)
    while text[at] == '"':
        name, at = scanstring(text, at + 1)
        at = _skip(text, _skip(text, at) + 1)
        if name == wanted:
            return at
        at = _skip(text, _SCAN(text, at)[1])
        if text[at] == "}":
            return None
        at = _skip(text, at + 1)
    return None


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return at if found is None else found.end()
