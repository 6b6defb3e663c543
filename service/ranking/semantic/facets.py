"""What filters ask for, as numbers: each column holds a code a row, and one table of the distinct values.

A filter looks at the distinct values, of which there are few, and then at all rows at once. The meaning is that of
``service/ranking/filters.py``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.messages import Brief
from service.ranking.semantic import layout

COLUMNS = ("kind", "signal_type", "data_provider", "price", "coverage", "countries", "places")
Bools = npt.NDArray[np.bool_]


class Codes(dict[Any, int]):
    """Value -> code, in the order of first appearance."""

    def __missing__(self, value: Any) -> int:
        code = self[value] = len(self)
        return code


def smallest(codes: npt.NDArray[np.int64], distinct: int) -> npt.NDArray[Any]:
    """Return codes in the smallest type that holds them."""
    return codes.astype(np.uint8 if distinct <= 256 else np.uint16 if distinct <= 65_536 else np.uint32)


def standing(columns: Mapping[str, npt.NDArray[Any]], values: Mapping[str, Sequence[Any]]) -> npt.NDArray[np.int32]:
    """Return the place of each row among rows of equal score: the bigger coverage first, then the lower price, then
    by content. What is not known comes last."""
    coverage = np.array([-1.0 if value is None else value for value in values["coverage"]], np.float64)
    price = np.array([np.inf if value[0] is None else value[0] for value in values["price"]], np.float64)
    keys = (columns["ties"], price[columns["facet_price"]], -coverage[columns["facet_coverage"]])
    places = np.empty(len(columns["ties"]), np.int32)
    places[np.lexsort(keys)] = np.arange(len(places), dtype=np.int32)
    return places


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which documents pass, and what those lack that fail a single filter for want of data, by the filter's name."""

    passing: Bools
    lacking: dict[str, Bools]

    def any_lacking(self) -> Bools | None:
        """Return which documents fail for want of data alone; None if there is none."""
        lacking = np.logical_or.reduce(list(self.lacking.values())) if self.lacking else np.zeros(0, bool)
        return lacking if lacking.any() else None


@dataclass(frozen=True, slots=True)
class Own:
    """What some documents, ascending, cost the viewer in place of their price: an amount and its currency."""

    docs: npt.NDArray[np.int64]
    prices: list[tuple[float, str]]

    def over(self, docs: npt.NDArray[np.int64], prices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the prices of ``docs`` with these in place of the others."""
        if not len(self.docs):
            return prices
        places = np.minimum(np.searchsorted(self.docs, docs), len(self.docs) - 1)
        amounts = np.array([amount for amount, _ in self.prices])[places]
        return np.where(self.docs[places] == docs, amounts, prices)


class Facets:
    """The columns of an index."""

    def __init__(self, folder: Path) -> None:
        self._values: dict[str, list[Any]] = json.loads((folder / "facets.json").read_bytes())
        self.codes = {name: layout.load(folder, f"facet_{name}") for name in COLUMNS}
        self._coverage = np.array([-1.0 if v is None else v for v in self._values["coverage"]], np.float64)
        self._price = np.array([np.inf if v[0] is None else v[0] for v in self._values["price"]], np.float64)

    def coverage_of(self, docs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the coverage, -1 where it is not known."""
        return self._coverage[self.codes["coverage"][docs]]

    def price_of(self, docs: npt.NDArray[np.int64], own: Own | None = None) -> npt.NDArray[np.float64]:
        """Return the price, infinite where it is not known."""
        found = self._price[self.codes["price"][docs]]
        return found if own is None else own.over(docs, found)

    def usable_in(self, countries: Sequence[str], docs: npt.NDArray[np.int64]) -> Bools:
        """Return which documents name one of the countries."""
        shares = _shares(set(countries))
        named = np.array([shares(value) for value in self._values["countries"]], bool)
        return np.asarray(named[self.codes["countries"][docs]])

    def choose(self, brief: Brief, own: Own | None = None) -> Chosen | None:
        """Return who passes the filters of a brief, at the prices of its viewer; None if it has none."""
        tests = list(_tests(brief))
        if not tests:
            return None
        count = len(self.codes["kind"])
        failures = np.zeros(count, np.uint8)
        lacks: dict[str, Bools] = {}
        for name, column, passes, lacking in tests:
            values, codes = self._values[column], self.codes[column]
            passed = np.array([bool(passes(value)) for value in values], bool)[codes]
            if lacking is not None:
                lacks[name] = np.array([bool(lacking(value)) for value in values], bool)[codes]
            if column == "price" and own is not None:
                passed[own.docs] = [bool(passes(value)) for value in own.prices]
                lacks[name][own.docs] = False
            failures += ~passed
        alone = failures == 1
        return Chosen(failures == 0, {name: lack & alone for name, lack in lacks.items()})


_Test = Callable[[Any], bool]


def _tests(brief: Brief) -> list[tuple[str, str, _Test, _Test | None]]:
    """Return name, column, what passes and what lacks the data, of each filter of a brief."""
    tests: list[tuple[str, str, _Test, _Test | None]] = []
    if brief.kinds:
        kinds = {kind.lower() for kind in brief.kinds}
        tests.append(("kinds", "kind", kinds.__contains__, None))
    if brief.signal_types:
        tests.append(("signal_types", "signal_type", brief.signal_types.__contains__, None))
    if brief.data_providers:
        providers = {name.casefold() for name in brief.data_providers}
        tests.append(("data_providers", "data_provider", lambda value: value.casefold() in providers, None))
    if brief.max_cpm is not None:
        tests.append(("max_cpm", "price", _at_most(brief.max_cpm), lambda value: value[0] is None))
    if brief.min_coverage_percentage is not None:
        tests.append(("min_coverage_percentage", "coverage", _at_least(brief.min_coverage_percentage), _is_none))
    for name, column, wanted in (
        ("countries", "countries", {code.strip().upper() for code in brief.countries}),
        ("platforms", "places", {platform.strip().lower() for platform in brief.platforms}.union(brief.agents)),
    ):
        if wanted:
            tests.append((name, column, _shares(wanted), lambda value: value == ""))
    return [*tests, *_known(brief)]


def _known(brief: Brief) -> list[tuple[str, str, _Test, _Test | None]]:
    """Return the tests of who wants to know price and coverage of all signals, whatever they are."""
    if not brief.priced:
        return []
    tests: list[tuple[str, str, _Test, _Test | None]] = []
    if brief.max_cpm is None:
        tests.append(("priced", "price", lambda value: value[0] is not None, lambda value: value[0] is None))
    if brief.min_coverage_percentage is None:
        tests.append(("covered", "coverage", lambda value: value is not None, _is_none))
    return tests


def _is_none(value: Any) -> bool:
    return value is None


def _at_most(price: float) -> _Test:
    return lambda value: value[0] is not None and value[1] == "USD" and value[0] <= price


def _at_least(coverage: float) -> _Test:
    return lambda value: value is not None and value >= coverage


def _shares(wanted: set[str]) -> _Test:
    return lambda value: not wanted.isdisjoint(value.split(";"))


def left_out(chosen: Chosen, relevant: npt.NDArray[np.int64]) -> dict[str, int]:
    """Return how many of the relevant documents failed one filter only, for want of data, by the filter's name."""
    counts = Counter({name: int(lack[relevant].sum()) for name, lack in chosen.lacking.items()})
    return {name: count for name, count in counts.items() if count}
