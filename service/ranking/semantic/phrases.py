"""Words in quotation marks stand side by side: signals that hold them so come alone, if there are any.

Candidates that hold all the words are looked at in their texts, the best first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.ranking.ranker import Library
from service.ranking.semantic.index import Index
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.vectors import Floats

BONUS = 0.25
_QUOTED = re.compile(r'["\u201c\u201d]([^"\u201c\u201d]{2,100})["\u201c\u201d]')
_READ = 300
_TEXTS = "SELECT row, name, path, description FROM signals WHERE row IN (SELECT value FROM json_each(?))"

Docs = npt.NDArray[np.int64]
Stems = list[str]


def quoted(spec: str) -> list[Stems]:
    """Return the stems of each phrase in quotation marks."""
    phrases = ([stem(word) for word in tokens(text)] for text in _QUOTED.findall(spec))
    return [phrase for phrase in phrases if phrase]


def apply(index: Index, library: Library, phrases: Sequence[Stems], docs: Docs, scores: Floats) -> Floats:
    """Return the scores, those without a phrase at minus infinity; the same where no signal has them all."""
    numbers = {index.vocabulary.numbers.get(word) for phrase in phrases for word in phrase}
    if None in numbers:
        return scores
    held = np.ones(len(docs), bool)
    for number in numbers:
        held &= index.impacts_of(number or 0, docs.astype(np.int32)) > 0
    places = np.flatnonzero(held)
    best = places[np.argsort(-scores[places], kind="stable")][:_READ]
    rows = [int(row) for row in index.rows[docs[best]]]
    texts = {row: said for row, *said in library.connection().execute(_TEXTS, (json.dumps(rows),))}
    having = [place for place, row in zip(best, rows, strict=True) if _holds(texts[row], phrases)]
    if not having:
        return scores
    found = np.full_like(scores, -np.inf)
    found[having] = scores[having] + np.float32(BONUS)
    return found


def _holds(texts: Sequence[str], phrases: Sequence[Stems]) -> bool:
    cut = [[stem(word) for word in tokens(text)] for text in texts]
    return all(any(_within(phrase, words) for words in cut) for phrase in phrases)


def _within(phrase: Stems, words: Stems) -> bool:
    size = len(phrase)
    return any(words[start : start + size] == phrase for start in range(len(words) - size + 1))
