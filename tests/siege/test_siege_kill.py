"""A few kills of the hundred that ``python -m tests.siege kill`` does, each at another moment."""

from tests.siege.kill import besiege, report


def test_killed_in_imports_it_comes_back_with_the_old_or_the_new_catalogue_and_leaves_no_copies():
    ledger = besiege(kills=3, rows=1000)

    assert ledger.broken == []
    assert sum(ledger.found.values()) == 3
    assert ledger.copies == 1
    assert dict(report(ledger))["kills"] == 3
