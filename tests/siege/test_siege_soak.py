"""The judge of the soak by numbers, and a few seconds of its load."""

import random
from collections import Counter

import pytest

from tests.siege.soak import ALLOWANCES, EXPECTED, Allowance, Soaked, soak, trend, unexpected
from tests.siege.target import Use

NOISE = random.Random(1)


def noisy(values, wide):
    return [value + NOISE.uniform(-wide, wide) for value in values]


def test_a_line_is_found_under_noise():
    rising = trend(noisy([place * 0.5 for place in range(60)], 2.0))
    level = trend(noisy([100.0] * 60, 2.0))

    assert (rising.sure, round(rising.growth / 29.5, 1)) == (True, 1.0)
    assert not level.sure


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([80.0] * 60, "flat"),
        (noisy([80.0] * 60, 3.0), "flat"),
        ([80.0 + place * 0.02 for place in range(60)], "flat"),
        ([80.0 + place * 0.2 for place in range(60)], "grows"),
        ([80.0 - place for place in range(60)], "flat"),
    ],
    ids=["level", "noise", "within the allowance", "a leak", "falling"],
)
def test_growth_counts_when_it_is_sure_and_more_than_allowed(values, verdict):
    assert Allowance("megabytes", 0.03, 3.0).verdict(values) == verdict


def test_what_grew_and_what_was_answered_wrongly_is_said():
    samples = [Use(20 + place, 171, 80.0) for place in range(60)]
    answers = Counter({("cached", 200): 5, ("cached", 503): 1, ("new", 500): 2, ("health", 0): 3})
    broken = Soaked(samples, answers, 1, "a bug").broken()

    assert broken == [
        "descriptors: +29.00 over the second half",
        "health: 3 times no answer",
        "new: 2 times 500",
        "it ended with 1 a bug",
    ]


def test_a_few_seconds_of_everything_at_once_meet_nothing_unexpected():
    soaked = soak(3.0, every=0.5, faster=4.0, questions=20)

    assert unexpected(soaked.answers) == []
    assert {name for name, _ in soaked.answers} == {*EXPECTED}
    assert soaked.code == 0
    assert [row[0] for row in soaked.rows()] == [allowance.name for allowance in ALLOWANCES]
