import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.errors import InvalidInput, Refused, SuspiciousInput
from service.stages import fields

ORDINARY = [
    "cars/trucks",
    "women 30-39",
    "3 1/2 inch drawer pulls",
    "R&D managers",
    "O'Reilly readers",
    "C++ developers",
    "$150k+ households",
    "50% off shoppers",
    "<3 music lovers",
    "A > B > C",
    "moms & dads (35+)",
    "select comfort mattress buyers",
    "日本の自動車購入者",
    "любители кофе",
    "पुणे में कार खरीदार",
    "🏎️ fans",
]


def refused(read, value, *more):
    with pytest.raises(InvalidInput) as refusal:
        read(value, *more)
    return refusal.value


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_pass_as_they_are(text):
    assert fields.spec(text) == unicodedata.normalize("NFC", text)


def test_a_spec_is_nfc_trimmed_with_single_blanks():
    assert fields.spec("  cafe\u0301 \u00a0\u3000 lovers\u2028in  Rome ") == "café lovers in Rome"


@pytest.mark.parametrize("letter", ["a", "é", "日", "😀", "e\u0301", "\u1100\u1161\u11a8", "\u03b1\u0313\u0300\u0345"])
def test_a_thousand_letters_pass_however_they_are_written_and_one_more_does_not(letter):
    assert len(fields.spec(letter * 1000)) == 1000

    refusal = refused(fields.spec, letter * 1001)
    assert refusal.field == "spec"
    assert "1000" in refusal.detail


def test_blanks_do_not_count_against_the_thousand():
    assert fields.spec(" " * 5000 + "é" + " \u2003" * 5000 + "b") == "é b"


@pytest.mark.parametrize("text", ["", " ", "\u2003\u3000", "\u00a0"])
def test_nothing_but_blanks_is_empty(text):
    assert "empty" in refused(fields.spec, text).detail


@pytest.mark.parametrize("letter", ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\ud800", "\udfff"])
def test_control_characters_and_lone_surrogates_are_refused(letter):
    refusal = refused(fields.spec, f"cars{letter}trucks")

    assert refusal.field == "spec"
    assert letter not in refusal.detail


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, ["cars"], b"cars"])
def test_only_text_is_text(value):
    assert "text" in refused(fields.spec, value).detail


def test_marks_that_would_take_seconds_to_compose_are_refused():
    """Composing 32,000 marks on one letter took 2 s of a core."""
    stacked = "\u0345\u0300\u0316" * 11_000

    assert refused(fields.spec, "a" + stacked).field == "spec"
    assert "marks" in refused(fields.spec, "a" + stacked[:31]).detail
    assert fields.spec("a" + stacked[:30])


def test_a_spec_goes_by_the_name_that_the_caller_used():
    assert refused(fields.spec_of("signal_spec"), "").field == "signal_spec"


@given(text=st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_reading_a_text_twice_changes_nothing(text):
    try:
        once = fields.text_of(text, "spec", 1000)
    except InvalidInput:
        return
    assert fields.text_of(once, "spec", 1000) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == " ".join(once.split())


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("10", 10), ("100", 100), ("007", 7)])
def test_max_results_is_read_from_text(text, number):
    assert fields.max_results_text(text) == number


@pytest.mark.parametrize(
    "text", ["0", "-1", "+1", "101", "999", "1000", "1e9", "abc", "", " 5", "5.0", "0x5", "٥", "5\n", "1_0", "9" * 5000]
)
def test_any_other_max_results_is_refused_and_named(text):
    assert refused(fields.max_results_text, text).field == "max_results"


@pytest.mark.parametrize("value", [1, 100, 5.0])
def test_max_results_is_any_whole_json_number_from_1_to_100(value):
    read = fields.max_results(value)

    assert read == value
    assert type(read) is int


@pytest.mark.parametrize(
    "value",
    [0, -1, 101, 10**9, 10**400, 1.5, float("inf"), float("-inf"), float("nan"), True, None, "5", [], {}],
)
def test_any_other_json_max_results_is_refused(value):
    assert refused(fields.max_results, value).field == "max_results"


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0.0), ("3", 3.0), ("3.25", 3.25), ("1e3", 1000.0), ("1E+3", 1000.0), ("5e-1", 0.5)]
)
def test_a_price_is_read_from_text(text, value):
    assert fields.number_text("max_cpm", 1_000_000)(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-1", "-0", "+1", "1e99", "nan", "inf", "0x10", "1,5", ".5", "5.", "1_0", "٣", " 1", "1\n"],
)
def test_any_other_price_is_refused_and_named(text):
    assert refused(fields.number_text("max_cpm", 1_000_000), text).field == "max_cpm"


@pytest.mark.parametrize("value", [-1, -0.01, 101, 10**400, float("inf"), float("nan"), True, None, "5", [5]])
def test_a_json_number_beyond_its_range_is_refused(value):
    assert (
        refused(fields.number("filters.min_coverage_percentage", 100), value).field == "filters.min_coverage_percentage"
    )


def test_minus_nothing_is_nothing_also_to_the_eye():
    assert repr(fields.number("max_cpm", 100)(-0.0)) == "0.0"


