"""The local ranker: by meaning where the index of a catalogue is ready, by full text until then and without.

Which of the two is settled by the version of the library alone: it changes when an index becomes ready
(``indexing.py``), so rankings of the one are never taken for rankings of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from service.explanations import Explanation
from service.messages import Brief, Ranking, Signal
from service.ranking.ranker import Library, Ranker


class Meaning(Protocol):
    """``semantic.ranking.Semantic``, not imported here: numpy is loaded behind the first answer."""

    def rank(self, library: Library, brief: Brief, version: str) -> Ranking: ...
    def reasons(self, spec: str, signals: Sequence[Signal]) -> list[str]: ...
    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> Sequence[Explanation | None]: ...


class Choice:
    """See ``Ranker``. ``ready`` returns what ranks by meaning over a version of the catalogue, or None."""

    version = "semantic-1"

    def __init__(self, fallback: Ranker, ready: Callable[[str], Meaning | None]) -> None:
        self._fallback = fallback
        self._ready = ready

    def rank(self, library: Library, brief: Brief) -> Ranking:
        """Return the ranking of a brief by the better of the two."""
        meaning = self._ready(library.version)
        if meaning is None:
            return self._fallback.rank(library, brief)
        return meaning.rank(library, brief, self.version)

    def reasons(self, library: Library, brief: Brief, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches, as the same ranker sees it."""
        meaning = self._ready(library.version)
        if meaning is None:
            return self._fallback.reasons(library, brief, signals)
        return meaning.reasons(brief.spec, signals)

    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> Sequence[Explanation | None]:
        """Return what the same ranker made the relevance of each row of."""
        return (self._ready(library.version) or self._fallback).explanations(library, brief, rows)
