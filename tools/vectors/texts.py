"""The texts whose meaning the teacher tells and the word vectors learn: all made from WordNet and a list of words.

Mostly short ones, for signals and what is asked for are short: names of several words, and phrases in the manner of a
brief ("people who like skiing"); besides, some definitions and example sentences. All by a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from tools.vectors.wordnet import Synset

SEED = 20
_MANNERS = (
    "people who like {0}",
    "people interested in {0}",
    "{0} buyers",
    "{0} enthusiasts",
    "shopping for {0}",
    "{0} lovers",
    "{0} owners",
    "in market for {0}",
    "{0} and {1}",
    "{1} {0}",
    "{0} {1}",
    "{0} for {1}",
    "families who need {0}",
    "small business owners who need {0}",
    "articles about {0}",
    "{0} services",
    "{0} products",
    "people planning {0}",
)


def vocabulary(frequent: Sequence[str], synsets: Sequence[Synset], most: int, rarer: int) -> list[str]:
    """Return the ``most`` frequent words, and as many ``rarer`` ones as WordNet knows, most frequent first."""
    known = {name.lower() for synset in synsets for name in synset.names}
    return [*frequent[:most], *[word for word in frequent[most:] if word in known][:rarer]]


def all_sets(synsets: Sequence[Synset], words: Sequence[str]) -> dict[str, list[str]]:
    """Return every set of texts by its name."""
    defined = [f"{', '.join(synset.names[:4])}: {synset.definition}" for synset in synsets]
    used = list(dict.fromkeys(text for synset in synsets for text in synset.examples))
    return {
        "names": names(synsets),
        "phrases": phrases(synsets, words[:30_000], 100_000),
        "definitions": random.Random(SEED + 2).sample(defined, 20_000),
        "examples": random.Random(SEED + 2).sample(used, 20_000),
    }


def names(synsets: Sequence[Synset]) -> list[str]:
    """Return every name of several words."""
    return list(dict.fromkeys(name for synset in synsets for name in synset.names if " " in name))


def phrases(synsets: Sequence[Synset], frequent: Sequence[str], count: int) -> list[str]:
    """Return ``count`` phrases in the manner of a brief, of nouns among the ``frequent`` words and of names of two."""
    dice = random.Random(SEED + 1)
    common = set(frequent)
    things = sorted(
        {
            name.lower()
            for synset in synsets
            if synset.part == "n"
            for name in synset.names
            if len(name.split()) < 3 and all(word.lower() in common for word in name.split())
        }
    )
    return [dice.choice(_MANNERS).format(dice.choice(things), dice.choice(things)) for _ in range(count)]
