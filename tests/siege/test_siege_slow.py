"""A short siege of slow connections, and the judges of the long one."""

import itertools

import pytest

from tests.siege import slow
from tests.siege.besiegers import Fate, Manner
from tests.siege.probing import Result
from tests.siege.slow import Scenario, judged, scenarios, summary
from tests.siege.tables import lines_of, percentile
from tests.siege.target import PRODUCTION, Target

DEADLINE = 1.0


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    settings = PRODUCTION | {"REQUEST_DEADLINE_SECONDS": str(DEADLINE)}
    with Target(tmp_path_factory.mktemp("slow"), **settings) as running:
        slow.warm(running)
        yield running


@pytest.mark.parametrize(
    ("number", "scenario"), [*enumerate(scenarios(DEADLINE, size=0.1))], ids=[one.name for one in scenarios(DEADLINE)]
)
def test_slow_and_flooding_connections_are_closed_in_time_and_others_are_answered(target, number, scenario):
    assert slow.run(target, scenario, 100 + number).broken == []


def test_a_storm_of_resets_leaves_nothing_behind(target):
    assert slow.storm(target, 1.0).broken == []


SCENARIO = Scenario("a scenario", 2, 1, Manner(), 12.0, frozenset({408}))


class FakeProbes:
    def __init__(self, *statuses):
        self.results = [Result("/health", status, 0.01) for status in statuses]
        self.failed = sum(status != 200 for status in statuses)
        self.seconds = [0.01] * len(statuses)


@pytest.mark.parametrize(
    ("fates", "probes", "said"),
    [
        ([Fate(11.0, "closed", [408])], FakeProbes(200), []),
        ([Fate()], FakeProbes(200), ["1 connections were never closed"]),
        ([Fate(12.5, "closed", [408])], FakeProbes(200), ["1 connections were closed later than after 12 s"]),
        ([Fate(1.0, "closed", [200])], FakeProbes(200), ["statuses [200] are not of this scenario"]),
        ([Fate(1.0, "closed")], FakeProbes(200, 0), ["1 of 2 probes failed"]),
        ([Fate(1.0, "closed")], FakeProbes(), ["0 of 0 probes failed"]),
    ],
)
def test_each_broken_promise_is_said(fates, probes, said):
    assert judged(SCENARIO, fates, probes) == said


def test_a_connection_is_told_by_the_last_refusal_it_saw():
    fates = [Fate(1.0, "closed", [200, 400]), Fate(1.0, "closed", [200]), Fate(2.0, "closed", [400]), Fate()]

    assert summary(fates) == "400 x2, closed x1, never closed x1"


def test_a_percentile_is_one_of_the_values():
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 2.0, 3.0, 3.0]


def test_tables_are_as_wide_as_they_need_to_be():
    assert lines_of(("what", "n"), [("a", 1), ("longer", 23)]) == ["what    n", "a        1", "longer  23"]
    assert len({*itertools.chain(lines_of(("x", "y"), []))}) == 1
