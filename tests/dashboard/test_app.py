"""The app: polling, keys, palette, themes, and that nothing is painted while paused."""

import pytest
from textual.content import Content

from dashboard.app import CLASSES
from dashboard.model.snapshot import Failure
from dashboard.themes import THEMES, theme_after
from tests.dashboard.fakes import NOW, WALL, FakeClient, FakeModel, dashboard_at, snapshot


def names(app):
    return [type(screen).__name__ for screen in app.screen_stack[1:]]


class PollingClient(FakeClient):
    """Hands over one good answer and one failure, then rests."""

    async def run(self, take, paused):
        take(snapshot("healthy"))
        take(Failure(NOW, WALL, "unreachable", "connection refused"))


class BrokenClient(FakeClient):
    async def run(self, take, paused):
        raise RuntimeError("[bold]broken[/bold]")


def app_with(client):
    app = dashboard_at("healthy")
    app.clients = [client(target.target) for target in app.models]
    return app


async def test_what_the_client_brings_goes_to_the_model_of_its_target():
    app = app_with(PollingClient)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert [type(answer).__name__ for answer in app.model.taken] == ["Snapshot", "Failure"]


async def test_a_poll_loop_that_breaks_is_told_and_does_not_end_the_app():
    app = app_with(BrokenClient)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        assert any("broken" in toast.message for toast in app._notifications)


async def test_a_poll_loop_that_breaks_begins_anew(monkeypatch):
    monkeypatch.setattr("dashboard.app.DEFECT_SECONDS", 0.0)
    asked = []

    class Recovering(FakeClient):
        async def run(self, take, paused):
            asked.append(1)
            if len(asked) < 3:
                raise RuntimeError("a defect")
            take(snapshot("healthy"))

    app = dashboard_at("healthy")
    app.clients = [Recovering(model.target) for model in app.models]
    app.model.interval = 0.0
    async with app.run_test() as pilot:
        await pilot.pause()
        assert len(asked) == 3 and len(app.model.taken) == 1


async def test_clients_are_closed_at_the_end():
    app = dashboard_at("healthy")
    async with app.run_test():
        client = app.client
    assert client.closed


async def test_number_keys_show_the_screens_and_escape_leads_back():
    app = dashboard_at("burning")
    async with app.run_test(size=(120, 36)) as pilot:
        for place, name in enumerate(CLASSES, start=1):
            await pilot.press(str(place % len(CLASSES)))
            assert names(app) == [CLASSES[name]]
            # Where a field has the focus, the first escape gives the keys back.
            await pilot.press(*["escape"] * (2 if name == "explore" else 1))
            assert names(app) == ["OverviewScreen"]


async def test_a_number_key_closes_the_big_chart_first():
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.press("1")
        assert names(app) == ["OverviewScreen"]


async def test_the_hints_can_be_clicked():
    app = dashboard_at("healthy")
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.click("Hints", offset=(118, 0))
        await pilot.pause()
        hints = app.screen_stack[1].query_one("Hints")
        column = hints.line(160).plain.index("? help")
        await pilot.click("Hints", offset=(column + 2, 0))
        await pilot.pause()
        assert names(app)[-1] == "HelpScreen"


async def test_the_question_mark_opens_help_and_closes_it():
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        assert names(app) == ["OverviewScreen", "HelpScreen"]
        await pilot.press("question_mark")
        assert names(app) == ["OverviewScreen"]


async def test_pausing_stops_painting_and_not_collecting():
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        await pilot.press("space")
        painted = []
        app.screen.refresh_data = lambda: painted.append(1)
        app._take(app.model, await app.client.poll())
        await pilot.pause()
        assert len(app.model.taken) == 1 and painted == []
        assert "PAUSED" in app.screen.query_one("Header").line(120).plain
        await pilot.press("space")
        assert painted == [1]


async def test_a_and_s_quieten_the_worst_alert_and_then_the_next():
    app = dashboard_at("burning")
    async with app.run_test() as pilot:
        await pilot.press("a", "a", "s")
        assert app.model.acknowledged == {"QueueBacklog", "SlowResponses"}
        assert set(app.model.snoozed) == {"QueueBacklog"}


async def test_a_and_s_say_so_when_there_is_nothing_to_quieten():
    app = dashboard_at("healthy")
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("a", "s")
        assert [toast.message for toast in app._notifications] == ["Nothing to acknowledge", "Nothing to snooze"]


