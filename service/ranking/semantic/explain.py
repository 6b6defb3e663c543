"""Why a signal matches, in words for people: "'vehicle' ~ Automotive; 'acquirers' ~ In market".

Names for each word asked for what answers it best in the signal: the word itself, or the name or category level whose
word is nearest in meaning. Plain text of at most 200 characters. What the signals of a page share is worked out once;
descriptions are read only where names and levels do not answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from service.ranking.semantic.index import Index
from service.ranking.semantic.intervals import Interval, fits, told
from service.ranking.semantic.places import is_place
from service.ranking.semantic.tokens import stem, tokens
from service.ranking.semantic.vectors import Floats, WordVectors
from service.ranking.semantic.wanted import Asked, Wanted
from service.ranking.words import STOP_WORDS

REASON_LIMIT = 200
_LEAST_COSINE = 0.3
_LEAST_DESCRIBED = 0.45  # a description holds many words, of which one is always near by chance
_SHORT = 2
_DESCRIBED = 40  # words of a description that are looked at
_NAMED = 200  # words of a name, and of a spec that may be one


class Described(Protocol):
    """What is looked at of a ``Signal``."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def path(self) -> tuple[str, ...]: ...
    @property
    def data_provider(self) -> str: ...
    @property
    def countries(self) -> tuple[str, ...]: ...


class Page:
    """Explains the signals of one page; ``year`` is the current one."""

    def __init__(self, index: Index, asked: Asked, year: int) -> None:
        self._vectors = index.words
        self._asked = asked
        self._year = year
        self._id = asked.spec.strip()
        self._name = _telling(tokens(asked.spec))
        self._stems = [{stem(word.meant), *map(stem, word.said.split())} for word in asked.words]
        self._denied = [f"not {' '.join(word.said for word in phrase)}" for phrase in asked.denied] or [
            f"not {_figures(one)}" for one in asked.denied_intervals
        ]

    def reason(self, signal: Described) -> str:
        """Return the reason, or an empty text where nothing can be named."""
        if self._id == signal.id:
            return "Its id was asked for."
        if self._name == _telling(_words(signal.name)):
            return "The name is what was asked for."
        fitting = list(_numbers(self._asked.intervals, signal, self._year))
        texts = Texts(self._vectors, signal)
        said: dict[str, None] = {}
        # Where only an absence is asked for, the words are those of what must not be there.
        for word, stems in () if self._asked.absence else zip(self._asked.words, self._stems, strict=True):
            found = _answer(texts, word, stems)
            if found and not (word.said.isdigit() and fitting):
                said[found] = None
        said |= dict.fromkeys(fitting)
        said |= dict.fromkeys(f"usable in {code}" for code in self._asked.countries if code in signal.countries)
        said |= dict.fromkeys(self._denied)
        return _cut("; ".join(said))


class Texts:
    """The texts of one signal, each looked at when it is asked for: what can be named whole, and the description.

    ``labels`` are the name and the levels from the last.
    """

    def __init__(self, vectors: WordVectors, signal: Described) -> None:
        self._signal = signal
        self._vectors = vectors
        self.labels = Text(vectors, [signal.name, *reversed(signal.path)])
        self._described: Text | None = None

    def all(self) -> Iterator[Text]:
        """Yield the texts in the order in which they are searched."""
        yield self.labels
        if self._signal.data_provider:
            yield Text(self._vectors, [self._signal.data_provider])
        yield self.described

    @property
    def described(self) -> Text:
        if self._described is None:
            words = tokens(self._signal.description)[:_DESCRIBED]
            self._described = Text(self._vectors, [word for word in words if word not in STOP_WORDS], whole=False)
        return self._described


class Text:
    """Words that can answer: those of some labels, or words that tell by themselves where they stand."""

    def __init__(self, vectors: WordVectors, labels: Sequence[str], *, whole: bool = True) -> None:
        self._vectors = vectors
        parts = [_words(label) for label in labels] if whole else [labels]
        self.words = [word for part in parts for word in part]
        self._labels = [label for label, part in zip(labels, parts, strict=True) for _ in part] if whole else labels
        # Backwards, so that of equal stems the first remains.
        self._places = dict(zip(map(stem, reversed(self.words)), range(len(self.words) - 1, -1, -1), strict=True))
        self._near: tuple[list[int], Floats] | None = None

    def holding(self, stems: set[str]) -> int | None:
        """Return the first place at which one of the stems stands."""
        return min((self._places[one] for one in stems & self._places.keys()), default=None)

    def nearest(self, rank: int, least: float) -> int | None:
        """Return the place whose word is nearest in meaning to that of a rank, if it is near enough."""
        if self._near is None:
            self._near = self._meanings()
        places, meanings = self._near
        if not places:
            return None
        near = meanings @ self._vectors.unit(rank)
        best = int(near.argmax())
        return places[best] if near[best] >= least else None

    def shown(self, place: int) -> str:
        """Return a name or level of at most two words, else the word of it that counts."""
        label = self._labels[place]
        return label if len(label.split()) <= _SHORT else self.words[place]

    def _meanings(self) -> tuple[list[int], Floats]:
        """Return the places of words that have a vector, and their vectors of length 1."""
        ranks = list(map(self._vectors.nearest_rank, self.words))
        places = [place for place, rank in enumerate(ranks) if rank >= 0 and self.words[place] not in STOP_WORDS]
        rows = [self._vectors.unit(ranks[place]) for place in places]
        width = self._vectors.width
        return places, np.concatenate(rows).reshape(-1, width) if rows else np.zeros((0, width), np.float32)


@lru_cache(maxsize=8_192)
def _words(label: str) -> tuple[str, ...]:
    """Return the words of a name, a level or a provider: most are met again and again."""
    return tuple(tokens(label))


def _telling(words: Sequence[str]) -> list[str]:
    """Return what names are compared by: their stems, less stop words."""
    return [stem(word) for word in words[:_NAMED] if word not in STOP_WORDS]


def _answer(texts: Texts, word: Wanted, stems: set[str]) -> str | None:
    """Return what answers a word: itself wherever it stands, else what means about the same. Who provides a signal, and
    words like "only", mean nothing here; and of a country only itself is meant."""
    for text in texts.all():
        place = text.holding(stems)
        if place is not None:
            return f"'{word.said}'" if text.words[place] == word.said else f"'{word.said}' ~ {text.shown(place)}"
    if word.filler or word.rank < 0 or is_place(word.said):
        return None
    for text, least in ((texts.labels, _LEAST_COSINE), (texts.described, _LEAST_DESCRIBED)):
        place = text.nearest(word.rank, least)
        if place is not None:
            return f"'{word.said}' ~ {text.shown(place)}"
    return None


def _numbers(wanted: tuple[Interval, ...], signal: Described, year: int) -> Iterator[str]:
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
