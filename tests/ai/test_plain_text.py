"""Foreign text made harmless: nothing unseen, no links, no markup, one short line."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ai.plain_text import cut, folded, plain, tidy

MARKUP = ["<", ">", "b", "/", "](", "[", ")", "*", "_", "`", "&lt;", "&amp;", "#", "-", "=", "|", " ", "\n"]
LINKS = ["http", "s://", "www.", "evil", ".com", "。", "@", "cars", "ｗｗｗ．", "x.co", "é", "漢"]
BITS = st.sampled_from([*MARKUP, *LINKS, "\u200b", "\u202e", "\U000e0041"])
HOSTILE = st.lists(BITS, max_size=40).map("".join) | st.text(max_size=80)


def test_tidy_keeps_words_as_they_are():
    assert tidy("Familien > Kinder (6–12), “süß” & <3") == "Familien > Kinder (6–12), “süß” & <3"


def test_tidy_takes_away_what_nobody_sees():
    hidden = "a\u200bb\u202ec\ufeffd\u00ade\ufe0ff\U000e0041g\x00h\ud800i\u2066j"

    assert tidy(hidden) == "abcdefghij"


def test_tidy_leaves_one_line():
    assert tidy(" a\r\n\tb\u2028c \x0b d ") == "a b c d"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("See https://evil.example/path?q=1 for more", "See for more"),
        ("See www.evil.example now", "See now"),
        ("See evil.example now", "See now"),
        ("See EVIL.EXAMPLE/path, now", "See now"),
        ("See hxxp://evil and ftp://evil", "See and"),
        ("See пример.рф now", "See now"),
        ("See ｅｖｉｌ．ｃｏｍ now", "See now"),
        ("See evil。com now", "See now"),
        ("See evil.\u200bcom now", "See now"),
        ("See 192.0.2.7:80/x now", "See now"),
        ("Mail me@evil.example now", "Mail now"),
        ("Run javascript:alert(1) now", "Run now"),
        ("Run xjavascript:run and go to xhttps:x or xwww.2", "Run and go to or"),
        ("Open data:text/html;base64,xx now", "Open now"),
        ("A [good](http://evil.example) fit", "A good fit"),
        ("A ![pic](http://evil.example/x.png) fit", "A pic fit"),
        ("A <a href='http://evil.example'>good</a> fit", "A good fit"),
        ("A &lt;script&gt;alert(1)&lt;/script&gt; fit", "A alert(1) fit"),
        ("A ht<b></b>tps://evil.example fit", "A ht fit"),
        ("**Strong** fit, `code`, __bold__, ~~no~~", "Strong fit, code, bold, no"),
        ("# Heading\n- one\n- two\n> three\n---", "Heading one two three"),
        ("two\nlines", "two lines"),
        ("unclosed <img src=x onerror=run()", "unclosed"),
    ],
)
def test_links_and_markup_are_taken_away(written, left):
    assert plain(written, 200) == left


@pytest.mark.parametrize(
    "words",
    [
        "Parents of small children, e.g. with strollers (0-2 years).",
        "Fits 3.5 of 4 wishes; income of $100,000+ in the U.S.",
        "Käufer von E-Autos – genau wie gesucht!",
        "新しい車を探す人。また、家族も。",
        "first-party data: strong; C# and R&D; look_alike model",
    ],
)
def test_plain_words_stay(words):
    assert plain(words, 200) == words


def test_plain_is_cut_at_a_blank():
    text = plain("word " * 100, 200)

    assert len(text) <= 200
    assert text.endswith("word")


def test_a_cut_leaves_no_new_link():
    assert ".co" not in plain("a" * 20 + " x.co1", 25)


def test_what_never_settles_is_nothing():
    nested = "&" + "amp;" * 12 + "lt;b"

    assert plain(nested, 200) == ""


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_plain_text_is_plain_whatever_it_was(text):
    left = plain(text, 60)

    assert len(left) <= 60
    assert not set(left) & set("<>[]{}*`~|\\\n\r")
    assert "://" not in left
    assert not re.search(r"www\.\w|[a-z]\.(?:com|co)\b|@\w+\.com", left, re.IGNORECASE)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn") for letter in left)


@settings(max_examples=100, deadline=None)
@given(HOSTILE)
def test_done_twice_is_done_once(text):
    assert plain(plain(text, 60), 60) == plain(text, 60)
    assert tidy(tidy(text)) == tidy(text)
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=60), st.integers(0, 60))
@settings(max_examples=80, deadline=None)
def test_a_cut_is_a_beginning_within_the_limit(text, limit):
    shorter = cut(text, limit)

    assert len(shorter) <= limit
    assert text.startswith(shorter)


@pytest.mark.parametrize("bit", ["<a", "a.", "[a](", "&amp;", "-", "a@", "a", "://", "_", "ｗ．", "\u200b"])
def test_no_text_takes_long(bit):
    began = time.perf_counter()

    plain(bit * 200_000, 200)

    assert time.perf_counter() - began < 0.5


def test_texts_are_compared_without_case_width_and_blanks():
    assert folded("  ＳＵＶ  Straße\n") == "suv strasse"
