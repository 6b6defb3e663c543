"""What a ranker is, and what it may ask of a catalogue.

Stands between the work stages and the catalogue: stages see only the ``Ranker`` protocol, rankers only the ``Library``.
Equal fingerprints mean equal rankings, on every machine.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Protocol

from service.explanations import Explanation
from service.messages import Brief, Ranking, Signal


class Library(Protocol):
    """One unchanging version of the catalogue."""

    @property
    def version(self) -> str: ...

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection; it is for reading only."""
        ...

    def signals(self, rows: Sequence[int]) -> list[Signal]:
        """Return the signals of row numbers, in the order given."""
        ...


class Ranker(Protocol):
    """Orders the signals of a library for a brief; safe to use from several threads."""

    @property
    def version(self) -> str:
        """Part of every fingerprint: changes when the order may change."""
        ...

    def rank(self, library: Library, brief: Brief) -> Ranking:
        """Return at most ``RANKING_LIMIT`` rows, best first; the same for the same library and brief."""
        ...

    def reasons(self, library: Library, brief: Brief, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches, in plain text of at most 200 characters."""
        ...

    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> Sequence[Explanation | None]:
        """Return what the relevance of each of these rows is made of; None for a row that this brief never had."""
        ...


def fingerprint(catalogue_version: str, ranker_version: str, brief: Brief) -> str:
    """Return 16 hex digits that stand for a ranking."""
    text = repr((catalogue_version, ranker_version, brief))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
