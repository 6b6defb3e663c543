"""What one rule is: a row of the tables beside this module.

A pattern meets text that ``suspicion`` has already lowered, decoded and stripped to single blanks. It has bounded
quantifiers only, so that no text can make it slow. The two examples are held to their word by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Attack = Literal["xss", "sqli", "path-traversal", "code-injection"]


@dataclass(frozen=True, slots=True)
class Rule:
    """``stops`` is a text that this rule must catch; ``passes`` resembles it and no rule at all may catch it."""

    attack: Attack
    name: str
    pattern: str
    reason: str
    stops: str
    passes: str
