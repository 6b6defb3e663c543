"""WordNet's data files, by lines in their format (wndb(5WN))."""

from __future__ import annotations

import pytest

from tools.vectors.wordnet import Synset, read_synsets

HEAD = "  1 This software and database is being provided to you.\n"
NOUN = (
    "02958343 06 n 05 car 0 auto 0 automobile 0 machine 6 motorcar 0 002 @ 03791235 n 0000 ~ 02701002 n 0000 | "
    'a motor vehicle with four wheels; usually propelled by an engine; "he needs a car to get to work"\n'
)
ADJECTIVE = '00001740 00 a 01 able(p) 0 001 ! 00002098 a 0101 | having the necessary means; "able to swim"; "no"\n'
VERB = "01170052 34 v 02 snow_in 0 get_snowed_in 0 000 01 + 08 00 | keep in by snow\n"


@pytest.fixture
def folder(tmp_path):
    for part, text in {"noun": HEAD + NOUN, "verb": VERB, "adj": HEAD + ADJECTIVE, "adv": HEAD}.items():
        (tmp_path / f"data.{part}").write_text(text, encoding="utf-8")
    return tmp_path


def test_names_definition_and_examples_of_every_concept_are_read_in_their_order(folder):
    car, snowed, able = read_synsets(folder)
    assert car == Synset(
        "n",
        ("car", "auto", "automobile", "machine", "motorcar"),
        "a motor vehicle with four wheels; usually propelled by an engine",
        ("he needs a car to get to work",),
    )
    assert snowed == Synset("v", ("snow in", "get snowed in"), "keep in by snow", ())
    # A mark of where the word stands is no part of it; an example of two letters is none.
    assert able.names == ("able",)
    assert able.examples == ("able to swim",)


def test_a_file_that_is_missing_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_synsets(tmp_path))
