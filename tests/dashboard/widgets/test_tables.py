"""A table stays still: cells change in place, cursor and view stay on their row."""

import pytest
from textual.app import App

from dashboard.themes import THEMES
from dashboard.widgets.columns import Column, Line
from dashboard.widgets.palette import palette
from dashboard.widgets.tables import Table

COLUMNS = (Column("name", "Name", 8), Column("value", "Value", 6, right=True), Column("rest", "Rest", 10, rank=1))


def line(name, value=0):
    return Line(name, {"name": [(name, "value")], "value": [(str(value), "note")]})


class Bench(App):
    """A table on its own."""

    def __init__(self, **options):
        super().__init__()
        self.table = Table(COLUMNS, **options)
        self.register_theme(THEMES[0])
        self.theme = THEMES[0].name

    @property
    def palette(self):
        return palette(self.current_theme.to_color_system().generate())

    def compose(self):
        yield self.table


def shown(table):
    lines = [table.render_line(y).text.split() for y in range(1, table.size.height)]
    assert [line for line in lines if line] == lines[: table.row_count]
    return lines[: table.row_count]


def text_of(app):
    return "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())


async def test_rows_come_change_and_go():
    app = Bench()
    async with app.run_test(size=(60, 10)):
        app.table.show([line("a", 1), line("b", 2)])
        app.table.show([line("a", 3), line("b", 2), line("c", 4)])
        assert shown(app.table) == [["a", "3"], ["b", "2"], ["c", "4"]]
        app.table.show([line("c", 4)])
        assert shown(app.table) == [["c", "4"]]


async def test_only_rows_that_differ_are_drawn_again(monkeypatch):
    app, drawn = Bench(), []
    async with app.run_test(size=(60, 10)) as pilot:
        app.table.show([line("a", 1), line("b", 2)])
        await pilot.pause()
        render = app.table.render_line
        monkeypatch.setattr(app.table, "render_line", lambda y: drawn.append(y) or render(y))
        app.table.show([line("a", 1), line("b", 3)])
        await pilot.pause()

    assert drawn == [2]


async def test_the_cursor_goes_with_its_row():
    app = Bench()
    async with app.run_test(size=(60, 10)) as pilot:
        app.table.show([line("a"), line("b")])
        await pilot.press("j")
        app.table.show([line("z"), line("y"), line("a"), line("b")])
        assert app.table.selected == "b"
        await pilot.press("k")
        assert app.table.selected == "a"


async def test_the_cursor_of_a_log_stays_at_the_top_while_it_is_there():
    app = Bench(log=True)
    async with app.run_test(size=(60, 10)):
        app.table.show([line("a")])
        app.table.show([line("newer"), line("a")])
        assert app.table.selected == "newer"


async def test_a_row_that_is_gone_leaves_the_cursor_in_the_table():
    app = Bench()
    async with app.run_test(size=(60, 10)) as pilot:
        app.table.show([line("a"), line("b")])
        await pilot.press("j")
        app.table.show([line("a")])
        assert app.table.selected == "a"
        app.table.show([])
        assert app.table.selected is None


async def test_what_one_looks_at_stays_where_it_is_when_rows_come_above_it():
    app = Bench()
    async with app.run_test(size=(60, 10)) as pilot:
        rows = [line(f"row{n}") for n in range(40)]
        app.table.show(rows)
        await pilot.press("G")
        await pilot.pause()
        app.table.move_cursor(row=39)
        await pilot.pause()
        before = app.table.scroll_y
        app.table.show([line("new"), *rows])
        await pilot.pause()
        assert app.table.selected == "row39"
        assert app.table.scroll_y == before + 1


async def test_another_width_lays_the_columns_out_anew_and_keeps_the_cursor():
    app = Bench()
    async with app.run_test(size=(60, 10)) as pilot:
        app.table.show([line("a"), line("b")])
        await pilot.press("j")
        assert len(app.table.columns) == 3 and app.table.width_for("rest") == 10
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert len(app.table.columns) == 2 and app.table.width_for("rest") == 0
        assert app.table.selected == "b"


async def test_an_empty_table_says_so_and_one_that_was_told_nothing_shows_a_dash():
    app = Bench(empty="nobody here")
    async with app.run_test(size=(60, 10)) as pilot:
        assert "–" in text_of(app)
        app.table.show([])
        await pilot.pause()
        assert "nobody here" in text_of(app)


@pytest.mark.parametrize("size", [(1, 1), (5, 3)])
async def test_no_size_crashes_it(size):
    app = Bench()
    async with app.run_test(size=size) as pilot:
        app.table.show([line("a")])
        await pilot.pause()
        assert app.table.row_count == 1


async def test_it_works_without_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = Bench()
    async with app.run_test(size=(40, 6)) as pilot:
        app.table.show([line("[red]a")])
        await pilot.pause()
        assert "[red]a" in text_of(app)
