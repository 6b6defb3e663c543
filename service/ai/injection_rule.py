"""What one rule of the injection tables is.

A ``words`` pattern meets a text as folded words with single blanks (no accents, no punctuation), and once more without
the blanks; a ``marks`` pattern meets it with its punctuation. Quantifiers are bounded, so that no text can make them
slow. The two examples are held to their word by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """``stops`` is a text that this rule must catch; ``passes`` resembles it and no rule at all may catch it.

    ``claim``: the text claims a rank and gives no order, as an honest reason for a rank may do too.
    """

    name: str
    form: Literal["words", "marks"]
    pattern: str
    stops: str
    passes: str
    claim: bool = False
