"""What is asked most, so that it can be kept warm: a bounded count of briefs that fades.

``note`` is called for every answered question and must cost next to nothing; when the table is full all counts are
halved and what fell to zero is forgotten.
"""

from __future__ import annotations

import threading
from collections import Counter

from service.messages import Brief, Query

KEPT = 2000


class Popular:
    """Counts first pages of briefs; thread-safe."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._counts: Counter[Brief] = Counter()
        self._lock = threading.Lock()

    def note(self, query: Query) -> None:
        """Count a question of a client; deeper pages and warm-ups do not count."""
        if query.cursor is not None or not query.client:
            return
        with self._lock:
            self._counts[query.brief] += 1
            if len(self._counts) > self._kept:
                self._fade()

    def most(self, count: int) -> list[Brief]:
        """Return the briefs asked most and more than once, the most popular first; all counts fade by half."""
        with self._lock:
            found = [brief for brief, times in self._counts.most_common(count) if times > 1]
            self._fade()
        return found

    def _fade(self) -> None:
        self._counts = Counter({brief: times // 2 for brief, times in self._counts.items() if times > 1})
