"""How principals are named: in one spelling, in letters that a catalogue file and a log line can hold."""

from __future__ import annotations

import re

PATTERN = r"[a-z0-9][a-z0-9._-]{0,63}"
_NAME = re.compile(PATTERN)


def principal_name(text: str) -> str:
    """Return the name of a principal in its one spelling; raises ``ValueError`` with what is allowed."""
    folded = text.strip().lower()
    if not _NAME.fullmatch(folded):
        raise ValueError("1 to 64 letters, digits, dots, hyphens or underscores, a letter or digit first")
    return folded
