"""The watch over all alerts."""

from dataclasses import replace

from service.monitoring.alerts import Measurement
from service.monitoring.rules import RULES
from service.monitoring.watch import TRANSITIONS_KEPT, Transition, Watch

EPOCH = 1_795_379_400.0
BAD = {"HighMemory": Measurement(0.95)}
GOOD = {"HighMemory": Measurement(0.5)}


class Wall:
    """A wall clock that runs beside the monotonic seconds a test passes."""

    now = EPOCH

    def __call__(self):
        return self.now


def a_watch(rules=RULES, **options):
    return Watch(rules, clock=options.pop("clock", Wall()), **options)


def record(watch, name="HighMemory"):
    return next(record for record in watch.document() if record["name"] == name)


def test_the_document_has_a_record_for_every_rule_with_the_documented_fields():
    watch = a_watch()
    watch.evaluate(BAD, 1000)

    assert [record["name"] for record in watch.document()] == [rule.name for rule in RULES]
    assert record(watch) == {
        "name": "HighMemory",
        "state": "pending",
        "severity": "critical",
        "value": 0.95,
        "unit": "ratio",
        "comparison": ">",
        "warns": 0.80,
        "fires": 0.90,
        "clears": 0.85,
        "for_seconds": 60,
        "needs": 0,
        "since": "2026-11-22T20:30:00.000Z",
        "peak": 0.95,
        "resolved_at": None,
    }


def test_before_the_first_evaluation_nothing_is_known():
    assert {(record["state"], record["since"]) for record in a_watch().document()} == {("no_data", None)}


def test_each_change_is_told_once_and_remembered():
    heard = []
    clock = Wall()
    watch = a_watch(clock=clock, listeners=[heard.append])

    for now, vitals in ((0, BAD), (5, BAD), (60, BAD), (65, GOOD), (70, GOOD), (125, GOOD)):
        clock.now = EPOCH + now
        watch.evaluate(vitals, now)

    assert [(change.previous, change.state) for change in heard] == [
        ("no_data", "pending"),
        ("pending", "firing"),
        ("firing", "clearing"),
        ("clearing", "resolved"),
    ]
    assert [change.notable for change in heard] == [False, True, False, True]
    assert watch.transitions()[1] == {
        "name": "HighMemory",
        "from": "pending",
        "to": "firing",
        "value": 0.95,
        "at": "2026-11-22T20:31:00.000Z",
    }
    assert record(watch)["resolved_at"] == "2026-11-22T20:32:05.000Z"


def test_a_relapse_is_not_told_again():
    assert not Transition("HighCpu", "clearing", "firing", 0.95, EPOCH).notable


def test_traffic_that_comes_and_goes_is_no_news():
    watch = a_watch()

    assert watch.evaluate(GOOD, 0) == []
    assert watch.evaluate({}, 5) == []
    assert record(watch)["state"] == "no_data"


def test_an_alert_counts_as_firing_until_it_is_resolved():
    watch = a_watch()
    watch.evaluate(BAD, 0)
    assert watch.firing() == []
    watch.evaluate(BAD, 60)
    watch.evaluate(GOOD, 65)

    assert record(watch)["state"] == "clearing"
    assert watch.firing() == ["HighMemory"]
    watch.evaluate(GOOD, 125)
    assert watch.firing() == []


def test_new_rules_keep_the_states_of_alerts_that_stay():
    watch = a_watch()
    watch.evaluate(BAD, 0)
    watch.evaluate(BAD, 60)

    watch.replace_rules([replace(rule, fires=0.99, clears=0.97) for rule in RULES if rule.name == "HighMemory"])

    assert [(record["name"], record["state"], record["fires"]) for record in watch.document()] == [
        ("HighMemory", "firing", 0.99)
    ]
    assert watch.rule("HighMemory").fires == 0.99
    assert watch.rule("HighCpu") is None


def test_a_wall_clock_that_is_set_moves_no_alert():
    clock = Wall()
    watch = a_watch(clock=clock)
    watch.evaluate(BAD, 0)
    clock.now = EPOCH + 86_400

    watch.evaluate(BAD, 5)

    assert record(watch)["state"] == "pending"
    assert record(watch)["since"] == "2026-11-23T20:29:55.000Z"


def test_only_the_last_changes_are_kept():
    watch = a_watch()
    for now in range(2 * TRANSITIONS_KEPT):
        watch.evaluate(BAD if now % 2 else GOOD, now)

    assert len(watch.transitions()) == TRANSITIONS_KEPT
