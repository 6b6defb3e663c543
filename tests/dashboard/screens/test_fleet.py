"""The fleet: its rows, the filter, and how one target after the other is looked at."""

from textual.widgets import Input

from dashboard.model.fleet import Totals
from dashboard.screens.fleet import FleetScreen, summary
from dashboard.widgets.tables import Table
from dashboard.widgets.tabs import Tabs
from tests.dashboard.screens.scenes import fleet_of, shared_fleet, text_of


def test_the_summary_says_what_is_not_well():
    assert summary(Totals(50, 2, 3, 1, 412.0)) == "50 targets · 2 firing · 3 warning · 1 lost · 412 /s"
    assert summary(Totals(1, 0, 0, 0, None)) == "1 target · all well · –"


def test_the_summary_counts_instances_and_targets_where_there_are_both():
    assert summary(Totals(1, 0, 0, 0, 58.0, instances=3)) == "3 instances · all well · 58.0 /s"
    assert summary(Totals(1, 0, 0, 0, 5.0, instances=1, gone=2)) == "1 instance · 2 gone · 5.00 /s"
    assert summary(Totals(2, 1, 0, 0, 58.0, instances=3)) == "2 targets · 3 instances · 1 firing · 58.0 /s"


async def test_from_an_instance_to_the_overview_of_its_target():
    app = shared_fleet(troubled=True)
    async with app.run_test(size=(160, 30)) as pilot:
        await pilot.press("0")
        await pilot.pause()
        told = text_of(pilot)
        assert "4 instances · 1 firing · 1 gone" in told
        assert "p95 of all 12.4 s" in told
        assert app.screen.query_one("#fleet", Table).selected == "0 us-2"

        await pilot.press("slash", *"gone")
        await pilot.pause()
        assert app.screen.query_one("#fleet", Table).row_count == 1
        await pilot.press("escape", "j", "enter")
        await pilot.pause()
        assert (app.active_name, app.model.name) == ("overview", "signals")


async def test_from_the_fleet_to_a_target_and_round_and_back():
    app = fleet_of(8)
    async with app.run_test(size=(160, 30)) as pilot:
        await pilot.press("0")
        await pilot.pause()
        table = app.screen.query_one("#fleet", Table)
        assert isinstance(app.screen, FleetScreen)
        assert "8 targets · 1 firing · 2 lost" in text_of(pilot)
        assert table.selected == "0"

        await pilot.press("slash", *"web-7")
        await pilot.pause()
        assert table.row_count == 1
        await pilot.press("a", "q")
        assert "no target matches" in text_of(pilot), "letters are letters in a field"
        await pilot.press("escape")
        await pilot.pause()
        assert (table.row_count, app.screen.query_one("#filter", Input).has_class("-open")) == (8, False)

        await pilot.press("j", "enter")
        await pilot.pause()
        assert (app.active_name, app.model.name) == ("overview", "web-2")
        await pilot.press("tab")
        assert app.model.name == "web-3"
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        assert app.model.name == "web-8"
        tabs = app.screen.query_one(Tabs)
        pieces = tabs.pieces(tabs.size.width)
        await pilot.click(Tabs, offset=(pieces[0][0].cell_length + 2, 0))
        assert app.model.name == "web-1"
        await pilot.press("0", "escape")
        assert app.active_name == "overview"
