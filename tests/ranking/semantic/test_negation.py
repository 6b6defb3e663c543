from __future__ import annotations

import pytest

from service.ranking.semantic.negation import denies, parted


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("couples without kids", ["couples"], [("kids",)]),
        ("not parents", [], [("parents",)]),
        ("brand safe inventory no hate speech", ["brand", "safe", "inventory"], [("hate", "speech")]),
        ("parents not interested in gaming", ["parents"], [("gaming",)]),
        ("travelers excluding business travel and cruises", ["travelers"], [("business", "travel"), ("cruises",)]),
        ("people who do not own a car", ["people", "who", "do"], [("car",)]),
        ("people who don't own a car", ["people", "who", "do"], [("car",)]),
        ("sports other than golf", ["sports"], [("golf",)]),
        ("everything but sports", [], [("sports",)]),
        ("excluding: parents, seniors", [], [("parents",), ("seniors",)]),
        ("adults not over 50", ["adults"], [("50",)]),
        ("cars, not trucks", ["cars"], [("trucks",)]),
        ("not only vegans", ["not", "only", "vegans"], []),
        ("non alcoholic drinks", ["non", "alcoholic", "drinks"], []),
        ("no", ["no"], []),
        ("", [], []),
    ],
)
def test_a_negator_rules_out_what_stands_behind_it(text, wanted, unwanted):
    found = parted(text)
    assert (found.wanted, found.unwanted) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("women not over $50k+, who ski", "women , who ski", "not over $50k+"),
        ("adults not 18 to 24", "adults ", "not 18-24"),
        ("women 30-39 who ski", "women 30-39 who ski", ""),
    ],
)
def test_a_text_is_parted_with_the_marks_of_its_figures(text, wanted, unwanted):
    found = parted(text)
    assert (found.text, found.unwanted_text) == (wanted, unwanted)


def test_a_text_denies_what_it_names_only_to_say_that_it_is_not_there():
    assert denies(["adult", "no", "children"], {"children"})
    assert denies(["0", "children"], {"children"})
    assert not denies(["parents", "with", "children"], {"children"})
    assert not denies(["adults"], {"children"})
