from __future__ import annotations

import pytest

from service.ranking.semantic.synonyms import GLOSSARY, Synonyms


def test_the_longest_entry_wins_whatever_the_endings():
    synonyms = Synonyms(["cord\trope", "cord cutter\tstreaming video"])
    assert list(synonyms.parts(["young", "cord", "cutters"])) == [
        (("young",), ()),
        (("cord", "cutters"), ("streaming", "video")),
    ]


def test_lines_that_cannot_be_used_are_left_out():
    assert (
        len(Synonyms(["# remark", "", "no tab", "\tnothing asked", "asked\t", "a b c d e\ttoo long", "ev\tcar"])) == 1
    )


def test_the_operators_lines_win_over_the_glossary_and_change_its_version(tmp_path):
    own = tmp_path / "synonyms.tsv"
    own.write_text("ev\tevening event\n", encoding="utf-8")
    shipped, taught = Synonyms.read(None), Synonyms.read(own)
    assert dict(taught.parts(["ev"])) == {("ev",): ("evening", "event")}
    assert shipped.version != taught.version
    assert len(shipped) == len(taught)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(OSError, match="missing"):
        Synonyms.read(tmp_path / "missing.tsv")


def test_every_line_of_the_glossary_can_be_used():
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert all(line.count("\t") == 1 for line in lines)
    assert len(Synonyms(lines)) >= len(lines) - 15  # plural and singular of one entry share a place
