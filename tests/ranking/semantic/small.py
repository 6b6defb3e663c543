"""Word vectors of a handful of words, and indexes over a few signals, made in a moment."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from service.ranking.semantic.build import build
from service.ranking.semantic.index import Index
from service.ranking.semantic.ranking import Semantic
from service.ranking.semantic.synonyms import Synonyms
from service.ranking.semantic.vectors import WordVectors
from tools.vectors.pack import quantised, write

TOPICS = {
    "car": "car cars vehicle vehicles automotive truck suv",
    "wine": "wine oenophile wines vineyard",
    "child": "child children kids parents baby",
    "golf": "golf golfer sport sports tennis",
    "home": "home house houses kitchen",
    "buy": "acquirers buyers market shopping buying",
    "couple": "couples adults married people women men",
}
YEAR = 2026


def small_vectors(folder: Path) -> WordVectors:
    """Words of one topic point nearly the same way."""
    dice = np.random.default_rng(3)
    # What is frequent tells little: the words that count stand behind others.
    words, rows = [f"frequent{place}" for place in range(2_000)], [*dice.normal(size=(2_000, 16))]
    for place, names in enumerate(TOPICS.values()):
        for name in names.split():
            row = dice.normal(scale=0.12, size=16)
            row[place] += 1.0
            words.append(name)
            rows.append(row)
    write(folder, words, *quantised(np.array(rows, np.float32)))
    return WordVectors(folder)


def indexed(connection: sqlite3.Connection, folder: Path, vectors: WordVectors, **options: int) -> Index:
    """Build and open the index of a catalogue."""
    folder.mkdir()
    build(connection, folder, vectors, {})
    return Index(folder, vectors, **options)


def ranking_over(index: Index, *synonyms: str) -> Semantic:
    """Return what ranks over an index."""
    return Semantic(index, Synonyms(synonyms), YEAR)
