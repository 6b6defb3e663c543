"""What the teacher said of each text, kept on disk by set: reading the texts takes most of the time of a build."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.tokens import tokens
from service.ranking.words import STOP_WORDS

HELD_OUT = 0.02
SEED = 0


class Teaching(Protocol):
    """``teacher.Teacher``, which needs packages that nothing else does."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float16]: ...


@dataclass(frozen=True, slots=True)
class Taught:
    """Texts as numbers of words, the teacher's vector of each, and which of them the fit may see."""

    texts: list[str]
    words: list[list[int]]
    vectors: npt.NDArray[np.float32]
    seen: npt.NDArray[np.bool_]


class Lessons:
    """Asks a teacher, once for each text, and keeps what it said in ``work``. ``teacher`` fetches it when needed."""

    def __init__(self, work: Path, words: Sequence[str], teacher: Callable[[], Teaching]) -> None:
        self._work = work
        self._fetch = teacher
        self._words = list(words)
        self._ranks = {word: rank for rank, word in enumerate(words)}
        self._teacher: Teaching | None = None

    def single_words(self) -> npt.NDArray[np.float16]:
        """Return the teacher's vectors of all words."""
        return self._read("words", self._words)

    def of(self, sets: Mapping[str, Sequence[str]]) -> Taught:
        """Return all texts of the sets that hold a word of the list."""
        texts, words, vectors = [], [], []
        for name, some in sets.items():
            cut = [self._cut(text) for text in some]
            kept = [place for place, numbers in enumerate(cut) if numbers]
            texts += [some[place] for place in kept]
            words += [cut[place] for place in kept]
            vectors.append(self._read(name, some)[kept].astype(np.float32))
        seen = np.random.default_rng(SEED).random(len(texts)) >= HELD_OUT
        return Taught(texts, words, np.concatenate(vectors), seen)

    def _cut(self, text: str) -> list[int]:
        found = (self._rank(word) for word in tokens(text) if word not in STOP_WORDS)
        return [rank for rank in found if rank >= 0]

    def _rank(self, word: str) -> int:
        rank = self._ranks.get(word, -1)
        return self._ranks.get(word[:-1], -1) if rank < 0 and len(word) > 3 and word.endswith("s") else rank

    def _read(self, name: str, texts: Sequence[str]) -> npt.NDArray[np.float16]:
        stamp = hashlib.blake2b("\n".join(texts).encode(), digest_size=6).hexdigest()
        path = self._work / f"{name}-{stamp}.npy"
        if not path.exists():
            if self._teacher is None:
                self._teacher = self._fetch()
            print(f"the teacher reads {len(texts):,} {name}", flush=True)
            np.save(path, self._teacher.embed(texts))
        said: npt.NDArray[np.float16] = np.load(path, allow_pickle=False)
        return said
