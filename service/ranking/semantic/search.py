"""The meaning of a query as one vector, and how near documents are to it: the cosine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.index import Index
from service.ranking.semantic.meanings import SCALE
from service.ranking.semantic.vectors import Floats, normalised
from service.ranking.semantic.wanted import Wanted

Docs = npt.NDArray[np.int64]


def meaning(index: Index, wanted: Sequence[Wanted]) -> Floats:
    """Return the vector of the words together, of length 1, or 0 where none has a vector."""
    known = [word for word in wanted if word.rank >= 0]
    if not known:
        return np.zeros(index.words.width, np.float32)
    shares = np.array([word.share for word in known], np.float32)
    return normalised(shares @ np.array([index.words.row(word.rank) for word in known]))


def cosines(index: Index, query: Floats, docs: Docs) -> Floats:
    """Return the cosine of a query's vector with each document's."""
    if index.floats is not None:
        return np.asarray(index.floats @ query if len(docs) == index.count else index.floats[docs] @ query, np.float32)
    # The scale goes to the query: it has fewer numbers.
    return np.asarray(index.vectors.take(docs, axis=0).astype(np.float32) @ (query / np.float32(SCALE)), np.float32)


def vector_of(index: Index, doc: int) -> Floats:
    """Return the vector of a document, of length 1."""
    return np.asarray(index.vectors[doc].astype(np.float32) / np.float32(SCALE), np.float32)
