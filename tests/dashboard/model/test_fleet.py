from dashboard.config import Target
from dashboard.model.fleet import row_of, rows_of, state_of, totals_of
from dashboard.model.target import TargetModel
from tests.dashboard.model.samples import WALL, FakeService, failure, iso, rule


def a_model(name, alerts=(), seconds=30, lost=0, times=10):
    """A target that answered for some seconds and then was lost for others."""
    model, service = TargetModel(Target(name, f"http://{name}:8000")), FakeService(f"{name}-1")
    service.alerts, service.figures = list(alerts), {"queue.capacity": 100.0}
    service.gauges = {"signals_queue_depth": 7}
    for at in range(1000, 1000 + seconds):
        service.answer(times=times)
        model.take(service.snapshot(float(at)))
    for at in range(1000 + seconds, 1000 + seconds + lost):
        model.take(failure(float(at)))
    return model


NOW = 1030.0
FIRING = rule("QueueBacklog", "firing", unit="requests", value=92.0, since=iso(WALL + 1000))


def test_a_row_has_the_newest_values_and_what_is_wrong():
    row = row_of(3, a_model("web-1", [FIRING]), NOW)

    assert (row.index, row.name, row.state, row.loud, row.current, row.instances) == (3, "web-1", "firing", 1, True, 1)
    assert row.sentence == "QueueBacklog 92"
    assert (row.values["requests"], row.values["queue"], row.capacity) == (10.0, 7.0, 100.0)
    assert row.service.instance == "web-1-1"
    assert row.trend[-1].value == 10.0


def test_a_lost_one_says_why_and_keeps_its_values():
    row = row_of(0, a_model("web-1", lost=20), NOW + 20)

    assert (row.current, row.state, row.sentence) == (False, "firing", "connection refused")
    assert row.values["requests"] == 10.0


def test_one_that_never_answered_has_no_values():
    row = row_of(0, a_model("web-1", seconds=0), NOW)

    assert (row.state, row.sentence, row.values, row.trend) == ("unknown", "no answer yet", {}, ())
    assert (row.capacity, row.service.instance) == (None, "")


def test_the_worst_stands_first_and_equals_by_name():
    warning = rule("HighCpu", "warning", since=iso(WALL + 1000), value=0.8)
    models = [a_model("d"), a_model("b", [warning]), a_model("c", [FIRING]), a_model("a")]

    rows = rows_of(models, NOW)

    assert [row.name for row in rows] == ["c", "b", "a", "d"]
    assert [state_of(models[row.index], NOW) for row in rows] == [row.state for row in rows]


def test_what_the_operator_knows_of_or_silenced_is_not_the_worst():
    other = rule("HighMemory", "warning", since=iso(WALL + 1000), value=0.85)
    model = a_model("web-1", [FIRING, other])
    model.acknowledge("QueueBacklog")
    assert row_of(0, model, NOW).sentence == "HighMemory 85.0 %"
    model.snooze("HighMemory", 900.0, NOW)
    assert row_of(0, model, NOW).sentence == "QueueBacklog 92"
    model.snooze("QueueBacklog", 900.0, NOW)
    assert row_of(0, model, NOW).state == "ok"


def test_totals_add_up_what_is_current():
    models = [a_model("a", times=30), a_model("b", [FIRING]), a_model("c", lost=5)]
    totals = totals_of(rows_of(models, NOW + 4))

    assert (totals.targets, totals.firing, totals.lost, totals.requests) == (3, 0, 3, None)
    totals = totals_of(rows_of(models[:2], NOW))
    assert (totals.targets, totals.firing, totals.warning, totals.lost, totals.requests) == (2, 1, 0, 0, 40.0)
    assert totals_of([]).requests is None
