"""Boxes, rows, axes and digits: what a vital sign looks like in the room it has."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App

from dashboard.model.vitals import SEVERITY, Point, Vital
from dashboard.widgets.aside import aside
from dashboard.widgets.axis import gutter, tick, time_labels
from dashboard.widgets.box import View, box, state_runs, window_words
from dashboard.widgets.digits import big
from dashboard.widgets.panel import Panel
from dashboard.widgets.row import heading, limit_words, row
from dashboard.widgets.runs import cut, merged, spread, width_of

END = 1_000_000.0
VIEW = View(END, 900.0)
TREND = tuple(Point(END - 899 + i, float(i % 90)) for i in range(900))
QUEUE = Vital(
    "queue", "Queue", 92.0, "requests", TREND, 0.0, 100.0, 50, 80, False, "firing", 134.0, ("of 100", "slots 2/2")
)


def text(runs):
    return "".join(run for run, _ in runs)


def test_a_firing_box_says_so_by_word_glyph_duration_and_a_heavy_border():
    rows = [text(line) for line in box(QUEUE, VIEW, 30, 8)]

    assert rows[0] == "┏ Queue ━━━━━ ▲ FIRING 2m14s ┓"
    assert rows[-1].startswith("┗ 15 min ━")


def test_a_calm_box_has_a_thin_border():
    assert text(box(replace(QUEUE, state="ok"), VIEW, 30, 8)[0]).startswith("╭ Queue ─")


def test_a_tall_box_writes_its_number_in_big_digits_beside_its_notes():
    rows = [text(line) for line in box(replace(QUEUE, state="ok"), VIEW, 40, 14)]

    assert "╭─╮╶─╮" in rows[1] and "of 100" in rows[1] and "slots 2/2" in rows[2]


def test_the_digits_of_a_firing_sign_are_heavy():
    assert "┏━┓╺━┓" in text(box(QUEUE, VIEW, 40, 14)[1])


def test_notes_that_do_not_fit_beside_the_number_are_left_out_whole():
    assert "of 100" in text(box(QUEUE, VIEW, 26, 6)[1])
    assert "slots" not in text(box(QUEUE, VIEW, 26, 6)[1])


def test_a_box_with_four_lines_keeps_only_the_chart():
    assert "requests" not in "".join(text(line) for line in box(QUEUE, VIEW, 30, 4))


def test_an_unknown_value_is_a_dash():
    assert "–" in text(box(replace(QUEUE, value=None, state="unknown"), VIEW, 30, 8)[1])


def test_a_focused_box_names_the_key_that_opens_it():
    assert "⏎ zoom" in text(box(QUEUE, replace(VIEW, focused=True), 30, 8)[-1])


def test_the_word_of_a_state_gives_way_before_its_glyph():
    vital = replace(QUEUE, state="pending", state_seconds=41.0)

    assert [text(state_runs(vital, width)) for width in (13, 12, 5, 0)] == ["◔ pending 41s", "◔ pending", "◔", ""]


def test_a_sign_without_a_rule_says_nothing_of_its_state():
    assert state_runs(replace(QUEUE, state="neutral"), 40) == []


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 60), st.integers(0, 20), st.sampled_from(SEVERITY), st.booleans())
def test_every_picture_has_exactly_the_size_of_its_room(width, height, state, focused):
    vital, view = replace(QUEUE, state=state), replace(VIEW, focused=focused)

    assert all(width_of(line) == width for line in box(vital, view, width, height))
    assert len(box(vital, view, width, height)) in (height, min(height, 1))
    assert width_of(row(vital, view, width)) == width
    assert width_of(heading(view, width)) == width


def test_a_row_of_80_cells_has_everything_and_a_trend_of_24_cells():
    vital = replace(QUEUE, trend=tuple(Point(END - 900 + i, 100.0) for i in range(901)))
    line = text(row(vital, VIEW, 80))

    assert "▲ Queue" in line and " 92 " in line and "> 80" in line and "   FIRING 2m14s" in line
    assert line.count("▇") == 24


def test_a_row_of_60_cells_gives_up_the_limit_first():
    line = text(row(QUEUE, VIEW, 60))

    assert "> 80" not in line and "FIRING 2m14s" in line


def test_a_narrow_row_keeps_glyph_name_and_value():
    assert text(row(QUEUE, VIEW, 24)).split() == ["▲", "Queue", "92"]


@pytest.mark.parametrize(
    ("vital", "words"),
    [
        (replace(QUEUE, fires=None), ""),
        (replace(QUEUE, unit="%", fires=80, below=True), "< 80 %"),
        (replace(QUEUE, unit="s", fires=0.5), "> 500ms"),
    ],
)
def test_the_limit_says_its_side_and_unit(vital, words):
    assert limit_words(vital) == words


@pytest.mark.parametrize(
    ("value", "unit", "label"),
    [
        (0, "s", "0"),
        (0.2, "s", "200ms"),
        (30, "s", "30s"),
        (1500, "/s", "1.5k"),
        (2e6, "/s", "2M"),
        (12.5, "%", "12.5"),
    ],
)
def test_axis_labels_are_short(value, unit, label):
    assert tick(value, unit) == label


def test_the_gutter_names_range_and_limits_in_one_width():
    labels = gutter(QUEUE, 10)

    assert {len(label) for label, _ in labels} == {4}
    assert labels[0][0] == "100 " and labels[-1][0] == "  0 "
    assert (" 80 ", "fires") in labels and (" 50 ", "warns") in labels


def test_a_gutter_of_one_row_names_the_upper_end():
    assert gutter(replace(QUEUE, warns=None, fires=None), 1) == [("100 ", "axis")]


def test_times_of_day_stand_under_their_ticks():
    ticks, times = (text(line) for line in time_labels(600.0, 600.0, 60, lambda wall: f"{wall:08.0f}"))

    assert times.split() == ["00000120", "00000240", "00000360", "00000480", "00000600"]
    assert ticks.count("╵") == 5


def test_windows_are_named_in_minutes_or_hours():
    assert [window_words(seconds) for seconds in (60, 900, 5400, 21600)] == ["1 min", "15 min", "1.5 h", "6 h"]


def test_big_digits_are_three_rows_of_one_width():
    assert len({len(line) for line in big("1.84k")}) == 1
    assert big("12x") is None and big("") is None


def test_runs_are_merged_cut_and_spread_to_a_width():
    assert merged([("a", "x"), ("", "y"), ("b", "x")]) == [("ab", "x")]
    assert cut([("日本", "x")], 3) == [("日 ", "x")]
    assert cut([("a", "x")], 3) == [("a", "x"), ("  ", "blank")]
    assert text(spread([("ab", "x")], [("cd", "x")], 6)) == "ab  cd"
    assert text(spread([("ab", "x")], [("cd", "x")], 3)) == "ab "


def test_side_figures_that_do_not_fit_are_left_out_whole():
    vitals = [replace(QUEUE, key="latency", name="Latency p95", notes=("p50 0.90 s", "p99 19.2 s"))]

    assert "Latency  p50 0.90 s  p99 19.2 s" in text(aside(vitals, 40, 4)[1])
    assert "Latency  p50 0.90 s   " in text(aside(vitals, 28, 4)[1])
    assert all(width_of(row) == 28 for row in aside(vitals, 28, 4)) and aside(vitals, 28, 2) == []


async def test_a_border_gives_up_whole_parts_of_what_it_says():
    class Bench(App):
        def compose(self):
            yield Panel("Title")

    app = Bench()
    async with app.run_test(size=(40, 6)) as pilot:
        panel = app.query_one(Panel)
        panel.say("x[/nope", "[red]")
        panel.name_it("[b]y[/nope")
        await pilot.pause()
        shown = "".join(part.text for part in app.screen._compositor.render_strips()[0])
        assert "[b]y[/nope" in shown
        panel.say("3.25k answers", "last 15 min", mood="warn")
        assert str(panel.border_subtitle) == "3.25k answers · last 15 min" and panel.has_class("-warn")
        await pilot.resize_terminal(24, 6)
        await pilot.pause()
        assert str(panel.border_subtitle) == "3.25k answers"
