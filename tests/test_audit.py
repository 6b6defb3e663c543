"""``make audit``: silence about a package is never taken for health."""

import json

import pytest

from tests.audit import CLEAN, UNKNOWN, WEAK, Verdict, judge, read

FLAW = {"id": "GHSA-1", "fix_versions": ["2.1"], "aliases": [], "description": "x"}


def a_report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_report_names_the_weak_and_the_unknown():
    report = a_report(
        {"name": "good", "version": "1", "vulns": []},
        {"name": "bad", "version": "2.0", "vulns": [FLAW, FLAW | {"fix_versions": []}]},
        {"name": "odd", "skip_reason": "Dependency not found"},
    )

    assert read(report) == Verdict(
        2, ("odd",), ("bad 2.0: GHSA-1, mended in 2.1", "bad 2.0: GHSA-1, mended in no release")
    )


def test_what_is_no_report_is_refused():
    with pytest.raises(ValueError):
        read("No known vulnerabilities found")


@pytest.mark.parametrize(
    "verdict, code",
    [
        (Verdict(3, (), ()), CLEAN),
        (Verdict(3, ("odd",), ()), UNKNOWN),
        ("no internet", UNKNOWN),
        (Verdict(3, ("odd",), ("bad 2.0: GHSA-1",)), WEAK),
    ],
)
def test_only_packages_that_were_asked_about_are_clean(verdict, code):
    found, lines = judge({"requirements.txt": verdict, "other.txt": Verdict(1, (), ())})

    assert found == code
    assert any("no clean bill of health" in line for line in lines) == (code == UNKNOWN)


def test_a_weakness_in_any_file_weighs_more_than_what_is_unknown():
    assert judge({"a": Verdict(1, (), ("bad 1: X",)), "b": "no internet"})[0] == WEAK
    assert judge({"a": "no internet", "b": Verdict(1, (), ("bad 1: X",))})[0] == WEAK
