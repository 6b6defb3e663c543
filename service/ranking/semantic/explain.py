"""Why a signal matches, in words for people: "'vehicle' ~ Automotive; 'acquirers' ~ In market".

Names for each word asked for what answers it best in the signal: the word itself, or the name or category level whose
word is nearest in meaning. Plain text of at most 200 characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from service.messages import Signal
from service.ranking.semantic.chunks import named
from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval, fits, told
from service.ranking.semantic.places import is_place
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.wanted import Asked, Wanted
from service.ranking.words import STOP_WORDS

REASON_LIMIT = 200
_LEAST_COSINE = 0.3
_LEAST_DESCRIBED = 0.45  # a description holds many words, of which one is always near by chance
_SHORT = 2
_DESCRIBED = 40  # words of a description that are looked at


class Place(NamedTuple):
    """One word of a signal that can answer: ``label`` is the name, the level or the word that tells where it stands."""

    label: str
    word: str
    stem: str
    rank: int


def explain(index: Index, asked: Asked, signal: Signal, year: int) -> str:
    """Return the reason, or an empty text where nothing can be named."""
    if asked.spec.strip() == signal.id:
        return "Its id was asked for."
    if named(asked.spec) == named(signal.name):
        return "The name is what was asked for."
    labels = [signal.name, *reversed(signal.path)]
    places, described = _places(index, labels), _places(index, _described(signal))
    provider = _places(index, [signal.data_provider] if signal.data_provider else [])
    fitting = list(_numbers(asked.intervals, signal, year))
    said: dict[str, None] = {}
    for word in () if asked.absence else asked.words:
        found = _answer(index, word, places, described, provider)
        if found and not (word.said.isdigit() and fitting):
            said[found] = None
    said |= dict.fromkeys(fitting)
    said |= dict.fromkeys(f"usable in {code}" for code in asked.countries if code in signal.countries)
    said |= dict.fromkeys(f"not {' '.join(word.said for word in phrase)}" for phrase in asked.denied)
    if not asked.denied:
        said |= dict.fromkeys(f"not {_figures(one)}" for one in asked.denied_intervals)
    return _cut("; ".join(said))


def _described(signal: Signal) -> list[str]:
    return [word for word in tokens(signal.description)[:_DESCRIBED] if word not in STOP_WORDS]


def _places(index: Index, labels: Sequence[str]) -> list[Place]:
    ranked = index.words.nearest_rank
    return [Place(label, word, stem(word), ranked(word)) for label in labels for word in tokens(label)]


def _answer(
    index: Index, word: Wanted, places: list[Place], described: list[Place], provider: list[Place]
) -> str | None:
    """Return what answers a word: itself wherever it stands, else what means about the same. Who provides a signal, and
    words like "only", mean nothing here; and of a country only itself is meant."""
    wanted = {stem(word.meant), *(stem(part) for part in word.said.split())}
    for place in (*places, *provider, *described):
        if place.stem in wanted:
            return f"'{word.said}'" if place.word == word.said else f"'{word.said}' ~ {_shown(place)}"
    if word.filler or word.rank < 0 or is_place(word.said):
        return None
    near = _nearest(index, word, places, _LEAST_COSINE) or _nearest(index, word, described, _LEAST_DESCRIBED)
    return near and f"'{word.said}' ~ {near}"


def _nearest(index: Index, word: Wanted, places: list[Place], least: float) -> str | None:
    """Return the place whose word is nearest in meaning, if it is near enough."""
    ranked = [place for place in places if place.rank >= 0 and place.word not in STOP_WORDS]
    if not ranked:
        return None
    unit = index.words.unit
    near = np.stack([unit(place.rank) for place in ranked]) @ unit(word.rank)
    best = int(np.argmax(near))
    return _shown(ranked[best]) if near[best] >= least else None


def _shown(place: Place) -> str:
    """Return a name or level of at most two words, else the word of it that counts."""
    return place.label if len(place.label.split()) <= _SHORT else place.word


def _numbers(wanted: tuple[Interval, ...], signal: Signal, year: int) -> Iterator[str]:
    held = told(signal.name, " > ".join(signal.path), year) if wanted else None
    if held is None:
        return
    low, high = np.array([held.low]), np.array([held.high])
    if any(one.kind == held.kind and fits(one, low, high)[0] > 0 for one in wanted):
        yield f"{held.kind.name.lower().replace('_', ' ')} fits"


def _figures(interval: Interval) -> str:
    """Return an interval in words: "age 50 and over", "income under 50,000"."""
    kind = interval.kind.name.lower().replace("_", " ")
    if np.isinf(interval.high):
        return f"{kind} {interval.low:,.0f} and over"
    return (
        f"{kind} {interval.low:,.0f} to {interval.high:,.0f}" if interval.low else f"{kind} under {interval.high:,.0f}"
    )


def _cut(text: str) -> str:
    return text if len(text) <= REASON_LIMIT else text[: REASON_LIMIT - 1].rsplit(";", 1)[0].rstrip() + "…"
