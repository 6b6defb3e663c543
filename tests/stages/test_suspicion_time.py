"""The input check takes time linear in the length of a text, whatever a stranger makes of the rules' own patterns."""

from __future__ import annotations

import random
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.stages.suspicion import classify, forms
from service.stages.suspicion_rules import RULES, Rule

_parser = re._parser  # type: ignore[attr-defined]

SECONDS_A_RULE = 0.1
"""Processor time of one rule on one form of 1,000 characters. It takes a millisecond; this is for slow machines."""
SECONDS_A_TEXT = 1.0
MOST_FORMS = 12

rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.attack}:{rule.name}")


def seconds(work, *arguments):
    began = time.thread_time()
    work(*arguments)
    return time.thread_time() - began


def like(tree, most, choice):
    """Return a text that a pattern's parts fit one after the other; each repeats up to ``most`` times."""
    return "".join(_part(str(operator), value, most, choice) for operator, value in tree)


def _part(operator, value, most, choice):
    if operator == "LITERAL":
        return chr(value)
    if operator == "IN":
        return _letter(value, choice)
    if operator == "BRANCH":
        return like(choice.choice(value[1]), most, choice)
    if operator == "SUBPATTERN":
        return like(value[3], most, choice)
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, highest, inner = value
        return "".join(like(inner, most, choice) for _ in range(max(least, min(highest, most))))
    return "x" if operator in ("ANY", "NOT_LITERAL") else ""


def _letter(members, choice):
    named = [member for member in members if str(member[0]) in ("LITERAL", "RANGE")]
    if str(members[0][0]) == "NEGATE" or not named:
        return "a"
    operator, value = choice.choice(named)
    return chr(value if str(operator) == "LITERAL" else choice.randint(value[0], min(value[1], 0x7E)))


def hostile_texts(rule):
    """Yield texts of 1,000 characters that nearly fit a rule again and again, and break off at the end."""
    choice = random.Random(rule.name)
    tree = _parser.parse(rule.pattern)
    for most in (1, 3, 40):
        for _ in range(12):
            piece = like(tree, most, choice) or "x"
            for part in (piece, piece[:-1], piece[: len(piece) // 2], piece[len(piece) // 2 :]):
                yield ((part or "x") * 1000)[:998] + "\x00!"


@rules
def test_no_text_made_from_a_rule_makes_it_slow(rule):
    pattern = re.compile(rule.pattern)
    slowest = max((seconds(pattern.search, text), text) for text in hostile_texts(rule))

    assert slowest[0] < SECONDS_A_RULE, slowest[1][:80]


@rules
def test_no_text_made_from_a_rule_makes_the_check_slow(rule):
    slowest = max((seconds(classify, text), text) for text in list(hostile_texts(rule))[::12])

    assert slowest[0] < SECONDS_A_TEXT, slowest[1][:80]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([piece for rule in RULES for piece in (rule.stops, rule.passes, rule.stops[:-1])]), max_size=4
    ),
    st.text("'\"<>()=;|&%#\\${}[]/.*+-ax1 \n", max_size=6),
)
def test_no_mixture_of_attacks_and_marks_makes_the_check_slow(pieces, marks):
    assert seconds(classify, ((marks.join(pieces) or "x") * 1000)[:1000]) < SECONDS_A_TEXT


BOMBS = {
    "percent signs encoded over and over": "%25" * 333,
    "ampersands encoded over and over": "&amp;" * 200,
    "backslashes written as escapes of themselves": "\\u005c" * 166,
    "a text encoded as often as it fits": quote(quote(quote(quote("<script>")))) * 20,
    "one character that NFKC makes eighteen of": "\ufdfa" * 1000,
    "marks that NFKC has to sort": "a" + "\u0315\u0300\u05ae\u0334" * 249,
    "comments that open": "/*" * 500,
    "comments inside comments": "/*/**/*/" * 125,
    "comments of a line": "--\n" * 333,
    "a long word that may be base64": "QUJD" * 250,
    "quotes that a shell would drop": "a'b\"" * 250,
    "variables that a shell would drop": "a$@" * 333,
    "numbers of letters": "&#60" * 250,
    "letters that nobody sees": "\u200b" * 1000,
    "high bits": "¼¾" * 500,
    "plus signs": "+" * 1000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_undoing_what_was_encoded_is_bounded(bomb):
    text = BOMBS[bomb][:1000]

    assert seconds(forms, text) < SECONDS_A_RULE
    assert len(forms(text)) <= MOST_FORMS
    assert max(map(len, forms(text))) <= 1500
    assert seconds(classify, text) < SECONDS_A_TEXT


def test_a_pattern_that_is_quadratic_at_every_place_is_found():
    slow = Rule("xss", "slow", "a{0,700}a{0,700}b", "For this test.", stops="ab", passes="c")
    texts = (text for text in hostile_texts(slow) if "aaaa" in text)

    assert any(seconds(re.compile(slow.pattern).search, text) > SECONDS_A_RULE for text in texts)
