from __future__ import annotations

import math

import pytest

from service.catalogue.cells import number, one_of, text


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Golf  players", "Golf players"),
        ("two\nlines\tand more", "two lines and more"),
        ("Cafe\u0301", "Café"),
        ("non\u00a0breaking", "non breaking"),
    ],
)
def test_harmless_differences_of_text_are_folded(raw, kept):
    assert text(raw) == kept


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("a\x00b", r"U\+0000"),
        ("a\x1b[2Jb", r"U\+001B"),
        ("a\u202eb", r"U\+202E"),
        ("a\ud800b", r"U\+D800"),
        ("a\udcffb", "not valid UTF-8 .byte 0xff"),
        ("x" * 257, "has 257 characters, at most 256"),
        (7, "not text"),
    ],
)
def test_text_that_could_mislead_or_is_too_long_is_refused(raw, reason):
    with pytest.raises(ValueError, match=reason):
        text(raw)


@pytest.mark.parametrize(("raw", "figure"), [("0", 0.0), ("6.40", 6.4), (".5", 0.5), ("1e2", 100.0), (7, 7.0)])
def test_numbers_come_as_json_or_as_text(raw, figure):
    assert number(100, "a number")(raw) == figure


@pytest.mark.parametrize(
    "raw", ["nan", "inf", "1_0", "-1", "3,2", "١", "101", True, None, math.nan, [], 10**400, "1e999"]
)
def test_what_is_no_finite_number_in_the_range_is_refused(raw):
    with pytest.raises(ValueError, match="is not a number"):
        number(100, "a number")(raw)


def test_an_unbounded_number_is_finite_all_the_same():
    with pytest.raises(ValueError, match="is not a price"):
        number(math.inf, "a price")("1e999")


def test_minus_zero_is_zero():
    assert math.copysign(1, number(100, "a number")("-0.0")) == 1


def test_words_are_taken_in_any_case_and_only_if_they_are_known():
    parse = one_of(("audience", "bidding"))

    assert parse("Audience") == "audience"
    with pytest.raises(ValueError, match="is not one of audience, bidding"):
        parse("people")
