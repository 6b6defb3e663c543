"""Ranks what is private to one viewer: by its words, and by its meaning where the public signals are ranked so.

The better of the two counts, for both tell on the same scale how likely a signal is what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from service.messages import Brief, Signal
from service.ranking.local import LocalRanker
from service.ranking.ranker import Library

if TYPE_CHECKING:
    from service.ranking.semantic.few import Few
    from service.ranking.semantic.ranking import Semantic

Meant = Callable[[str], "Semantic | None"]
"""``(version of the catalogue)``: what ranks it by meaning, if anything does by now."""


class Private(Library, Protocol):
    """What is private to a viewer: ``catalogue.overlay.Overlay``. One thread at a time may search it."""

    own: dict[int, Signal]
    ids: frozenset[str]

    def turn(self) -> AbstractContextManager[None]: ...


class PrivateRanker:
    """Over one ``Private``; safe to use from several threads."""

    def __init__(self, private: Private) -> None:
        self._private = private
        self._text = LocalRanker()
        self._few: Few | None = None

    def relevance(self, meant: Semantic | None, spec: str) -> tuple[dict[int, float], bool]:
        """Return the relevance 0-1 of those worth showing, by row, and whether these are all."""
        private = self._private
        with private.turn():
            ranking = self._text.rank(private, Brief(spec))
            # The others stand there for the weight of words alone.
            ranked = zip(ranking.rows, ranking.relevance, strict=True)
            found = {row: chance for row, chance in ranked if row in private.own}
            if meant is not None:
                for row, chance in self._by_meaning(meant).relevance(meant, spec).items():
                    found[row] = max(found.get(row, 0.0), round(chance, 4))
        return found, ranking.total is not None

    def reasons(self, brief: Brief, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches, by its words."""
        with self._private.turn():
            return self._text.reasons(self._private, brief, signals)

    def _by_meaning(self, meant: Semantic) -> Few:
        if self._few is None:
            from service.ranking.semantic.few import Few  # brings numpy, which is loaded behind the first answer

            self._few = Few(meant.index.words, self._private.own)
        return self._few
