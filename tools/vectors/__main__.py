"""``python -m tools.vectors WORK [--into FOLDER]``: build the word vectors that ship with the service.

Downloads the pinned packages of ``sources.py`` into WORK, has the teacher read the texts of ``texts.py`` (kept in WORK,
so that a second run goes on), fits, packs and reports. Needs the packages of requirements-vectors.txt and an hour of
two cores. Seeds are fixed; the same packages give the same words. The numbers of the vectors differ from machine to
machine, since the teacher rounds as the processor does and axes may turn; the angles between them, which alone are
used, agree (cosines within 0.02, and the same figures of ``python -m service.ranking evaluate``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from service.ranking.semantic.vectors import FOLDER, weight
from tools.vectors import distill, pack, sources, texts, wordnet
from tools.vectors.lessons import Lessons
from tools.vectors.report import report
from tools.vectors.teacher import teacher_in

FREQUENT = 60_000
RARER = 12_000
WIDTH = 192
RIDGE = 0.5
ROUNDS = 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0; raises what goes wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.vectors", description=__doc__)
    parser.add_argument("work", type=Path, help="folder for packages and what the teacher said")
    parser.add_argument("--into", type=Path, default=FOLDER, help="where the files go")
    options = parser.parse_args(arguments)
    sources.fetch(options.work)
    synsets = list(wordnet.read_synsets(options.work / sources.GLOSSES))
    words = texts.vocabulary(sources.frequent_words(options.work, 400_000), synsets, FREQUENT, RARER)
    lessons = Lessons(options.work, words, lambda: teacher_in(options.work))
    start = lessons.single_words().astype(np.float32)
    taught = lessons.of(texts.all_sets(synsets, words))
    weights = np.array([weight(rank) for rank in range(len(words))], np.float32)
    mix = distill.mixing(taught.words, weights)
    seen = mix[taught.seen]
    fitted = distill.fitted(start, seen, seen.T.tocsr(), taught.vectors[taught.seen], RIDGE, ROUNDS)
    vectors = distill.components(fitted, seen @ fitted, WIDTH)
    pack.write(options.into, words, *pack.quantised(vectors))
    report(options.into, taught, mix, start, fitted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
