from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ranking.judging import Judged, Unreadable, measure, ndcg, read


def test_measures_are_those_of_the_textbook():
    judged = [
        Judged("1", "a", "", {"x": 2.0, "y": 1.0}),
        Judged("2", "b", "", {"z": 1.0}),
        Judged("3", "c", "", {}),
        Judged("4", "d", "", {}),
    ]
    measures = measure(judged, {"1": ["y", "x"], "2": [], "3": [], "4": ["x"]})
    assert measures.ndcg10 == pytest.approx((1 + 2 / 1.58496) / (2 + 1 / 1.58496) / 2, abs=1e-4)
    assert (measures.recall20, measures.mrr, measures.p1, measures.zero) == (0.5, 0.5, 0.0, 0.5)
    assert (measures.queries, measures.unanswerable, measures.rightly_empty) == (2, 2, 0.5)


def test_measures_of_nothing_are_unknown():
    measures = measure([], {})
    assert (measures.ndcg10, measures.rightly_empty) == (None, None)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.sampled_from([1.0, 2.0]), min_size=1))
def test_the_best_order_gains_all_and_no_order_gains_more(grades):
    best = sorted(grades, key=lambda one: -grades[one])
    assert ndcg(best, grades) == pytest.approx(1.0)
    assert ndcg(best[::-1], grades) <= 1.0 + 1e-9
    assert ndcg([], grades) == 0


@pytest.mark.parametrize("form", ["lines", "columns"])
def test_json_lines_and_columns_are_read(tmp_path, form):
    queries, judgments = tmp_path / "queries", tmp_path / "judgments"
    if form == "lines":
        queries.write_text(json.dumps({"qid": "1", "query": "cars", "category": "kw"}) + "\n")
        judgments.write_text("\n".join(json.dumps({"qid": "1", "id": i, "grade": g}) for i, g in (("a", 2), ("b", 0))))
    else:
        queries.write_text("1\tcars\n")
        judgments.write_text("1\ta\t2\n1\tb\t0\n")
    (one,) = read(queries, judgments)
    assert (one.query, one.grades) == ("cars", {"a": 2.0})


@pytest.mark.parametrize("text", ["1\ta\tgood\n", "1\n", '{"qid": 1}\n', "{no json\n"])
def test_a_file_that_cannot_be_used_is_named(tmp_path, text):
    queries, judgments = tmp_path / "queries", tmp_path / "judgments"
    queries.write_text("1\tcars\n")
    judgments.write_text(text)
    with pytest.raises(Unreadable, match="judgments"):
        read(queries, judgments)
