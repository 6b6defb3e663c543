"""The prices of a viewer by the documents of an index: they stand in the catalogue, the index knows the public ones."""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from service.messages import Brief
from service.ranking.ranker import Library
from service.ranking.semantic.facets import Own


class Prices(Protocol):
    """See ``catalogue.view.Prices``."""

    rows: object
    cpms: object
    currencies: list[str]


class View(Library, Protocol):
    """A library as a viewer sees it: ``catalogue.view.View``."""

    def prices(self) -> Prices: ...


def own_prices(library: Library, brief: Brief, rows: npt.NDArray[np.int64]) -> Own | None:
    """Return what documents cost the viewer of a brief; None where that is what they cost everybody.

    ``rows`` are the row numbers of the documents, ascending.
    """
    if not brief.viewer:
        return None
    prices = cast(View, library).prices()
    own = np.asarray(prices.rows, np.int64)
    if not len(own) or not len(rows):
        return None
    docs = np.minimum(np.searchsorted(rows, own), len(rows) - 1)
    known = np.flatnonzero(rows[docs] == own)
    amounts = np.asarray(prices.cpms, np.float64)[known].tolist()
    currencies = [prices.currencies[place] for place in known]
    return Own(docs[known].astype(np.int64), list(zip(amounts, currencies, strict=True)))
