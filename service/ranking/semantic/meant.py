"""What is asked for by its very name or id: it comes first, whatever else there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.calibration import IDENTIFIED, NAMED

Docs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Meant:
    """``docs`` in their order; ``identified`` is the one whose id was said."""

    docs: Docs
    identified: int | None = None

    @classmethod
    def of(cls, called: Docs, identified: int | None) -> Meant:
        """Return documents of a name, and that of an id."""
        if identified is None:
            return cls(called)
        return cls(np.union1d(called, np.array([identified], np.int64)), identified)

    def among(self, docs: Docs) -> tuple[Docs, Docs]:
        """Return the places of those meant in ``docs``, which are in their order; and 2 for an id, 1 for a name."""
        if not len(self.docs) or not len(docs):
            return self.docs[:0], self.docs[:0]
        places = np.minimum(np.searchsorted(docs, self.docs), len(docs) - 1)
        found = docs[places] == self.docs
        return places[found], np.where(self.docs[found] == self.identified, 2, 1)

    def by(self, doc: int) -> Literal["id", "name"] | None:
        """Return by what a document was asked for."""
        if doc == self.identified:
            return "id"
        return "name" if doc in self.docs else None

    @staticmethod
    def least(called: Docs) -> npt.NDArray[np.float64]:
        """Return the least relevance of what is meant."""
        return np.where(called == 2, IDENTIFIED, NAMED)
