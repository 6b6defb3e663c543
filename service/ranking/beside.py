"""The ranker by meaning where processes rank beside the service: they are asked, and itself where none answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.explanations import Explanation
from service.messages import Brief, Ranking, Signal
from service.ranking import spelled
from service.ranking.choice import Meaning
from service.ranking.pool import Pool
from service.ranking.ranker import Library
from service.ranking.spelled import Told
from service.turns import Turns


@dataclass(frozen=True, slots=True)
class Beside:
    """See ``Meaning``: asks the processes, and ``here`` where none of them answers, or somebody's own prices count."""

    pool: Pool
    here: Meaning
    version: str
    turns: Turns

    def rank(self, library: Library, brief: Brief, version: str) -> Ranking:
        """Return the ranking."""
        answer = None if brief.viewer else self._ask("rank", spelled.brief(brief), version)
        if answer is None:
            return self.here.rank(library, brief, version)
        (told, said), numbers = answer
        self.pool.said.put((self.version, brief.spec), said, 1)
        return spelled.read_ranking(brief, told, numbers)

    def reasons(self, spec: str, signals: Sequence[Signal]) -> list[str]:
        """Return why each signal matches."""
        said = self.pool.said.get((self.version, spec)) or {}
        if all(one.id in said for one in signals):
            return [said[one.id] for one in signals]
        told = [Told(one.id, one.name, one.description, one.path, one.data_provider, one.countries) for one in signals]
        answer = self._ask("reasons", spec, told)
        return self.here.reasons(spec, signals) if answer is None else list(answer[0])

    def explanations(self, library: Library, brief: Brief, rows: Sequence[int]) -> Sequence[Explanation | None]:
        """Return what the relevance of each row is made of."""
        answer = None if brief.viewer else self._ask("explanations", spelled.brief(brief), list(rows))
        if answer is None:
            return self.here.explanations(library, brief, rows)
        return [spelled.read_explanation(one) for one in answer[0]]

    def _ask(self, name: str, *asked: Any) -> tuple[Any, bytes] | None:
        # Whoever waits for another process computes nothing.
        with self.turns.lent():
            return self.pool.ask(self.version, (name, self.version, *asked))
