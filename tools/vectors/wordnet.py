"""Reads WordNet's own data files: what each concept is called.

First step of the building of word vectors; see ``docs/ranking.md``. The format is described in wndb(5WN).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PARTS = ("noun", "verb", "adj", "adv")


@dataclass(frozen=True, slots=True)
class Synset:
    """One concept: its part of speech (n, v, a, s, r) and its names."""

    part: str
    names: tuple[str, ...]


def read_synsets(folder: Path) -> Iterator[Synset]:
    """Yield every synset of the data files in ``folder``, in their order."""
    for part in _PARTS:
        with (folder / f"data.{part}").open(encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("  "):
                    yield _synset(line.partition(" | ")[0].split())


def _synset(fields: list[str]) -> Synset:
    count = int(fields[3], 16)
    names = (fields[4 + 2 * place].split("(")[0].replace("_", " ") for place in range(count))
    return Synset(fields[2], tuple(names))
