"""Do all instances serve the same catalogue, and has one announced another? Pure, but for what it remembers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

LOOK_SECONDS = 5.0
LOOKS_AT_MOST = 12
"""A copy of the file that lags behind is waited for no longer than a minute; then the schedule looks for it."""


def disagreement(catalogues: Mapping[str, str]) -> str | None:
    """Return in words how instances differ by the version that each serves (empty while none), or None."""
    counts = Counter(version for version in catalogues.values() if version)
    if len(counts) < 2:
        return None
    told = ", ".join(f"{version[:8]} by {count}" for version, count in counts.most_common(5))
    return f"{sum(counts.values())} instances serve {len(counts)} catalogues: {told}"


class Announcements:
    """Says when to look for an announced catalogue: at once, then every few seconds, for a minute."""

    def __init__(self) -> None:
        self._announced = ""
        self._looks = 0
        self._looked_at = 0.0

    def due(self, announced: str, served: str, now: float) -> bool:
        """Return whether to look now (monotonic seconds) for what was announced, while another one is served."""
        if announced != self._announced:
            self._announced, self._looks = announced, 0
        if not announced or announced == served or self._looks >= LOOKS_AT_MOST:
            return False
        if self._looks and now - self._looked_at < LOOK_SECONDS:
            return False
        self._looks, self._looked_at = self._looks + 1, now
        return True
