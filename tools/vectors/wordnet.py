"""Reads WordNet's own data files: what each concept is called, what it means, and examples of its use.

First step of the building of word vectors; see ``docs/ranking.md``. The format is described in wndb(5WN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PARTS = ("noun", "verb", "adj", "adv")
_EXAMPLE = re.compile(r'"([^"]{8,120})"')


@dataclass(frozen=True, slots=True)
class Synset:
    """One concept: its part of speech (n, v, a, s, r), its names, its definition and example sentences."""

    part: str
    names: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]


def read_synsets(folder: Path) -> Iterator[Synset]:
    """Yield every synset of the data files in ``folder``, in their order."""
    for part in _PARTS:
        with (folder / f"data.{part}").open(encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("  "):
                    yield _synset(line)


def _synset(line: str) -> Synset:
    data, _, gloss = line.partition(" | ")
    fields = data.split()
    count = int(fields[3], 16)
    names = (fields[4 + 2 * place].split("(")[0].replace("_", " ") for place in range(count))
    definition = _EXAMPLE.split(gloss)[0].strip(" ;\n")
    return Synset(fields[2], tuple(names), definition, tuple(_EXAMPLE.findall(gloss)))
