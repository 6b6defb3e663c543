"""What may appear on a log line, whatever came in."""

import json
import sys
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from service.monitoring.cleaning import ITEM_LIMIT, TEXT_LIMIT, clean, clean_text, masker


def test_every_control_format_and_separator_character_becomes_its_escape():
    unsafe = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in UNSAFE]

    assert [char for char in unsafe if not clean_text(char).startswith("\\")] == []
    assert clean_text("a\u202eb\U000e0041\n") == "a\\u202eb\\U000e0041\\u000a"


UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")
ANY_TEXT = st.text(st.characters(), max_size=1200)


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT, st.lists, max_leaves=8))
def test_whatever_is_cleaned_is_json_of_one_safe_line(value):
    line = json.dumps(clean(value), ensure_ascii=False, allow_nan=False)

    assert line.encode()
    assert not any(unicodedata.category(char) in UNSAFE for char in line)


def test_ordinary_text_of_any_script_is_left_alone():
    for text in ("parents shopping for strollers", "Zürich · 東京 · Привет", "3 1/2 inch drawer pull", "😀"):
        assert clean_text(text) == text


def test_text_is_cut_at_the_limit_and_says_so():
    assert clean_text("x" * TEXT_LIMIT) == "x" * TEXT_LIMIT
    assert clean_text("x" * (TEXT_LIMIT + 1)) == "x" * (TEXT_LIMIT - 1) + "…"
    assert len(clean_text("\0" * 5000)) == TEXT_LIMIT


def test_secrets_are_masked_plain_and_url_encoded_and_the_longer_one_first():
    mask = masker(["tok/en", "tok/en-long", ""])

    assert clean_text("a tok/en-long b tok%2Fen c tok/en", mask) == "a *** b *** c ***"


def test_a_secret_across_the_cut_leaves_nothing_behind():
    text = "x" * (TEXT_LIMIT - 3) + "supersecret"

    assert "sup" not in clean_text(text, masker(["supersecret"]))


def test_what_json_does_not_know_becomes_text_and_containers_are_bounded():
    nested = [[[[["deep"]]]]]

    assert clean({"a": {1, 2}, 3: ("x", None)}) == {"a": [1, 2], "3": ["x", None]}
    assert clean(float("nan")) is None
    assert clean(10**5000) == "integer of 16610 bits"
    assert clean(b"raw\n") == "b'raw\\n'"
    assert clean(nested) == [[[["['deep']"]]]]
    assert len(clean(list(range(100)))) == ITEM_LIMIT
