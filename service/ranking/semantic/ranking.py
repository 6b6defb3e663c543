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

from service.explanations import Explanation
from service.messages import RANKING_LIMIT, Brief, Ranking
from service.ranking.ranker import Library, fingerprint
from service.ranking.semantic import anatomy, calibration, denial, diversity, phrases, scoring
from service.ranking.semantic.candidates import Retrieval
from service.ranking.semantic.chunks import named
from service.ranking.semantic.explain import Described, Page
from service.ranking.semantic.facets import Chosen, Own, left_out
from service.ranking.semantic.found import Found
from service.ranking.semantic.index import Index
from service.ranking.semantic.meant import Meant
from service.ranking.semantic.own_prices import own_prices
from service.ranking.semantic.reading import Reader
from service.ranking.semantic.search import cosines, meaning
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.wanted import Asked

_APART = 100  # so far above all others stands what was asked for by its name or id
GRAIN = 0.005
"""Scores that differ by less are equal: then coverage and price decide."""

REHEARSED = 24
"""Searches before an index is taken into use."""

Docs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


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
        meant = self._meant(library, brief.spec)
        found = self.find(library, asked, meant, None if chosen is None else chosen.passing)
        docs, relevance = self._order(found, meant, own)
        # Of a big index only the candidates were looked at: nobody knows how many more would fit.
        known = len(docs) <= RANKING_LIMIT and (self.index.looks_at_all or not len(docs))
        return Ranking(
            brief=brief,
            catalogue_version=library.version,
            fingerprint=fingerprint(library.version, version, brief),
            rows=array("q", self.index.rows.take(docs[:RANKING_LIMIT]).astype(np.int64).tobytes()),
            relevance=array("d", np.round(relevance[:RANKING_LIMIT], 4).tobytes()),
            total=len(docs) if known else None,
            left_out=self._left_out(library, asked, meant, chosen),
            near=() if len(docs) or asked.absence or _filtered(asked, chosen) else self.near(asked),
        )

    def rehearse(self, library: Library) -> None:
        """Search for frequent words of the catalogue, so that nobody who asks first waits for memory to be mapped."""
        for word in self.index.vocabulary.frequent(REHEARSED):
            self.rank(library, Brief(word), "")

    def reasons(self, spec: str, signals: Sequence[Described]) -> list[str]:
        """Return why each signal matches, in words and meanings."""
        asked = self.read(spec)
        return list(map(Page(self.index, asked, self.year).reason, signals))

    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> list[Explanation | None]:
        """Return what the relevance of each row is made of. Searches once more."""
        with self.index.turns:
            asked, meant = self.read(brief.spec), self._meant(library, brief.spec)
            chosen = self.index.facets.choose(brief, own_prices(library, brief, self.index.rows))
            found = self.find(library, asked, meant, None if chosen is None else chosen.passing)
            places = {row: place for place, row in enumerate(self.index.rows[found.docs].tolist())}
            return [anatomy.explained(self.index, asked, meant, found, places.get(row)) for row in rows]

    def find(self, library: Library, asked: Asked, meant: Meant, passing: npt.NDArray[np.bool_] | None) -> Found:
        """Return the candidates with their scores."""
        index = self.index
        vector = meaning(index, asked.words)
        docs, held = Retrieval(index).run(asked, vector, meant.docs, passing)
        parts = scoring.parts(index, asked, docs, cosines(index, vector, docs), np.add.reduce(held, axis=0))
        scores = parts.total
        raised: dict[str, Floats] = {}
        if scores.max(initial=-np.inf) < calibration.STRONG:
            scores = calibration.lifted(scores, scoring.present(index, asked, docs))
            raised["bare_words"] = scores
        sayings = phrases.quoted(asked.spec)
        if sayings:
            raised["quotation"] = scores = phrases.apply(index, library, sayings, docs, scores)
        if asked.denied or asked.denied_intervals:
            raised["absence"] = scores = denial.apply(index, library, asked, docs, scores)
        return Found(docs, held, parts, scores, raised)

    def _by(self, own: Own, docs: Docs, grains: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the order of documents for somebody with prices of their own, whose standing is another."""
        facets = self.index.facets
        return np.lexsort((self.index.standing[docs], facets.price_of(docs, own), -facets.coverage_of(docs), -grains))

    def _order(self, found: Found, meant: Meant, own: Own | None) -> tuple[Docs, npt.NDArray[np.float64]]:
        """Return the documents worth showing in their order, with their relevance."""
        relevance, scores = calibration.relevance(found.scores), found.scores
        places, called = meant.among(found.docs)
        if len(places):
            relevance[places] = np.maximum(relevance[places], meant.least(called))
            # Whatever else the name of a signal says, by its name it was asked for.
            scores = scores.copy()
            scores[places] = np.maximum(scores[places], 0.0) + _APART * called
        if relevance.max(initial=0.0) < calibration.BEST_FLOOR:
            return found.docs[:0], relevance[:0]
        kept = np.flatnonzero(relevance >= calibration.FLOOR)
        docs, kept_scores = found.docs.take(kept), scores.take(kept)
        grains = np.round(kept_scores / GRAIN).astype(np.int64)
        standing = self.index.standing.take(docs)
        order = np.argsort(standing - (grains << 32)) if own is None else self._by(own, docs, grains)
        docs = docs.take(order)
        spread = diversity.spread(self.index.concepts(docs), kept_scores.take(order))
        # What makes way for others is no more relevant than they are, as far as anybody can see.
        return docs.take(spread), np.minimum.accumulate(relevance.take(kept.take(order).take(spread)))

    def _meant(self, library: Library, spec: str) -> Meant:
        """Return the documents that are asked for by their name or id, whether they pass the filters or not."""
        called = self.index.called(named(spec))
        row = None
        if spec.isascii():
            row = library.connection().execute("SELECT row FROM signals WHERE id = ?", (spec.strip(),)).fetchone()
        return Meant.of(called, None if row is None else int(np.searchsorted(self.index.rows, row[0])))

    def _left_out(self, library: Library, asked: Asked, meant: Meant, chosen: Chosen | None) -> dict[str, int]:
        """Return how many relevant signals failed one filter only, for want of data."""
        lacking = None if chosen is None else chosen.any_lacking()
        if chosen is None or lacking is None:
            return {}
        found = self.find(library, asked, meant, lacking)
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
