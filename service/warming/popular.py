"""What has been asked most in the last day, so that it can be kept warm: a bounded count of briefs that fades.

``note`` is called for every answered question and must cost next to nothing: a count is kept as it would weigh at one
moment for all, growing with the time since then instead of every older one shrinking (forward decay, Cormode et al.
2009). When the table is full the lighter half is forgotten, so that strangers cannot push out what is popular.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from heapq import nlargest
from typing import Any

from service.messages import Brief, Query

HALF_LIFE_SECONDS = 6 * 3600.0
KEPT = 4000
SAVED = 200
MORE_THAN_ONCE = 1.0
_LONGEST = 30.0  # half-lives that a weight may grow before all are brought down again


class Popular:
    """Counts first pages of briefs; thread-safe. ``now`` is monotonic seconds."""

    def __init__(
        self, now: Callable[[], float], kept: int = KEPT, half_life_seconds: float = HALF_LIFE_SECONDS
    ) -> None:
        self._now = now
        self._kept = kept
        self._half_life = half_life_seconds
        self._begun = now()
        self._weights: dict[Brief, float] = {}
        self._lock = threading.Lock()

    def note(self, query: Query) -> None:
        """Count a question of a client; deeper pages, look-ups, warm-ups and what sees private signals do not count."""
        if query.cursor is not None or not query.client or query.brief.refs or query.brief.viewer:
            return
        with self._lock:
            self._add(query.brief, self._growth())

    def most(self, count: int) -> list[Brief]:
        """Return the briefs asked most, the most popular first, without those that weigh no more than one asking."""
        return [brief for brief, _ in self._heaviest(count)]

    def saved(self) -> str:
        """Return the most popular as JSON, for ``restore``."""
        return json.dumps([[round(weight, 3), asdict(brief)] for brief, weight in self._heaviest(SAVED)])

    def restore(self, text: str, age_seconds: float) -> None:
        """Count what was saved ``age_seconds`` ago. What cannot be read is passed over."""
        left = 0.5 ** (max(age_seconds, 0.0) / self._half_life)
        with self._lock:
            growth = self._growth()
            for brief, weight in _read(text):
                self._add(brief, weight * left * growth)

    def _add(self, brief: Brief, weight: float) -> None:
        self._weights[brief] = self._weights.get(brief, 0.0) + weight
        if len(self._weights) > self._kept:
            self._weights = dict(nlargest(self._kept // 2, self._weights.items(), key=_weight))

    def _growth(self) -> float:
        """Return what one asking weighs now."""
        lives = (self._now() - self._begun) / self._half_life
        if lives < _LONGEST:
            return float(2.0**lives)
        shrunk = 0.5**lives
        self._weights = {brief: weight * shrunk for brief, weight in self._weights.items()}
        self._begun = self._now()
        return 1.0

    def _heaviest(self, count: int) -> list[tuple[Brief, float]]:
        with self._lock:
            growth = self._growth()
            found = nlargest(count, self._weights.items(), key=_weight)
        return [(brief, weight / growth) for brief, weight in found if weight / growth > MORE_THAN_ONCE]


def _weight(item: tuple[Brief, float]) -> float:
    return item[1]


def _read(text: str) -> Iterator[tuple[Brief, float]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return
    for row in rows[:SAVED] if isinstance(rows, list) else ():
        try:
            weight, fields = row
            yield brief_of(fields), min(max(float(weight), 0.0), 1e9)
        except (TypeError, ValueError, KeyError):
            continue  # written by another version


def brief_of(fields: dict[str, Any]) -> Brief:
    """Return the brief that ``asdict`` made fields of. Raises what the fields give reason to."""

    def words(name: str) -> tuple[str, ...]:
        return tuple(map(str, fields[name]))

    def number(name: str) -> float | None:
        return None if fields[name] is None else float(fields[name])

    return Brief(
        str(fields["spec"]),
        *(words("platforms"), words("countries"), words("data_providers"), words("kinds")),
        *(number("max_cpm"), number("min_coverage_percentage")),
        agents=words("agents"),
        signal_types=words("signal_types"),
        priced=bool(fields["priced"]),
    )
