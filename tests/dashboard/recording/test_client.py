import asyncio

from dashboard.app import Dashboard
from dashboard.config import Target
from dashboard.model.target import TargetModel
from dashboard.recording.client import ONLY_RECORDED, ReplayClient
from dashboard.recording.playback import Playback
from dashboard.recording.reader import Recording
from dashboard.widgets.playback_line import PlaybackLine
from tests.dashboard.model.samples import WALL
from tests.dashboard.recording.samples import NAME, history, kept
from tests.dashboard.recording.test_reader import text_of
from tests.doubles import FakeClock

TARGET = Target(NAME, "http://localhost:8000")
ANSWERS = history([("asked", 1), ("asked", 2), ("lost", 0), ("alert", 1)] * 30)


def opened(tmp_path):
    path = tmp_path / "night.jsonl"
    path.write_text(text_of(ANSWERS))
    recording, clock = Recording(path), FakeClock()
    playback = Playback(recording.begins, recording.ends, clock)
    return recording, playback, clock, ReplayClient(TARGET, recording, playback)


async def taken_until(client, count):
    """Run the client until it gave so many answers."""
    taken, enough = [], asyncio.Event()

    def take(answer):
        taken.append(answer)
        if len(taken) >= count:
            enough.set()

    task = asyncio.create_task(client.run(take, lambda: False))
    await asyncio.wait_for(enough.wait(), 10)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.close()
    return taken


async def test_it_gives_what_is_past_at_once_and_nothing_of_what_is_to_come(tmp_path):
    _, playback, _, client = opened(tmp_path)
    playback.seek(ANSWERS[49].wall)

    taken = await taken_until(client, 50)

    assert [repr(answer) for answer in taken] == [repr(kept(answer)) for answer in ANSWERS[:50]]


async def test_each_further_answer_comes_at_its_time(tmp_path):
    _, playback, clock, client = opened(tmp_path)
    playback.faster(1)
    clock.advance(10.0)

    taken = await taken_until(client, 21)

    assert taken[-1].wall == ANSWERS[0].wall + 20.0 == playback.now()


async def test_nothing_is_asked_of_the_service(tmp_path):
    _, _, _, client = opened(tmp_path)

    assert (await client.explore("cars")).problem == ONLY_RECORDED
    assert await client.warm_up() == await client.lift_block("203.0.113.7") == ONLY_RECORDED
    assert (await client.poll()).reason == ONLY_RECORDED
    assert not client.hurry()
    await client.close()


async def test_a_replay_shows_what_was_shown_live_and_seeks_both_ways(tmp_path):
    recording, playback, _, _ = opened(tmp_path)
    app = Dashboard(
        recording.targets,
        client_factory=lambda target: ReplayClient(target, recording, playback),
        clock=playback.now,
        wall=playback.now,
        playback=playback,
    )

    def live(until):
        model = TargetModel(TARGET)
        for answer in ANSWERS:
            if answer.wall <= until:
                model.take(kept(answer))
        return {vital.key: (vital.value, vital.state, vital.trend) for vital in model.vitals(until)}

    def shown():
        return {vital.key: (vital.value, vital.state, vital.trend) for vital in app.model.vitals(playback.now())}

    async def settled():
        for _ in range(400):
            if shown() == live(playback.now()):
                return
            await pilot.pause(0.01)
        assert shown() == live(playback.now())

    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("full_stop")
        assert playback.now() == WALL + 61.0
        await settled()
        line = app.screen.query_one(PlaybackLine)
        assert "▶ replay" in line.line(100).plain
        await pilot.click(PlaybackLine, offset=(line._bar[0] + line._bar[1] // 4, 0))
        assert WALL + 20 < playback.now() < WALL + 45
        await settled()
        await pilot.press("space", "right_curly_bracket")
        assert (playback.paused, playback.speed) == (True, 2.0)
        assert "‖ paused 2x" in line.line(100).plain
        await pilot.press("greater_than_sign")
        assert playback.ended
        assert "■ end" in line.line(60).plain
        await pilot.press("space")
        assert (playback.now(), playback.paused) == (recording.begins, False)
        await settled()
        assert {len(line.line(width).plain) for width in (60, 80, 160)} == {60, 80, 160}
