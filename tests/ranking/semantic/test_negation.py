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
        ("cars, not trucks", ["cars"], [("trucks",)]),
        ("not only vegans", ["not", "only", "vegans"], []),
        ("non alcoholic drinks", ["non", "alcoholic", "drinks"], []),
        ("no", ["no"], []),
        ("", [], []),
    ],
)
def test_a_negator_rules_out_what_stands_behind_it(text, wanted, unwanted):
    assert parted(text) == (wanted, unwanted)


def test_a_text_denies_what_it_names_only_to_say_that_it_is_not_there():
    assert denies(["adult", "no", "children"], {"children"})
    assert denies(["0", "children"], {"children"})
    assert not denies(["parents", "with", "children"], {"children"})
    assert not denies(["adults"], {"children"})
