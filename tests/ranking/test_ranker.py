from __future__ import annotations

from dataclasses import replace

import pytest

from service.messages import Brief
from service.ranking.ranker import fingerprint

BRIEF = Brief("cars", countries=("US",))


def test_equal_briefs_have_equal_fingerprints_of_sixteen_hex_digits():
    mark = fingerprint("v1", "text-1", BRIEF)
    assert mark == fingerprint("v1", "text-1", Brief("cars", countries=("US",)))
    assert len(mark) == 16
    assert int(mark, 16) >= 0


@pytest.mark.parametrize(
    "other",
    [
        ("v2", "text-1", BRIEF),
        ("v1", "text-2", BRIEF),
        ("v1", "text-1", replace(BRIEF, spec="car")),
        ("v1", "text-1", replace(BRIEF, max_cpm=1.0)),
        ("v1", "text-1", replace(BRIEF, countries=(), platforms=("US",))),
        ("v1", "text-1", replace(BRIEF, spec="\ud800")),
    ],
)
def test_whatever_may_change_a_ranking_changes_its_fingerprint(other):
    assert fingerprint("v1", "text-1", BRIEF) != fingerprint(*other)
