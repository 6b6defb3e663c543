from __future__ import annotations

import pytest

from service.ranking import scoring
from service.ranking.plan import Group, Plan, Variant
from service.ranking.retrieval import Details, Found


def a_group(text: str, worth: float = 1.0, *, filler: bool = False) -> Group:
    return Group(text, worth, (Variant(f'"{text}"', 1.0, 1, 1.0, (text,)),), filler)


PLAN = Plan((a_group("golf", 3.0), a_group("club")))


def test_a_score_is_the_share_of_the_worth_that_a_row_answers():
    scored = scoring.scores(Found([{1: 1.0, 2: 1.0}, {1: 1.0, 3: 1.0}]), PLAN, ())
    assert scored == {1: 1.0, 2: 0.75, 3: 0.25}


def test_words_side_by_side_earn_more():
    scored = scoring.scores(Found([{1: 0.5, 2: 0.5}, {1: 0.5, 2: 0.5}]), PLAN, [(0, 1, [2])])
    assert scored[2] == pytest.approx(scored[1] + scoring.TOGETHER)


def test_the_very_name_is_nearly_certain_and_a_fuller_name_is_less():
    names = {1: "Golf club", 2: "Golf clubs of the people", 3: "Golf club and tennis court"}
    relevant = scoring.relevance({1: 0.9, 2: 0.9, 3: 0.9, 4: 0.9}, names, PLAN, ["golf", "club"])
    assert relevant[1] >= 0.9
    assert relevant[1] > relevant[2] > relevant[3] > relevant[4]
    assert all(0 <= value <= 1 for value in relevant.values())


def test_the_tail_is_dropped_when_more_than_one_word_was_asked_for():
    assert scoring.worth_showing({1: 0.9, 2: 0.1}, PLAN) == {1: 0.9}
    assert scoring.worth_showing({1: 0.9, 2: 0.1}, Plan((a_group("golf"), a_group("people", filler=True)))) == {
        1: 0.9,
        2: 0.1,
    }
    assert scoring.worth_showing({}, PLAN) == {}


def test_ties_go_to_the_bigger_coverage_then_to_the_lower_price_then_by_id():
    details = {
        1: Details("e", "", None, None),
        2: Details("d", "", None, 1.0),
        3: Details("c", "", 2.0, 5.0),
        4: Details("b", "", 2.0, 4.0),
        5: Details("a", "", 2.0, 5.0),
        6: Details("f", "", None, None),
    }
    assert scoring.order(dict.fromkeys(details, 0.5) | {6: 0.6}, details) == [6, 4, 5, 3, 2, 1]
