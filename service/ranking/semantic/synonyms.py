"""What words mean here: the glossary that ships with the service, and the operator's own file beside it.

Two columns with a tab between: as it is asked, and what is meant. Lines that begin with # are remarks. The operator's
file is read again when it changes; a line that cannot be used is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from service.ranking.semantic.tokens import stem, tokens

GLOSSARY = Path(__file__).parent / "data" / "glossary.tsv"
LINES_LIMIT = 20_000
LONGEST = 4


class Synonyms:
    """Finds what is meant in a row of words; ``version`` stands for the content; ``lines`` is what was read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(islice(lines, LINES_LIMIT))
        self._meant: dict[tuple[str, ...], tuple[str, ...]] = {}
        digest = hashlib.blake2b(digest_size=4)
        for asked, meant in _pairs(self.lines):
            self._meant[tuple(map(stem, asked))] = meant
            digest.update(repr((asked, meant)).encode("utf-8", "surrogatepass"))
        self.version = digest.hexdigest()

    @classmethod
    def read(cls, path: Path | None) -> Synonyms:
        """Read the glossary and the operator's file, whose lines win. Raises ``OSError``."""
        own = path.read_text(encoding="utf-8", errors="replace").splitlines() if path else []
        return cls([*GLOSSARY.read_text(encoding="utf-8").splitlines(), *own])

    def __len__(self) -> int:
        return len(self._meant)

    def parts(self, words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Yield the words in their order: (as asked, what is meant), longest entries first; nothing meant: ()."""
        cut = [stem(word) for word in words]
        place = 0
        while place < len(words):
            for length in range(min(LONGEST, len(words) - place), 0, -1):
                meant = self._meant.get(tuple(cut[place : place + length]))
                if meant:
                    break
            yield tuple(words[place : place + length]), meant or ()
            place += length


def _pairs(lines: Iterable[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for line in lines:
        if line.startswith("#"):
            continue
        left, _, right = line.partition("\t")
        asked, meant = tuple(tokens(left)), tuple(tokens(right))
        if 0 < len(asked) <= LONGEST and meant:
            yield asked, meant
