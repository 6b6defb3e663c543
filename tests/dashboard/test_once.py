import asyncio
import json

import pytest

from dashboard.config import Target
from dashboard.model.snapshot import Failure
from dashboard.model.target import TargetModel
from dashboard.once import as_text, exit_code, look, look_at_all, report
from tests.dashboard.model.samples import FakeService, failure, iso, rule


class FakeClient:
    """Answers what it is given, one after the other."""

    def __init__(self, *answers):
        self.answers, self.closed = list(answers), False

    async def poll(self):
        return self.answers.pop(0)

    async def close(self):
        self.closed = True


def a_look(*alerts, instance="web-1"):
    """A model after two good answers."""
    model, service = TargetModel(Target("web", "http://localhost:8000")), FakeService(instance)
    service.alerts = alerts
    service.answer(times=0)
    for at in (1000.0, 1001.0):
        model.take(service.snapshot(at))
        service.answer(times=10)
    return model, 1001.0


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ((), 0),
        (("ok", "no_data", "resolved"), 0),
        (("ok", "warning"), 1),
        (("pending",), 1),
        (("warning", "firing"), 2),
        (("clearing",), 2),
    ],
)
def test_the_exit_code_is_the_worst_state(states, code):
    assert exit_code(*a_look(*(rule(f"Rule{i}", state) for i, state in enumerate(states)))) == code


def test_a_target_that_does_not_answer_is_3_even_if_it_did_before():
    model, now = a_look()
    model.take(failure(now + 1))
    assert exit_code(model, now + 1) == 3
    assert "no answer now: connection refused" in as_text(model, now + 1)


def test_the_text_names_the_service_its_signs_and_what_is_wrong():
    firing = rule("HighErrorRate", "firing", value=0.2, since=iso(1_795_391_001 - 134))
    text = as_text(*a_look(firing, rule("HighCpu"), rule("AiSlow", "no_data")))
    assert text.startswith("signals-agent 1.0.0 · web-1 · up 16m41s · http://localhost:8000 · data 0.0s ago · ")
    assert "· Requests       10.0 /s" in text
    assert "▲ HighErrorRate firing 2m14s: 20.0 % (fires at 10.0 %)" in text
    assert "2 of 3 alerts are calm" in text
    assert "\x1b" not in text


def test_a_target_that_never_answered_is_one_line():
    model = TargetModel(Target("web", "http://localhost:8000"))
    model.take(failure(1.0))
    assert as_text(model, 1.0) == "◌ http://localhost:8000: connection refused\n"


def test_json_holds_the_same_for_machines():
    text, code = report([a_look(rule("HighErrorRate", "pending"))], as_json=True)
    document = json.loads(text)
    assert (code, document["exit_code"]) == (1, 1)
    assert document["vitals"]["requests"]["value"] == 10.0
    assert document["vitals"]["cpu"]["value"] is None
    assert document["alerts"][0]["state"] == "pending"
    assert document["service"]["instance"] == "web-1"
    assert document["failure"] is None


def test_several_targets_are_a_list_and_the_worst_decides():
    lost = TargetModel(Target("b", "http://b"))
    lost.take(failure(1.0, "garbage", "not JSON"))
    text, code = report([a_look(), (lost, 1.0)], as_json=True)
    assert [document["exit_code"] for document in json.loads(text)] == [0, 3]
    assert json.loads(text)[1]["failure"] == {"kind": "garbage", "reason": "not JSON"}
    assert code == 3
    assert report([a_look(), (lost, 1.0)], as_json=False)[0].count("\n\n") >= 2


def test_a_look_asks_twice_and_closes():
    service = FakeService()
    client = FakeClient(service.snapshot(1.0), service.snapshot(2.0))
    model, now = asyncio.run(look(Target("t", "http://t", None, 0.0), lambda target: client))
    assert (model.latest.at, now, client.closed, client.answers) == (2.0, 2.0, True, [])


def test_a_look_at_a_lost_service_asks_once():
    client = FakeClient(failure(1.0))
    [(model, _)] = asyncio.run(look_at_all([Target("t", "http://t")], lambda target: client))
    assert isinstance(model.failure, Failure)
    assert client.closed
