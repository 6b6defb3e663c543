"""How each job went."""

import pytest

from scheduler.ledger import JobRecord, Ledger


def test_a_job_that_never_ran_is_unknown_and_silent_since_the_start():
    ledger = Ledger(["sample"], now=100.0)

    assert ledger.records() == [JobRecord("sample")]
    assert ledger.silent_for("sample", 130.0) == 30.0


def test_runs_and_failures_are_counted_and_the_last_is_told():
    ledger = Ledger(["sample", "clean"], now=100.0)

    ledger.begin("clean", at=1_000.0)
    assert ledger.running("clean")
    ledger.end("clean", "error", 0.5, now=101.0)
    ledger.begin("clean", at=1_010.0)
    ledger.end("clean", "ok", 0.25, now=110.0)

    assert not ledger.running("clean")
    assert ledger.records()[1] == JobRecord("clean", None, 1_010.0, "ok", 0.25, runs=2, failures=1)
    assert ledger.silent_for("clean", 112.0) == 2.0


def test_an_unknown_job_is_an_error():
    with pytest.raises(KeyError):
        Ledger([], 0.0).silent_for("sample", 1.0)
