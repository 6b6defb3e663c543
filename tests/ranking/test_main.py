"""The ranker's command line over the sample file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import service.catalogue
from service.ranking.__main__ import main

SAMPLE = str(Path(service.catalogue.__path__[0]) / "sample.csv")


def test_evaluate_prints_the_measures(tmp_path, capsys):
    queries, judgments = tmp_path / "queries.jsonl", tmp_path / "judgments.jsonl"
    asked = [("1", "oenophiles", "syn"), ("2", "golfers", "morph"), ("3", "xqzzyqw", "none")]
    queries.write_text("\n".join(json.dumps({"qid": q, "query": text, "category": c}) for q, text, c in asked))
    judgments.write_text(json.dumps({"qid": "1", "id": "food-wine-lovers", "grade": 2}))
    assert main(["evaluate", "--queries", str(queries), "--qrels", str(judgments), "--catalogue", SAMPLE]) == 0
    said = capsys.readouterr().out
    assert "nDCG@10" in said
    assert "syn" in said
    assert "2 queries that nothing answers: 50% rightly got nothing" in said


def test_explain_says_what_was_understood_and_what_scores_are_made_of(capsys):
    assert main(["explain", "vehicle acquirers over 60 not trucks", "--catalogue", SAMPLE, "--results", "2"]) == 0
    said = capsys.readouterr().out
    assert "without: trucks" in said
    assert "age 60 to inf" in said
    assert "meaning +" in said


def test_explain_names_near_words_when_nothing_matches(capsys):
    assert main(["explain", "motorzyklz", "--catalogue", SAMPLE]) == 0
    assert "near in the catalogue: motor" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["--queries", "--qrels"])
def test_a_missing_file_is_said_in_one_line(tmp_path, capsys, missing):
    there = tmp_path / "there.tsv"
    there.write_text("1\ta\t1\n")
    files = {"--queries": str(there), "--qrels": str(there)} | {missing: str(tmp_path / "gone")}
    assert main(["evaluate", *(part for pair in files.items() for part in pair), "--catalogue", SAMPLE]) == 1
    assert "gone" in capsys.readouterr().err
