"""Which known words a misspelled one may have been, by the number of edits.

Distance is optimal string alignment: insert, delete, replace or swap two neighbours, no part edited twice (rapidfuzz).
The first letter is nearly always typed right, so only words that share it are compared, and those in which the first
two are swapped.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
_CLOSE_ENOUGH = 0.01


def allowance(word: str) -> int:
    """Return how many edits a word of this length may hold."""
    return 0 if len(word) < SHORTEST else 1 if len(word) <= 5 else 2


class Spelling:
    """Known words by first letter and length."""

    def __init__(self, known: Iterable[str]) -> None:
        self._buckets: dict[tuple[str, int], list[str]] = {}
        for word in known:
            if len(word) >= SHORTEST - 1 and word.isascii() and word.isalpha():
                self._buckets.setdefault((word[0], len(word)), []).append(word)

    def near(self, word: str, most: int) -> list[tuple[int, str]]:
        """Return (edits, known word), nearest first, then by the alphabet."""
        if most <= 0 or not (word.isascii() and word.isalpha()):
            return []
        found: set[tuple[int, str]] = set()
        for first in {word[0], word[1:2]}:
            for length in range(len(word) - most, len(word) + most + 1):
                bucket = self._buckets.get((first, length), ())
                if bucket:
                    matches = process.extract(word, bucket, scorer=OSA.distance, score_cutoff=most, limit=None)
                    found.update((int(edits), known) for known, edits, _ in matches)
        return sorted((edits, known) for edits, known in found if _plausible(word, known, edits))


def _plausible(word: str, known: str, edits: int) -> bool:
    """Short words have many neighbours: of four letters, only two swapped ones are taken for an error."""
    if min(len(word), len(known)) <= SHORTEST and sorted(word) != sorted(known):
        return False
    return known[0] == word[0] or (edits == 1 and known[:2] == word[1:2] + word[:1])
