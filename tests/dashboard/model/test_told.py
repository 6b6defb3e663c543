"""When one instance is asked about all, and what is kept of its answer."""

from dashboard.model.told import AGAIN_SECONDS, FleetDocuments, Told
from tests.dashboard.model.samples import FakeService

SHARED = {"clients": {"store": "redis", "store_ok": True}}


def of(name, rate=1.0):
    return {"service": {"name": "signals-agent", "instance": name}, "requests": {"rate": rate}}


DOCUMENTS = FleetDocuments((of("one"), of("two", 2.0)), {"requests": {"rate": 3.0}})


def own(at):
    return FakeService("one").snapshot(at)


def test_a_service_that_is_alone_is_never_asked_about_others():
    told = Told()
    for document in ({}, {"clients": {"store": "memory", "store_ok": True}}, {"clients": "odd"}):
        found = told.added_to(own(1000.0), document, None)
        assert (found.fleet, found.totals, told.due(1e9)) == ((), {}, False)


def test_one_behind_redis_is_asked_and_then_again_every_two_seconds():
    told = Told()
    told.added_to(own(1000.0), SHARED, None)
    assert told.due(1000.0)

    found = told.added_to(own(1001.0), SHARED, DOCUMENTS)
    assert [one.service.instance for one in found.fleet] == ["one", "two"]
    assert found.totals == {"requests.rate": 3.0}
    assert (told.due(1001.0 + AGAIN_SECONDS / 2), told.due(1001.0 + AGAIN_SECONDS)) == (False, True)


def test_what_was_told_stays_until_it_is_told_anew():
    told = Told()
    first = told.added_to(own(1000.0), SHARED, DOCUMENTS)

    assert told.added_to(own(1001.0), SHARED, None).fleet is first.fleet


def test_while_redis_is_down_nobody_is_told_of():
    told = Told()
    told.added_to(own(1000.0), SHARED, DOCUMENTS)

    found = told.added_to(own(1001.0), {"clients": {"store": "redis", "store_ok": False}}, None)
    assert (found.fleet, found.totals, told.due(1010.0)) == ((), {}, False)


def test_one_that_does_not_know_the_question_is_not_asked_it_again_at_once():
    told = Told()
    told.added_to(own(1000.0), SHARED, None)
    told.refused()

    assert not told.due(1e9)
