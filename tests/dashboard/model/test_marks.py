from dashboard.model.marks import MARKS_AT_MOST, Marks
from tests.dashboard.model.samples import rule


def test_an_acknowledged_alert_is_loud_again_when_its_state_changes():
    marks = Marks()
    marks.acknowledge("HighErrorRate", "then")
    marks.forget_past([rule(since="then"), rule("Other")])
    assert marks.of("HighErrorRate").acknowledged
    marks.forget_past([rule(since="later")])
    assert not marks.of("HighErrorRate").acknowledged


def test_a_snooze_outlives_a_change_of_state():
    marks = Marks()
    marks.snooze("HighErrorRate", 60.0)
    marks.forget_past([rule(since="later")])
    assert marks.of("HighErrorRate").snoozed_until == 60.0
    assert marks.of("Unknown").snoozed_until is None


def test_marks_have_a_bound():
    marks = Marks()
    for number in range(MARKS_AT_MOST + 10):
        marks.snooze(f"alert {number}", 1.0)
    assert marks.of("alert 0").snoozed_until is None
    assert marks.of(f"alert {MARKS_AT_MOST + 9}").snoozed_until == 1.0
