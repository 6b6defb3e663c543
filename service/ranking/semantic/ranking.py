"""One ranking by meaning: from a brief to ordered rows, over one index.

Understand, retrieve, score, rule out, calibrate, order, spread. Deterministic: ties go to the bigger coverage, then to
the lower price, then by the signal's content.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.messages import RANKING_LIMIT, Brief, Ranking, Signal
from service.ranking.ranker import Library, fingerprint
from service.ranking.semantic import calibration, denial, diversity, phrases, scoring
from service.ranking.semantic.chunks import named
from service.ranking.semantic.explain import explain
from service.ranking.semantic.facets import Chosen, Own, left_out
from service.ranking.semantic.index import Index
from service.ranking.semantic.own_prices import own_prices
from service.ranking.semantic.search import Retrieval, cosines, meaning
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.wanted import Asked, Reader

_APART = 100.0  # so far above all others stands what was asked for by its name or id
GRAIN = 0.005
"""Scores that differ by less are equal: then coverage and price decide."""

Docs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """Documents with the parts of their scores and the final score; not ordered."""

    docs: Docs
    parts: scoring.Parts
    scores: Floats

    def told(self, place: int | None) -> dict[str, float]:
        """Return the parts of one document's score by name."""
        columns = self.parts.named() | {"score": self.scores}
        return {name: 0.0 if place is None else round(float(column[place]), 4) for name, column in columns.items()}


@dataclass(frozen=True, slots=True)
class Semantic:
    """Ranks over ``index``; ``year`` is the current one."""

    index: Index
    synonyms: Synonyms
    year: int

    def read(self, spec: str) -> Asked:
        """Return what a spec asks for."""
        return Reader(self.index, self.synonyms, self.year).read(spec)

    def rank(self, library: Library, brief: Brief, version: str) -> Ranking:
        """Return the ranking; ``version`` is the ranker's."""
        with self.index.turns:
            return self._rank(library, brief, version)

    def _rank(self, library: Library, brief: Brief, version: str) -> Ranking:
        asked = self.read(brief.spec)
        own = own_prices(library, brief, self.index.rows)
        chosen = self.index.facets.choose(brief, own)
        passing = None if chosen is None else chosen.passing
        found = self.find(library, asked, passing)
        docs, relevance = self._order(asked, found, self._identified(library, brief.spec, passing), own)
        total = None if len(docs) > RANKING_LIMIT else len(docs)
        return Ranking(
            brief=brief,
            catalogue_version=library.version,
            fingerprint=fingerprint(library.version, version, brief),
            rows=array("q", self.index.rows[docs[:RANKING_LIMIT]].tolist()),
            relevance=array("d", np.round(relevance[:RANKING_LIMIT], 4).tolist()),
            total=total,
            left_out=self._left_out(library, asked, chosen),
            near=() if len(docs) or _filtered(asked, chosen) else self.near(asked),
        )

    def reasons(self, spec: str, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches, in words and meanings."""
        asked = self.read(spec)
        return [explain(self.index, asked, signal, self.year) for signal in signals]

    def anatomy(self, library: Library, spec: str, rows: Sequence[int]) -> list[dict[str, float]]:
        """Return the parts that make up the score of each row, by name, and the score; 0 for rows never considered."""
        with self.index.turns:
            found = self.find(library, self.read(spec), None)
        places = {int(row): place for place, row in enumerate(self.index.rows[found.docs])}
        return [found.told(places.get(row)) for row in rows]

    def find(self, library: Library, asked: Asked, passing: npt.NDArray[np.bool_] | None) -> Found:
        """Return the candidates with their scores."""
        index = self.index
        vector = meaning(index, asked.words)
        docs, strengths = Retrieval(index).run(asked, vector, passing)
        parts = scoring.parts(index, asked, docs, cosines(index, vector, docs), strengths)
        scores = parts.total
        if scores.max(initial=-np.inf) < calibration.STRONG:
            scores = calibration.lifted(scores, scoring.present(index, asked, docs))
        sayings = phrases.quoted(asked.spec)
        if sayings:
            scores = phrases.apply(index, library, sayings, docs, scores)
        if asked.denied:
            scores = denial.apply(index, library, asked.denied, docs, scores)
        return Found(docs, parts, scores)

    def _order(
        self, asked: Asked, found: Found, identified: int | None, own: Own | None
    ) -> tuple[Docs, npt.NDArray[np.float64]]:
        """Return the documents worth showing in their order, with their relevance."""
        relevance = calibration.relevance(found.scores)
        meant = np.isin(found.docs, self.index.called(named(asked.spec))) + 2.0 * (found.docs == identified)
        relevance = np.maximum(
            relevance, np.select([meant >= 2, meant == 1], [calibration.IDENTIFIED, calibration.NAMED])
        )
        if relevance.max(initial=0.0) < calibration.BEST_FLOOR:
            return found.docs[:0], relevance[:0]
        kept = np.flatnonzero(relevance >= calibration.FLOOR)
        docs, relevance, scores = found.docs[kept], relevance[kept], found.scores[kept]
        # Whatever else the name of a signal says, by its name it was asked for.
        scores = np.where(meant[kept] > 0, np.maximum(scores, 0.0) + _APART * meant[kept], scores)
        facets = self.index.facets
        keys = (self.index.ties[docs], facets.price_of(docs, own), -facets.coverage_of(docs), -np.round(scores / GRAIN))
        order = np.lexsort(keys)
        docs, relevance, scores = docs[order], relevance[order], scores[order]
        spread = diversity.spread(self.index.concepts(docs), scores.astype(np.float32))
        # What makes way for others is no more relevant than they are, as far as anybody can see.
        return docs[spread], np.minimum.accumulate(relevance[spread])

    def _identified(self, library: Library, spec: str, passing: npt.NDArray[np.bool_] | None) -> int | None:
        """Return the document whose id is asked for, if it passes the filters."""
        if not spec.isascii():
            return None
        row = library.connection().execute("SELECT row FROM signals WHERE id = ?", (spec.strip(),)).fetchone()
        if row is None:
            return None
        doc = int(np.searchsorted(self.index.rows, row[0]))
        return doc if passing is None or passing[doc] else None

    def _left_out(self, library: Library, asked: Asked, chosen: Chosen | None) -> dict[str, int]:
        """Return how many relevant signals failed one filter only, for want of data."""
        lacking = None if chosen is None else chosen.any_lacking()
        if chosen is None or lacking is None:
            return {}
        found = self.find(library, asked, lacking)
        relevance = calibration.relevance(found.scores)
        if relevance.max(initial=0.0) < calibration.BEST_FLOOR:
            return {}
        return left_out(chosen, found.docs[relevance >= calibration.FLOOR])

    def near(self, asked: Asked) -> tuple[str, ...]:
        """Return at most five words of the catalogue that are like what is asked, in spelling or in meaning."""
        return self.index.vocabulary.like([word.said for word in asked.words])


def _filtered(asked: Asked, chosen: Chosen | None) -> bool:
    """Return whether it may be for the filters, not for the words, that nothing was found."""
    return chosen is not None and any(word.terms for word in asked.words)
