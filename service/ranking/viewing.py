"""The ranker of those who see more than the public: public signals as ever, and their private ones among them.

Without a viewer it is the ranker beneath, and nothing private is touched. With one, the private signals are ranked
apart, in a catalogue of their own, filtered by the viewer's prices and merged by relevance: whatever is private to
others was never there to be counted.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol, cast

from service.messages import RANKING_LIMIT, Brief, Ranking, Signal
from service.ranking.passing import PASSES, lack
from service.ranking.ranker import Library, Ranker

RANKERS_KEPT = 32


class Private(Library, Protocol):
    """What is private to a viewer: ``catalogue.overlay.Overlay``."""

    own: dict[int, Signal]
    ids: frozenset[str]

    def turn(self) -> AbstractContextManager[None]: ...


class View(Library, Protocol):
    """A library as a viewer sees it: ``catalogue.view.View``."""

    def overlay(self) -> Private | None: ...


class Viewing:
    """See ``Ranker``. ``public`` ranks what is public, ``make`` gives the ranker of what is private to one viewer."""

    def __init__(self, public: Ranker, make: Callable[[Private], Ranker]) -> None:
        self._public = public
        self._make = make
        self._rankers: OrderedDict[str, Ranker] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        return self._public.version

    def rank(self, library: Library, brief: Brief) -> Ranking:
        """Return the ranking of a brief as its viewer sees it."""
        public = self._public.rank(library, brief)
        private = cast(View, library).overlay() if brief.viewer else None
        if private is None:
            return public
        with private.turn():
            found = self._ranker(private).rank(private, Brief(brief.spec))
        return _merged(public, found, private, brief)

    def reasons(self, library: Library, brief: Brief, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches."""
        private = cast(View, library).overlay() if brief.viewer else None
        if private is None:
            return self._public.reasons(library, brief, signals)
        own = [signal for signal in signals if signal.id in private.ids]
        others = [signal for signal in signals if signal.id not in private.ids]
        with private.turn():
            said = dict(zip([one.id for one in own], self._ranker(private).reasons(private, brief, own), strict=True))
        said |= zip([one.id for one in others], self._public.reasons(library, brief, others), strict=True)
        return [said[signal.id] for signal in signals]

    def _ranker(self, private: Private) -> Ranker:
        with self._lock:
            ranker = self._rankers.get(private.version)
            if ranker is None:
                ranker = self._rankers[private.version] = self._make(private)
            self._rankers.move_to_end(private.version)
            while len(self._rankers) > RANKERS_KEPT:
                self._rankers.popitem(last=False)
            return ranker


def _merged(public: Ranking, found: Ranking, private: Private, brief: Brief) -> Ranking:
    """Return the public ranking with the private signals that pass the brief's filters."""
    judged = [(row, relevance, lack(private.own[row], brief)) for row, relevance in _own(found, private)]
    passing = [(row, relevance) for row, relevance, lacking in judged if lacking == PASSES]
    left_out = Counter(public.left_out)
    left_out.update(lacking for _, _, lacking in judged if lacking)
    rows, relevances = _interleaved(public, passing)
    whole = None if public.total is None or found.total is None else public.total + len(passing)
    return replace(
        public,
        rows=array("q", rows[:RANKING_LIMIT]),
        relevance=array("d", relevances[:RANKING_LIMIT]),
        total=whole if whole is not None and whole <= RANKING_LIMIT else None,
        left_out=dict(left_out),
        near=() if rows else public.near,
    )


def _own(found: Ranking, private: Private) -> list[tuple[int, float]]:
    return [pair for pair in zip(found.rows, found.relevance, strict=True) if pair[0] in private.own]


def _interleaved(public: Ranking, passing: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """Return both orders as one, each kept; of equal relevance, what is the viewer's own comes first."""
    rows: list[int] = []
    relevances: list[float] = []
    left = list(passing)
    for row, relevance in zip(public.rows, public.relevance, strict=True):
        while left and left[0][1] >= relevance:
            own, how = left.pop(0)
            rows.append(own)
            relevances.append(how)
        rows.append(row)
        relevances.append(relevance)
    return rows + [row for row, _ in left], relevances + [relevance for _, relevance in left]
