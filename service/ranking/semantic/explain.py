"""Why a signal matches, in words for people: "'vehicle' ~ Automotive; 'acquirers' ~ In market".

Names for each word asked for what answers it best in the signal: the word itself, or the name or category level whose
word is nearest in meaning. Plain text of at most 200 characters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from service.messages import Signal
from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval, fits, told
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.vectors import normalised
from service.ranking.semantic.wanted import Asked, Wanted

REASON_LIMIT = 200
_LEAST_COSINE = 0.3
_SHORT = 28
_DESCRIBED = 40  # words of a description that are looked at


def explain(index: Index, asked: Asked, signal: Signal, year: int) -> str:
    """Return the reason, or an empty text where nothing can be named."""
    if asked.spec.strip() == signal.id:
        return "Its id was asked for."
    places = list(_places(signal))
    if places and [stem(word) for word in tokens(asked.spec)] == [stem(word) for word in places[0][1]]:
        return "The name is what was asked for."
    said: dict[str, None] = {}
    for word in asked.words:
        found = _answer(index, word, places)
        if found:
            said[found] = None
    said |= dict.fromkeys(_numbers(asked.intervals, signal, year))
    said |= dict.fromkeys(f"not {' '.join(word.said for word in phrase)}" for phrase in asked.denied)
    return _cut("; ".join(said))


def _places(signal: Signal) -> Iterator[tuple[str, list[str]]]:
    """Yield what can be named, with its words: name, levels from the last, the words of the description."""
    yield signal.name, tokens(signal.name)
    for level in reversed(signal.path):
        yield level, tokens(level)
    for word in tokens(signal.description)[:_DESCRIBED]:
        yield word, [word]
    if signal.data_provider:
        yield signal.data_provider, tokens(signal.data_provider)


def _answer(index: Index, word: Wanted, places: list[tuple[str, list[str]]]) -> str | None:
    wanted = {stem(word.meant), *(stem(part) for part in word.said.split())}
    for label, words in places:
        for one in words:
            if stem(one) in wanted:
                return f"'{word.said}'" if one == word.said else f"'{word.said}' ~ {_shown(label, one)}"
    return None if word.filler or word.rank < 0 else _nearest(index, word, places)


def _nearest(index: Index, word: Wanted, places: list[tuple[str, list[str]]]) -> str | None:
    ranked = [
        (label, one, rank) for label, words in places for one in words if (rank := index.words.nearest_rank(one)) >= 0
    ]
    if not ranked:
        return None
    rows = normalised(index.words.rows([rank for _, _, rank in ranked]))
    near = rows @ normalised(index.words.rows([word.rank]))[0]
    best = int(np.argmax(near))
    return f"'{word.said}' ~ {_shown(ranked[best][0], ranked[best][1])}" if near[best] >= _LEAST_COSINE else None


def _shown(label: str, word: str) -> str:
    """Return a name or level that is short, else the word of it that counts."""
    return label if len(label) <= _SHORT else word


def _numbers(wanted: tuple[Interval, ...], signal: Signal, year: int) -> Iterator[str]:
    held = told(signal.name, " > ".join(signal.path), year) if wanted else None
    if held is None:
        return
    low, high = np.array([held.low]), np.array([held.high])
    if any(one.kind == held.kind and fits(one, low, high)[0] > 0 for one in wanted):
        yield f"{held.kind.name.lower().replace('_', ' ')} fits"


def _cut(text: str) -> str:
    return text if len(text) <= REASON_LIMIT else text[: REASON_LIMIT - 1].rsplit(";", 1)[0].rstrip() + "…"
