"""The errors screen: find an error, read it, take its id along."""

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.widgets import Input

from dashboard.model.snapshot import ErrorRow
from dashboard.screens.errors import searchable
from dashboard.widgets.filter import holds
from dashboard.widgets.tables import Table
from tests.dashboard.screens.scenes import on_screen, said, text_of


@settings(max_examples=30)
@given(st.text(max_size=20))
def test_a_filter_only_ever_leaves_out(text):
    row = searchable(ErrorRow("2026-01-01", "id-1", "/x", 501, "error 1"))

    assert not holds(row, text) or all(holds(row, word) for word in text.split())
    assert not holds(row, f"{text} nowhere")


def test_every_word_must_be_found_in_any_column_and_case_does_not_matter():
    rows = [ErrorRow("1", "ab12", "/Signals", 503, "Queue is full"), ErrorRow("2", "cd34", "/health", 500, "queue")]

    assert [holds(searchable(row), "QUEUE 503 signals") for row in rows] == [True, False]
    assert all(holds(searchable(row), "") for row in rows)


async def test_c_copies_the_request_id_under_the_cursor():
    async with on_screen("6") as pilot:
        await pilot.press("j", "c")
        assert pilot.app.clipboard == "02777f9fbc0000002311"
        assert "Copied 02777f9fbc0000002311" in said(pilot)


async def test_the_whole_error_is_written_out_and_is_never_markup():
    async with on_screen("6", size=(80, 24)) as pilot:
        await pilot.press("j", "j")
        await pilot.pause()
        assert "[bold red]in[/bold red]" in text_of(pilot)


async def test_the_filter_keeps_what_matches_and_escape_lets_go_of_it():
    async with on_screen("6") as pilot:
        table = pilot.app.screen.query_one("#errors", Table)
        everything = len(table.lines)
        await pilot.press("/", *"sqlite")
        await pilot.pause()
        assert 0 < len(table.lines) < everything
        assert all("sqlite3" in line.key for line in table.lines)
        await pilot.press("enter")
        assert pilot.app.focused is table
        await pilot.press("escape")
        await pilot.pause()
        assert len(table.lines) == everything
        await pilot.press("escape")
        assert pilot.app.active_name == "overview"


async def test_letters_belong_to_the_filter_while_it_has_the_focus():
    async with on_screen("6") as pilot:
        await pilot.press("/", *"qa1?c")
        assert pilot.app.screen.query_one("#filter", Input).value == "qa1?c"
        assert pilot.app.active_name == "errors"
        assert "no error matches “qa1?c”" in text_of(pilot)


async def test_without_errors_there_is_nothing_to_copy():
    async with on_screen("6", "healthy") as pilot:
        await pilot.press("c")
        assert "No error to copy an id from" in said(pilot)
        assert "no errors: nothing has failed lately" in text_of(pilot)
