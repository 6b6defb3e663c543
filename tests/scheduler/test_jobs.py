"""What the jobs do."""

import pytest

from scheduler.jobs import Unreachable, clean_state, health_check, ping, refresh_catalogue, sample


def test_a_sample_is_measured_before_it_is_kept_and_the_alerts_see_what_was_measured():
    walk = []
    run = sample(
        clock=lambda: 7.0,
        cut=lambda: "totals",
        remember=lambda at, totals: walk.append(("remember", at, totals)),
        look=lambda: walk.append("look"),
        measure=lambda totals, now: walk.append(("measure", totals, now)) or "vitals",
        evaluate=lambda vitals, now: walk.append(("evaluate", vitals, now)),
    )

    run()

    assert walk == ["look", ("measure", "totals", 7.0), ("remember", 7.0, "totals"), ("evaluate", "vitals", 7.0)]


def test_a_new_catalogue_is_told_and_an_old_one_is_not():
    loaded = [False, True, False]
    told = []
    run = refresh_catalogue(lambda: loaded.pop(0), lambda: told.append("changed"))

    for _ in range(3):
        run()

    assert told == ["changed"]


def test_only_a_change_of_health_is_told():
    statuses = ["healthy", "healthy", "degraded", "degraded", "healthy"]
    told = []
    run = health_check(lambda: (statuses.pop(0), {"disk": "9 MB free"}), lambda *change: told.append(change))

    for _ in range(5):
        run()

    assert [change[:2] for change in told] == [(None, "healthy"), ("healthy", "degraded"), ("degraded", "healthy")]
    assert told[1][2] == {"disk": "9 MB free"}


def test_cleaning_tells_what_went_and_nothing_if_nothing_did():
    told = []

    clean_state({"blocks": lambda: 3, "queries": lambda: 0}, told.append)()
    clean_state({"blocks": lambda: 0}, told.append)()

    assert told == [{"blocks": 3}]


def test_a_cleaner_that_fails_keeps_no_other_from_its_work():
    told = []

    def fail():
        raise OSError("disk full")

    with pytest.raises(ExceptionGroup) as failure:
        clean_state({"blocks": fail, "queries": lambda: 2}, told.append)()

    assert told == [{"queries": 2}]
    assert [str(error) for error in failure.value.exceptions] == ["disk full"]


def test_a_ping_that_goes_well_is_a_good_run_and_any_other_a_failed_one():
    outcomes = ["ok", "status 502"]
    job = ping(lambda: outcomes.pop(0))

    job()
    with pytest.raises(Unreachable, match="status 502"):
        job()