@pytest.mark.parametrize(
    ("read", "value", "canonical"),
    [
        (fields.platform, "The-Trade-Desk", "the-trade-desk"),
        (fields.platform, "x" * 128, "x" * 128),
        (fields.country, "us", "US"),
        (fields.data_provider, "  Acme   Data ", "Acme Data"),
        (fields.data_provider, "é" * 128, "é" * 128),
        (fields.kind, "audience", "audience"),
        (fields.destination, {"type": "platform", "platform": "DV360"}, "dv360"),
    ],
)
def test_an_item_is_read_in_its_canonical_form(read, value, canonical):
    assert read(value, "name") == canonical


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (fields.platform, ""),
        (fields.platform, "x" * 129),
        (fields.platform, "-x"),
        (fields.platform, "a b"),
        (fields.platform, "dv360\n"),
        (fields.platform, 7),
        (fields.country, "USA"),
        (fields.country, "U"),
        (fields.country, "ÜS"),
        (fields.country, "US\n"),
        (fields.country, None),
        (fields.data_provider, "é" * 129),
        (fields.data_provider, "a\0b"),
        (fields.data_provider, ""),
        (fields.data_provider, 7),
        (fields.kind, "audiences"),
        (fields.kind, []),
        (fields.kind, {"deep": []}),
        (fields.destination, "dv360"),
        (fields.destination, {"type": "platform"}),
        (fields.destination, {"type": "agent", "platform": "dv360"}),
        (fields.destination, {"type": "platform", "platform": "dv360", "extra": 1}),
        (fields.destination, {"type": "platform", "platform": ["dv360"]}),
        (fields.destination, {"type": {}, "platform": "dv360"}),
    ],
)
def test_any_other_item_is_refused_under_its_name(read, value):
    assert refused(read, value, "name").field == "name"


@pytest.mark.parametrize("value", ["", "x" * 201, "a.b", "a=", "a\n", None, 7])
def test_a_cursor_is_up_to_200_letters_of_base64url(value):
    assert fields.cursor("x" * 200)
    assert refused(fields.cursor, value).field == "cursor"


@pytest.mark.parametrize("value", ["", "x" * 129, "a b", "<b>", "ctx\n", None, {}])
def test_a_context_id_is_a_plain_word(value):
    assert fields.context_id("ctx_1:a.b-c")
    assert refused(fields.context_id, value).field == "context_id"


def test_a_list_has_at_most_fifty_items():
    read = fields.comma_list("platforms", fields.platform)

    assert len(read(",".join(f"p{number}" for number in range(50)))) == 50
    assert refused(read, ",".join(f"p{number}" for number in range(51))).field == "platforms"
    # Fifty-one of the same are still fifty-one.
    assert refused(read, "a," * 50 + "a").field == "platforms"


@pytest.mark.parametrize("text", ["", ",", "a,,b", "a,", " "])
def test_a_list_has_no_empty_items(text):
    assert refused(fields.comma_list("platforms", fields.platform), text).field == "platforms"


@pytest.mark.parametrize("value", [[], {}, "US", None, ("US",), 7])
def test_an_array_is_a_json_list_with_something_in_it(value):
    assert refused(fields.array("countries", fields.country), value).field == "countries"


@given(st.lists(st.sampled_from(["US", "de", "fr", "GB"]), min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_case_blanks_and_repetition_do_not_matter_in_a_list(codes, random):
    twisted = [random.choice((code.lower(), code.upper())) + " " * random.randrange(2) for code in codes * 2]
    random.shuffle(twisted)

    read = fields.comma_list("countries", fields.country)
    assert read(" ,".join(twisted)) == read(",".join(codes))


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (fields.PLATFORM, "dv360", "-"),
        (fields.COUNTRY, "US", "USA"),
        (fields.CURSOR, "abc", "a b"),
        (fields.CONTEXT_ID, "a:b", ""),
    ],
)
def test_the_patterns_are_those_of_json_schema(pattern, good, bad):
    assert re.search(pattern, good)
    assert not re.search(pattern, bad)


@given(name=st.text(max_size=200))
@example(name="\u202egnp\ud800\n<script>")
@settings(max_examples=50, deadline=None)
def test_a_quoted_name_is_short_printable_and_can_be_encoded(name):
    shown = fields.quoted(name)

    assert len(shown) <= 42
    assert shown.isprintable()
    shown.encode()


@pytest.mark.parametrize("read", [fields.spec, lambda text: fields.data_provider(text, "spec")])
def test_what_looks_like_an_attack_is_refused_by_its_class(read):
    with pytest.raises(SuspiciousInput) as refusal:
        read("<script>alert(1)</script>")

    assert isinstance(refusal.value, Refused)
    assert (refusal.value.attack, refusal.value.field) == ("xss", "spec")
    assert "script>" not in refusal.value.detail


def test_a_number_that_is_too_high_is_told_the_highest_in_digits():
    with pytest.raises(InvalidInput, match=r"'max_cpm' must be a number from 0 to 1000000[.]"):
        fields.number("max_cpm", fields.MAX_CPM)(fields.MAX_CPM + 1)
