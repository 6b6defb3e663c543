"""Which known words lie near a misspelled one. Pure: words in, words out.

Candidates come from buckets by first letter and length; a comparison of the sets of letters refuses most of them before
the distance is computed. Distance is optimal string alignment: Damerau-Levenshtein, no substring edited twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LETTERS = {letter: 1 << place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
SHORTEST = 4
"""Words of fewer letters are never corrected: too much lies near them."""


def allowance(word: str) -> int:
    """Return how many edits a word of this length may hold: 1, and 2 from eight letters."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < 8 else 2


def distance(left: str, right: str, most: int) -> int:
    """Return the number of edits between two words, or ``most + 1`` when there are more."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        older, before = before, row
        row = [i]
        for j, b in enumerate(right, start=1):
            edits = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if older and j > 1 and a == right[j - 2] and b == left[i - 2]:
                edits = min(edits, older[j - 2] + 1)
            row.append(edits)
        if min(row) > most and (not before or min(before) > most):
            return most + 1
    return min(row[-1], most + 1)


class Spelling:
    """The known words, ready to be searched for neighbours."""

    def __init__(self, known: Iterable[str]) -> None:
        self._buckets: dict[tuple[str, int], list[tuple[int, str]]] = {}
        for word in known:
            if len(word) >= SHORTEST - 1 and word.isascii() and word.isalpha():
                self._buckets.setdefault((word[0], len(word)), []).append((_letters(word), word))

    def near(self, word: str, most: int) -> list[tuple[int, str]]:
        """Return ``(edits, known word)`` within ``most`` edits, nearest first.

        The first letter is nearly always typed right: another one counts only when it was swapped with the second.
        """
        if most <= 0 or not (word.isascii() and word.isalpha()):
            return []
        found = ((distance(word, candidate, most), candidate) for candidate in self._candidates(word, most))
        return sorted(pair for pair in found if pair[0] <= most and _plausible(word, pair[1]))

    def _candidates(self, word: str, most: int) -> Iterator[str]:
        letters = _letters(word)
        for length in range(len(word) - most, len(word) + most + 1):
            for bits, candidate in self._buckets.get((word[0], length), ()):
                # An edit changes the set of letters by two at most.
                if (letters ^ bits).bit_count() <= 2 * most:
                    yield candidate
        swapped = word[1] + word[0] + word[2:] if word[1:2] not in ("", word[0]) else ""
        yield from (known for _, known in self._buckets.get((swapped[:1], len(word)), ()) if known == swapped)


def _plausible(word: str, known: str) -> bool:
    """Short words have many neighbours: of four letters, only two swapped ones are taken for an error."""
    return min(len(word), len(known)) > SHORTEST or sorted(word) == sorted(known)


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= _LETTERS.get(letter, 0)
    return bits