async def test_w_warms_the_cache_up_and_says_what_came_of_it_without_markup():
    app = dashboard_at("healthy")
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("w")
        await pilot.pause()
        assert app.client.asked == ["warm_up"]
        assert any("[not markup]" in toast.message for toast in app._notifications)


async def test_t_goes_round_the_themes():
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        await pilot.press("t", "t", "t")
        assert app.theme == THEMES[0].name
    assert theme_after("textual-dark") == THEMES[0].name


async def test_the_palette_has_every_action():
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Show Overview", "Zoom Queue", "Poll now", "Theme signals-safe"} <= titles
        assert {"Save a picture of this screen as SVG", "Save the visible series as CSV"} <= titles
        zoom = next(command for command in app.get_system_commands(app.screen) if command.title == "Zoom CPU")
        await zoom.callback()
        await pilot.pause()
        assert app.screen.key == "cpu"


async def test_a_name_that_looks_like_markup_is_found_by_the_palette_as_it_is():
    app = dashboard_at("healthy")
    app.models, app.clients = [FakeModel("healthy"), FakeModel("healthy")], app.clients * 2
    app.models[1].name = "[red]x[/nope"
    async with app.run_test(size=(100, 40)) as pilot:
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert Content.from_markup(titles[-1]).plain == "Look at [red]x[/nope"
        await pilot.press("ctrl+p", *"look")
        await pilot.pause()
        assert app.is_running


async def test_control_p_opens_the_palette():
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert names(app)[-1] == "CommandPalette"


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_leaves_and_so_does_what_every_terminal_program_obeys(key):
    app = dashboard_at("healthy")
    async with app.run_test() as pilot:
        await pilot.press(key)
        assert app._exit


async def test_the_palette_has_what_only_the_present_screen_can_do():
    app = dashboard_at("burning")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("2")
        commands = {command.title: command for command in app.get_system_commands(app.screen)}
        assert {"Acknowledge this alert", "Snooze this alert, or wake it", "Filter", "Show Fleet"} <= set(commands)
        assert commands["Help: keys and signs"].help == "key ?"
        await commands["Acknowledge this alert"].callback()
        assert app.model.acknowledged == {"QueueBacklog"}


async def test_r_hurries_the_poll_loop_and_says_so_where_nothing_can_be_asked():
    app = dashboard_at("healthy")
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("r")
        assert app.client.asked == ["poll"] and not app._notifications
        app.client.hurry = lambda: False
        await pilot.press("r")
        assert app.model.taken == []
        assert [toast.message for toast in app._notifications] == [
            "This is a recording: nothing can be asked of the service."
        ]


async def test_a_screen_that_comes_up_while_paused_shows_what_is():
    app = dashboard_at("healthy")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("2", "1", "space")
        app.models = [FakeModel("burning")]
        await pilot.press("2")
        await pilot.pause()
        assert "QueueBacklog" in str(app.screen.query_one("#rules").lines[0].key)


async def test_a_and_s_reach_the_absence_of_the_service_too():
    app = dashboard_at("stale")
    async with app.run_test(size=(120, 36)) as pilot:
        assert app.screen.query_one("AlertsStrip").has_class("-firing")
        await pilot.press("a")
        assert app.model.acknowledged == {"ServiceUnreachable"}
        strip = app.screen.query_one("AlertsStrip")
        assert strip.has_class("-lost") and not strip.has_class("-firing")
        assert "unreachable 37s" in strip.line(120).plain


async def test_a_click_on_the_strip_opens_the_alerts():
    app = dashboard_at("burning")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.click("AlertsStrip")
        await pilot.pause()
        assert names(app) == ["AlertsScreen"]


@pytest.mark.parametrize(
    ("theme", "scene"), [(theme.name, ("burning", "stale")[place % 2]) for place, theme in enumerate(THEMES)]
)
async def test_without_colours_it_still_draws(monkeypatch, theme, scene):
    monkeypatch.setenv("NO_COLOR", "1")
    app = dashboard_at(scene)
    async with app.run_test(size=(160, 48)) as pilot:
        app.theme = theme
        await pilot.press("j", "enter", "h")
        await pilot.pause()
        assert app.screen.query_one("ZoomChart").render_line(3)
