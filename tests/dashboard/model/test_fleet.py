from dataclasses import replace

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


def a_shared_model(name="signals", alerts=(), instances=("one", "two"), then=None):
    """A target with instances behind it that tell of each other; ``then`` are those of the second answer."""
    model = TargetModel(Target(name, f"http://{name}:8000"))
    for at, told in ((1029.0, instances), (1030.0, then or instances)):
        members = tuple(a_member(one, at, alerts if one == "two" else ()) for one in told)
        model.take(replace(FakeService("one").snapshot(at), fleet=members))
    return model


def a_member(name, at, alerts):
    service = FakeService(name)
    service.alerts = list(alerts)
    service.figures = {
        "requests.rate": 20.0,
        "requests.error_rate": 0.05,
        "requests.duration_seconds.p95": 1.5,
        "queue.depth": 3.0,
        "queue.capacity": 100.0,
        "system.cpu_percent": 40.0,
        "system.memory_percent": None,
    }
    return service.snapshot(at)


def test_instances_that_tell_of_each_other_have_a_row_each_by_their_names_the_worst_first():
    rows = rows_of([a_shared_model(alerts=[FIRING])], NOW)

    assert [(row.name, row.state, row.sentence) for row in rows] == [
        ("two", "firing", "QueueBacklog 92"),
        ("one", "ok", ""),
    ]
    assert rows[0].values == {
        "requests": 20.0,
        "errors": 5.0,
        "latency": 1.5,
        "queue": 3.0,
        "cpu": 40.0,
        "memory": None,
    }
    assert (rows[0].capacity, rows[0].current, rows[0].member) == (100.0, True, True)


def test_of_several_targets_an_instance_bears_the_name_of_its_target_too():
    rows = rows_of([a_shared_model("eu"), a_shared_model("us"), a_model("alone")], NOW)

    assert [row.name for row in rows] == ["alone", "eu one", "eu two", "us one", "us two"]
    assert len({row.key for row in rows}) == 5
    assert [row.index for row in rows] == [2, 0, 0, 1, 1]


def test_an_instance_that_is_gone_is_shown_so_and_adds_nothing():
    rows = rows_of([a_shared_model(instances=("one", "two", "three"), then=("one", "two"))], NOW + 1)
    totals = totals_of(rows)

    assert [(row.name, row.gone, row.current) for row in rows if not row.current] == [("three", True, False)]
    assert (totals.targets, totals.instances, totals.gone, totals.lost, totals.requests) == (1, 2, 1, 0, 40.0)


def test_one_instance_alone_or_a_lost_address_is_the_row_of_its_target():
    assert [row.member for row in rows_of([a_shared_model(instances=("one",))], NOW)] == [False]

    model = a_shared_model()
    for at in range(1031, 1050):
        model.take(failure(float(at)))
    [row] = rows_of([model], 1050.0)
    assert (row.member, row.current, row.sentence) == (False, False, "connection refused")


def test_totals_of_instances_add_up_with_those_of_targets():
    rows = rows_of([a_shared_model("eu", [FIRING]), a_model("alone", times=30)], NOW)
    totals = totals_of(rows)

    assert (totals.targets, totals.instances, totals.firing) == (2, 2, 1)
    assert totals.requests == sum(row.values["requests"] for row in rows) == 70.0
