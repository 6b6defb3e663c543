"""The ranker that is always there: full text, typing errors and related words, with no model and no network.

Answers at once when the AI cannot; orders what the AI does not. Deterministic: the same catalogue and brief give the
same order on every machine. Keeps the vocabularies of the last two catalogue versions, nothing else.
"""

from __future__ import annotations

import heapq
import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from service.explanations import Explanation
from service.messages import RANKING_LIMIT, Brief, Ranking, Signal
from service.ranking import scoring
from service.ranking.anatomy import explained
from service.ranking.explain import explain, nearby
from service.ranking.plan import Plan, Planner, quoted
from service.ranking.ranker import Library, fingerprint
from service.ranking.retrieval import Found, Search
from service.ranking.vocabulary import Vocabulary
from service.ranking.words import stems, tokens

_VERSIONS = 2  # the one served, and the one that requests under way still hold
_NAMES_READ = 200  # rows, the best, whose names are compared with the query
_PHRASE_ROWS = 3_000  # rows looked at for words side by side
_PAIRS = 6


class LocalRanker:
    """See ``Ranker``."""

    version = "text-1"

    def __init__(self) -> None:
        self._vocabularies: OrderedDict[str, Vocabulary] = OrderedDict()
        self._lock = threading.Lock()

    def rank(self, library: Library, brief: Brief) -> Ranking:
        """Return the ranking of a brief; empty when neither a word of it nor one like it is in the catalogue."""
        plan = self._plan(library, brief)
        search = Search(library.connection(), brief)
        found = search.run(plan)
        _, relevant = self._relevant(search, found, plan, brief.spec)
        relevant = scoring.worth_showing(relevant, plan)
        left_out = _left_out(relevant, found)
        passing = {row: value for row, value in relevant.items() if row not in found.lacking}
        named = search.with_id(brief.spec) if brief.spec.isascii() else None
        if named is not None:
            passing[named] = 1.0
        best = heapq.nlargest(RANKING_LIMIT, passing, key=lambda row: (passing[row], -row))
        rows = scoring.order(passing, search.details(best))
        near = () if any(found.shares) else nearby(library.connection(), self._vocabulary(library), plan)
        return Ranking(
            brief=brief,
            catalogue_version=library.version,
            fingerprint=fingerprint(library.version, self.version, brief),
            rows=array("q", rows),
            relevance=array("d", (round(passing[row], 4) for row in rows)),
            total=None if len(passing) > RANKING_LIMIT or found.cut else len(passing),
            left_out=left_out,
            near=near,
        )

    def reasons(self, library: Library, brief: Brief, signals: Sequence[Signal]) -> list[str]:
        """Return which words of the brief each signal answers, and where."""
        plan = self._plan(library, brief)
        return [explain(plan, signal, brief.spec) for signal in signals]

    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> list[Explanation | None]:
        """Return what the relevance of each row is made of. Searches once more."""
        plan = self._plan(library, brief)
        search = Search(library.connection(), brief)
        found = search.run(plan)
        scored, relevant = self._relevant(search, found, plan, brief.spec)
        named = search.with_id(brief.spec) if brief.spec.isascii() else None
        return [explained(row, plan, found, scored, relevant, identified=row == named) for row in rows]

    def _plan(self, library: Library, brief: Brief) -> Plan:
        return Planner(self._vocabulary(library), library.connection()).plan(brief.spec)

    def _vocabulary(self, library: Library) -> Vocabulary:
        with self._lock:
            vocabulary = self._vocabularies.get(library.version)
            if vocabulary is None:
                vocabulary = self._vocabularies[library.version] = Vocabulary.read(library.connection())
            self._vocabularies.move_to_end(library.version)
            while len(self._vocabularies) > _VERSIONS:
                self._vocabularies.popitem(last=False)
            return vocabulary

    def _relevant(
        self, search: Search, found: Found, plan: Plan, spec: str
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Return score and relevance by row."""
        if not any(found.shares):
            return {}, {}
        scored = scoring.scores(found, plan, _side_by_side(search, plan))
        likely = heapq.nlargest(_NAMES_READ, scored, key=lambda row: (scored[row], -row))
        called = search.holding(f"name : ^ {quoted(*tokens(spec)[:32])}", _PHRASE_ROWS)[:_NAMES_READ]
        names = {row: about.name for row, about in search.details([*likely, *called]).items()}
        return scored, scoring.relevance(scored, names, plan, stems(spec))


def _side_by_side(search: Search, plan: Plan) -> list[tuple[int, int, list[int]]]:
    """Return for neighbouring words the rows that hold them as a phrase, in this order."""
    pairs: list[tuple[int, int, list[int]]] = []
    for left, right in pairwise(range(len(plan.groups))):
        words = plan.groups[left].text.split() + plan.groups[right].text.split()
        if plan.groups[left].variants and plan.groups[right].variants and len(pairs) < _PAIRS:
            pairs.append((left, right, search.holding(quoted(*words), _PHRASE_ROWS)))
    return pairs


def _left_out(relevant: Mapping[int, float], found: Found) -> dict[str, int]:
    """Return how many rows failed one filter only, for want of data, by the filter's name."""
    bits = Counter(found.lacking[row] for row in relevant if row in found.lacking)
    return {name: bits[1 << place] for place, name in enumerate(found.filter_names) if bits[1 << place]}
