"""The ranker of those who see more than the public: public signals as ever, and their private ones among them.

Without a viewer it is the ranker beneath, and nothing private is touched. With one, the private signals are ranked
apart, in a catalogue of their own, filtered by the viewer's prices and merged by relevance: whatever is private to
others was never there to be counted.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, cast

from service.bounded import BoundedStore
from service.explanations import Explanation
from service.messages import RANKING_LIMIT, Brief, Ranking, Signal
from service.ranking.passing import PASSES, lack
from service.ranking.private import Meant, Private, PrivateRanker
from service.ranking.ranker import Library, Ranker

RANKERS_KEPT = 32


class View(Library, Protocol):
    """A library as a viewer sees it: ``catalogue.view.View``."""

    def overlay(self) -> Private | None: ...


class Viewing:
    """See ``Ranker``. ``public`` ranks what is public; ``meant`` tells how a version of it understands words, or None
    as long as it knows no meanings."""

    def __init__(self, public: Ranker, meant: Meant) -> None:
        self._public = public
        self._meant = meant
        self._rankers: BoundedStore[str, PrivateRanker] = BoundedStore(RANKERS_KEPT, RANKERS_KEPT)

    @property
    def version(self) -> str:
        return self._public.version

    def rank(self, library: Library, brief: Brief) -> Ranking:
        """Return the ranking of a brief as its viewer sees it."""
        public = self._public.rank(library, brief)
        private = _private(library, brief)
        if private is None:
            return public
        found, whole = self._ranker(private).relevance(self._meant(library.version), brief.spec)
        return _merged(public, found, private.own, brief, whole=whole)

    def reasons(self, library: Library, brief: Brief, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches."""
        said = self._public.reasons(library, brief, signals)
        private = _private(library, brief)
        if private is None:
            return said
        # Words that only private signals have are known to their own ranker alone.
        own = [signal for signal, why in zip(signals, said, strict=True) if not why and signal.id in private.ids]
        others = dict(zip([one.id for one in own], self._ranker(private).reasons(brief, own), strict=True))
        return [others.get(signal.id, why) for signal, why in zip(signals, said, strict=True)]

    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> list[Explanation | None]:
        """Return what the relevance of each public row is made of; of private ones, which are ranked apart, nothing."""
        public = [row for row in rows if row > 0]
        told = dict(zip(public, self._public.explanations(library, brief, public), strict=True)) if public else {}
        return [told.get(row) for row in rows]

    def _ranker(self, private: Private) -> PrivateRanker:
        ranker = self._rankers.get(private.version)
        if ranker is None:
            ranker = PrivateRanker(private)
            self._rankers.put(private.version, ranker, 1)
        return ranker


def _private(library: Library, brief: Brief) -> Private | None:
    return cast(View, library).overlay() if brief.viewer else None


def _merged(
    public: Ranking, found: Mapping[int, float], own: Mapping[int, Signal], brief: Brief, *, whole: bool
) -> Ranking:
    """Return the public ranking with the private signals that pass the brief's filters."""
    judged = {row: lack(own[row], brief) for row in found}
    left_out = Counter(public.left_out)
    left_out.update(lacking for lacking in judged.values() if lacking)
    passing = sorted(
        ((row, found[row]) for row, lacking in judged.items() if lacking == PASSES),
        key=lambda pair: (-pair[1], own[pair[0]].id),
    )
    rows, relevance = _interleaved(public, passing)
    count = None if public.total is None or not whole else public.total + len(passing)
    return replace(
        public,
        rows=array("q", rows[:RANKING_LIMIT]),
        relevance=array("d", relevance[:RANKING_LIMIT]),
        total=count if count is not None and count <= RANKING_LIMIT else None,
        left_out=dict(left_out),
        near=() if rows else public.near,
    )


def _interleaved(public: Ranking, passing: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """Return both orders as one, each kept; of equal relevance, what is the viewer's own comes first."""
    rows: list[int] = []
    relevance: list[float] = []
    place = 0
    for row, chance in zip(public.rows, public.relevance, strict=True):
        while place < len(passing) and passing[place][1] >= chance:
            rows.append(passing[place][0])
            relevance.append(passing[place][1])
            place += 1
        rows.append(row)
        relevance.append(chance)
    left = passing[place:]
    return rows + [row for row, _ in left], relevance + [chance for _, chance in left]
