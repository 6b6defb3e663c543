"""Reads WordNet's own data files: what each concept is called, what it means, and what it is a kind of.

First step of the building of word vectors; see ``docs/ranking.md``. The format is described in wndb(5WN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PARTS = ("noun", "verb", "adj", "adv")
_EXAMPLE = re.compile(r'"([^"]{8,120})"')
_HYPERNYMS = {"@", "@i"}


@dataclass(frozen=True, slots=True)
class Synset:
    """One concept: its names, its definition, example sentences, and the key of what it is a kind of."""

    key: tuple[str, str]
    names: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]
    above: tuple[str, str] | None


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
    names = tuple(fields[4 + 2 * place].split("(")[0].replace("_", " ") for place in range(count))
    pointers = fields[5 + 2 * count :]
    above = None
    for place in range(0, 4 * int(fields[4 + 2 * count]), 4):
        if pointers[place] in _HYPERNYMS:
            above = (pointers[place + 2], pointers[place + 1])
            break
    part = "a" if fields[2] == "s" else fields[2]
    examples = tuple(_EXAMPLE.findall(gloss))
    return Synset((part, fields[0]), names, _EXAMPLE.split(gloss)[0].strip(" ;\n"), examples, above)
