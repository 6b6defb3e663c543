"""The JSON objects in a model's words: prose, code fences and thoughts around them are passed over. Pure.

Bounded whatever the text is: its length, how many beginnings are tried, and how deep an object may be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

LONGEST = 256 * 1024
"""Characters of an answer that are read at all; fifty places with reasons take a tenth of it."""

_BEGINNINGS = 32
_BEGINNING = re.compile(r"\{\s{0,200}\"")


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Yield every JSON object that begins in the text, in order, those inside of others too."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    for tried, beginning in enumerate(_BEGINNING.finditer(text)):
        if tried >= _BEGINNINGS:
            return
        try:
            found, _ = decoder.raw_decode(text, beginning.start())
        except (ValueError, RecursionError):
            continue
        yield found
