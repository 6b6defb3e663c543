import asyncio
import json

from dashboard.config import Target
from dashboard.model.alerts import view_of
from dashboard.model.marks import Mark
from dashboard.model.snapshot import Failure, Snapshot
from dashboard.watch import BELL, Changes, Watcher, as_json, as_line
from tests.dashboard.model.samples import WALL, FakeService, failure, iso, rule

TARGET = Target("web-1", "http://localhost:8000", None, 1.0)


def views(*alerts):
    return [view_of(alert, WALL + 200, Mark(), 0.0) for alert in alerts]


def queue(state, **more):
    return rule("QueueBacklog", state, unit="requests", value=92.0, fires=80.0, since=iso(WALL + 200), **more)


def test_what_is_calm_at_first_is_no_news_and_what_is_not_is():
    changes = Changes("web-1")

    found = changes.since_last(views(queue("firing"), rule("HighCpu", "ok"), rule("HighMemory", "no_data")))

    assert [(change.alert, change.before, change.after) for change in found] == [("QueueBacklog", None, "firing")]
    assert changes.since_last(views(queue("firing"))) == []


def test_each_change_is_told_once_with_where_it_came_from():
    changes = Changes("web-1")
    seen = []
    for state in ("ok", "pending", "pending", "firing", "clearing", "ok", "no_data", "ok"):
        seen += [(change.before, change.after) for change in changes.since_last(views(queue(state)))]

    assert seen == [("ok", "pending"), ("pending", "firing"), ("firing", "clearing"), ("clearing", "ok")]


def test_an_alert_that_is_told_of_no_more_is_over():
    changes = Changes("web-1")
    changes.since_last(views(queue("firing"), rule("HighCpu", "ok")))

    (change,) = changes.since_last([])

    assert (change.alert, change.before, change.after, change.sentence) == (
        "QueueBacklog",
        "firing",
        "ok",
        "QueueBacklog ok",
    )


def test_a_line_says_when_who_and_what():
    (change,) = Changes("web\x1b[31m").since_last(views(queue("firing")))

    line = as_line(change, 1_795_390_200.0)
    assert line.startswith("2026-11-22T23:30:00Z web")
    assert line.endswith("▲ QueueBacklog firing 0s: 92 waiting (fires at 80)")
    assert "\x1b" not in line
    told = json.loads(as_json(change, 1_795_390_200.0))
    assert (told["alert"], told["before"], told["after"], told["value"]) == ("QueueBacklog", None, "firing", 92.0)


class Scripted:
    """A client that gives the answers of a script, then waits for ever."""

    def __init__(self, target, answers):
        self.answers, self.closed, self.done = answers, False, asyncio.Event()

    async def run(self, take, paused):
        for answer in self.answers:
            take(answer)
        self.done.set()
        await asyncio.Event().wait()

    async def close(self):
        self.closed = True


async def watched(answers, **options):
    """Watch the script and return the lines, what was kept, and the client."""
    lines, kept, client = [], [], Scripted(TARGET, answers)
    watcher = Watcher(
        [TARGET],
        lines.append,
        keep=lambda target, answer: kept.append((target.name, answer)),
        client_factory=lambda target: client,
        clock=lambda: answers[-1].at,
        wall=lambda: WALL,
        **options,
    )
    task = asyncio.create_task(watcher.run())
    await asyncio.wait_for(client.done.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return lines, kept, client


def script(*states):
    service, answers = FakeService(), []
    for second, state in enumerate(states, 1):
        if state == "lost":
            answers.append(failure(float(second)))
        else:
            service.alerts = [queue(state)]
            answers.append(service.snapshot(float(second)))
    return answers


async def test_it_tells_changes_rings_when_one_fires_and_keeps_every_answer():
    lines, kept, client = await watched(script("ok", "pending", "firing", "firing", "ok"), bell=True)

    assert [line.startswith(BELL) for line in lines] == [False, True, False]
    assert len(kept) == 5
    assert {type(answer) for _, answer in kept} == {Snapshot}
    assert client.closed


async def test_a_service_that_cannot_be_reached_is_an_alert_too():
    answers = [*script("ok"), *(failure(float(second)) for second in range(10, 31))]
    lines, kept, _ = await watched(answers, as_text=as_json)

    assert [json.loads(line)["alert"] for line in lines] == ["ServiceUnreachable"]
    assert json.loads(lines[0])["after"] == "firing"
    assert isinstance(kept[-1][1], Failure)


async def test_a_lost_connection_begins_to_fire_while_no_answer_comes(monkeypatch):
    monkeypatch.setattr("dashboard.watch.TICK_SECONDS", 0.001)
    lines, now, told = [], [2.0], asyncio.Event()
    client = Scripted(TARGET, script("ok", "lost"))

    def tell(line):
        lines.append(line)
        if "firing" in line:
            told.set()

    watcher = Watcher([TARGET], tell, client_factory=lambda target: client, clock=lambda: now[0], wall=lambda: WALL)
    task = asyncio.create_task(watcher.run())
    await asyncio.wait_for(client.done.wait(), 10)
    now[0] = 60.0
    await asyncio.wait_for(told.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert "ServiceUnreachable firing" in lines[-1]
