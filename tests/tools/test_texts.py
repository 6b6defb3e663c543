"""The texts that the word vectors learn from: the same each time, and nothing but known words in phrases."""

from __future__ import annotations

from tools.vectors import texts
from tools.vectors.wordnet import Synset

SYNSETS = [
    Synset("n", ("car", "motor car"), "a vehicle", ("he needs a car",)),
    Synset("n", ("ski resort",), "where people ski", ("we went to a ski resort",)),
    Synset("v", ("buy up",), "buy all of it", ()),
    Synset("n", ("zyzzyva",), "a weevil", ()),
]
FREQUENT = ["the", "car", "motor", "ski", "resort", "up", "zzz", "zyzzyva"]


def test_the_vocabulary_is_the_frequent_words_and_the_rarer_ones_that_wordnet_knows():
    assert texts.vocabulary(FREQUENT, SYNSETS, 5, 1) == ["the", "car", "motor", "ski", "resort", "zyzzyva"]
    assert texts.vocabulary(FREQUENT, SYNSETS, 5, 0) == FREQUENT[:5]


def test_names_of_several_words_come_once():
    assert texts.names([*SYNSETS, *SYNSETS]) == ["motor car", "ski resort", "buy up"]


def test_phrases_are_the_same_each_time_and_made_of_frequent_nouns():
    one = texts.phrases(SYNSETS, FREQUENT[:5], 200)
    assert one == texts.phrases(list(reversed(SYNSETS)), FREQUENT[:5], 200)
    assert len(one) == 200
    assert any("ski resort" in phrase for phrase in one)
    assert not any("zyzzyva" in phrase or "buy up" in phrase for phrase in one)
