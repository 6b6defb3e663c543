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

COLUMNS = ("kind", "data_provider", "price", "coverage", "countries", "platforms")
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


def within(chosen: Chosen | None, seen: Bools) -> Chosen:
    """Return what passes and may be seen."""
    if chosen is None:
        return Chosen(seen, {})
    return Chosen(chosen.passing & seen, {name: lack & seen for name, lack in chosen.lacking.items()})


class Facets:
    """The columns of an index."""

    def __init__(self, folder: Path) -> None:
        self._values: dict[str, list[Any]] = json.loads((folder / "facets.json").read_bytes())
        self.codes = {name: layout.load(folder, f"facet_{name}") for name in COLUMNS}

    def usable_in(self, countries: Sequence[str], docs: npt.NDArray[np.int64]) -> Bools:
        """Return which documents name one of the countries."""
        shares = _shares(set(countries))
        named = np.array([shares(value) for value in self._values["countries"]], bool)
        return np.asarray(named[self.codes["countries"][docs]])

    def choose(self, brief: Brief) -> Chosen | None:
        """Return who passes the filters of a brief; None if it has none."""
        tests = list(_tests(brief))
        if not tests:
            return None
        count = len(self.codes["kind"])
        failures = np.zeros(count, np.uint8)
        lacks: dict[str, Bools] = {}
        for name, column, passes, lacking in tests:
            values, codes = self._values[column], self.codes[column]
            failures += ~np.array([bool(passes(value)) for value in values], bool)[codes]
            if lacking is not None:
                lacks[name] = np.array([bool(lacking(value)) for value in values], bool)[codes]
        alone = failures == 1
        return Chosen(failures == 0, {name: lack & alone for name, lack in lacks.items()})


_Test = Callable[[Any], bool]


def _tests(brief: Brief) -> list[tuple[str, str, _Test, _Test | None]]:
    """Return name, column, what passes and what lacks the data, of each filter of a brief."""
    tests: list[tuple[str, str, _Test, _Test | None]] = []
    if brief.kinds:
        kinds = {kind.lower() for kind in brief.kinds}
        tests.append(("kinds", "kind", kinds.__contains__, None))
    if brief.data_providers:
        providers = {name.casefold() for name in brief.data_providers}
        tests.append(("data_providers", "data_provider", lambda value: value.casefold() in providers, None))
    if brief.max_cpm is not None:
        tests.append(("max_cpm", "price", _at_most(brief.max_cpm), lambda value: value[0] is None))
    if brief.min_coverage_percentage is not None:
        tests.append(("min_coverage_percentage", "coverage", _at_least(brief.min_coverage_percentage), _is_none))
    for name, wanted in (
        ("countries", {code.strip().upper() for code in brief.countries}),
        ("platforms", {platform.strip().lower() for platform in brief.platforms}),
    ):
        if wanted:
            tests.append((name, name, _shares(wanted), lambda value: value == ""))
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
