from __future__ import annotations

import math

import numpy as np
import pytest

from service.ranking.semantic.ages import may_tell, named_ages
from service.ranking.semantic.intervals import Interval, Kind, asked, fits, told

AGE, INCOME, HOME, COMPANY = Kind.AGE, Kind.INCOME, Kind.HOME_VALUE, Kind.COMPANY_SIZE
BEYOND = math.inf


@pytest.mark.parametrize(
    ("spec", "intervals"),
    [
        ("women 30-39 who ski", [(AGE, 30, 39)]),
        ("between 25 and 34", [(AGE, 25, 34)]),
        ("men over 60", [(AGE, 60, BEYOND)]),
        ("adults 18+", [(AGE, 18, BEYOND)]),
        ("aged 45 and over", [(AGE, 45, BEYOND)]),
        ("under 35", [(AGE, 0, 35)]),
        ("25 year olds", [(AGE, 25, 25)]),
        ("people in their 40s", [(AGE, 40, 49)]),
        ("thirties", [(AGE, 30, 39)]),
        ("senior citizens", [(AGE, 65, BEYOND)]),
        ("senior management", []),
        ("people earning more than $100k", [(INCOME, 100_000, BEYOND)]),
        ("household income 50k to 75k", [(INCOME, 50_000, 75_000)]),
        ("income of $1.5 million or more", [(INCOME, 1_500_000, BEYOND)]),
        ("homes worth over $1 million", [(HOME, 1_000_000, BEYOND)]),
        ("companies with 50-200 employees", [(COMPANY, 50, 200)]),
        ("3 1/2 inch drawer pull", []),
        ("route 66", []),
        ("", []),
    ],
)
def test_numbers_in_a_spec_are_intervals_of_what_they_measure(spec, intervals):
    assert [(one.kind, one.low, one.high) for one in asked(spec, 2026)] == intervals


@pytest.mark.parametrize(
    ("spec", "year", "low", "high"),
    [
        ("millennials", 2026, 30, 45),
        ("Gen Z", 2026, 14, 29),
        ("generation x", 2026, 46, 61),
        ("baby boomers", 2026, 62, 80),
        ("boomers", 2031, 67, 85),
    ],
)
def test_generations_grow_older_with_the_calendar(spec, year, low, high):
    assert asked(spec, year) == (Interval(AGE, low, high),)


@pytest.mark.parametrize(
    ("name", "path", "interval"),
    [
        ("18-20", "Demographic > Age Range > 18-20", (AGE, 18, 20)),
        ("75+", "Demographic > Age Range > 75+", (AGE, 75, BEYOND)),
        ("Women 30-39", "Demographics > Age and gender > Women", (AGE, 30, 39)),
        ("$50000 - $74999", "Household Income (USD) > $50000 - $74999", (INCOME, 50_000, 74_999)),
        ("Less than $20000", "Income (USD) > Less than $20000", (INCOME, 0, 20_000)),
        ("$1,000,000+", "Median Home Value (USD) > $1,000,000+", (HOME, 1_000_000, BEYOND)),
        ("4-6 Years", "Household Data > Length of Residence > 4-6 Years", None),
        ("50K-99.9K People", "Household Data > Urbanization > 50K-99.9K People", None),
        ("Viewability 80+", "Viewability > Viewability 80+", None),
        ("Contemporary Hits/Pop/Top 40", "Music > Contemporary Hits/Pop/Top 40", None),
    ],
)
def test_a_signal_is_about_an_interval_only_where_its_place_says_what_is_measured(name, path, interval):
    found = told(name, path, 2026)
    assert (found and (found.kind, found.low, found.high)) == interval
    assert interval is None or may_tell(name)


def test_what_lies_within_fits_best_and_what_lies_beside_counts_against():
    lows, highs = np.array([30.0, 35.0, 50.0]), np.array([34.0, 44.0, 54.0])
    inside, overlapping, beside = fits(Interval(AGE, 30, 39), lows, highs)
    assert inside > overlapping > 0 > beside
    assert fits(Interval(AGE, 60, BEYOND), np.array([75.0]), np.array([BEYOND]))[0] == inside


@pytest.mark.parametrize(
    "said",
    """gen alpha,generation alpha,gen z,generation-z,gen zers,zoomer,zillennials,millennial,millenials,gen y,gen x,
    generation xers,boomers,baby boomers,silent generation,seniors,senior citizen,elderly,pensioners,retirees,
    older adults,golden agers,teens,teenager,adolescents,young adults,middle-aged,twenties,thirties,forties,fifties,
    sixties,seventies,twentysomethings,thirtysomethings,fortysomethings,fiftysomethings""".replace("\n", "").split(","),
)
def test_every_name_of_an_age_is_looked_for(said):
    assert len(list(named_ages(said.strip(), 2026))) == 1
