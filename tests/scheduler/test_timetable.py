"""The rows of the timetable."""

import pytest

from scheduler.timetable import Job


def test_a_row_without_a_period_or_with_an_unknown_thread_is_refused_by_name():
    with pytest.raises(ValueError, match="job clean: the period must be positive, not 0"):
        Job("clean", 0, "work", print)
    with pytest.raises(ValueError, match="job clean: no executor 'other'; there are sampling, catalogue, work, remote"):
        Job("clean", 5, "other", print)
