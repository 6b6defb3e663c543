from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.vitals import Point, Vital
from dashboard.widgets.chart import Scale, columns, level, plot, spark
from dashboard.widgets.runs import width_of

END = 1000.0


def a_vital(*values, high=100.0, warns=None, fires=None, below=False):
    """A sign with one sample a second, the last one at END."""
    start = END - len(values) + 1
    trend = tuple(Point(start + i, value) for i, value in enumerate(values))
    return Vital("key", "Name", None, "%", trend, 0.0, high, warns, fires, below)


def text(row):
    return "".join(run for run, _ in row)


def roles(row):
    return [role for run, role in row for _ in run]


def test_the_newest_sample_is_in_the_last_column():
    assert columns([Point(END, 5.0)], END, 10, 20) == [None] * 19 + [(5.0, 5.0)]


def test_samples_in_one_column_keep_their_lowest_and_highest_value():
    points = [Point(END, 9.0), Point(END + 0.1, 2.0), Point(END + 0.2, 5.0)]

    assert columns(points, END + 0.2, 10, 10)[-1] == (2.0, 9.0)


def test_a_sample_that_is_the_mean_of_many_reaches_from_their_lowest_to_their_highest():
    assert columns([Point(END, 5.0, 1.0, 50.0)], END, 100, 10)[-1] == (1.0, 50.0)


def test_the_picture_stands_still_until_a_whole_column_is_over():
    points = [Point(END - 20 + n, float(n % 7)) for n in range(20)]

    assert columns(points, END - 0.5, 100, 20) == columns(points, END - 4.5, 100, 20)
    assert columns(points, END + 0.5, 100, 20) == [*columns(points, END - 0.5, 100, 20)[1:], None]


def test_columns_between_two_samples_lie_on_the_line_between_them():
    assert [reach[0] for reach in columns([Point(END - 4, 0.0), Point(END, 4.0)], END, 5, 5)] == [0, 1, 2, 3, 4]


def test_a_point_without_value_breaks_the_line():
    points = [Point(END - 4, 1.0), Point(END - 2, None), Point(END, 1.0)]

    assert columns(points, END, 5, 5) == [(1.0, 1.0), None, None, None, (1.0, 1.0)]


def test_a_line_that_began_before_the_window_enters_it():
    assert columns([Point(END - 8, 0.0), Point(END, 8.0)], END, 4, 4)[0] == (5.0, 5.0)


def test_no_room_draws_nothing():
    assert plot(a_vital(1.0), END, 10, 0, 4) == plot(a_vital(1.0), END, 10, 4, 0) == []
    assert columns([Point(END, 1.0)], END, 10, 0) == []


def test_an_area_is_filled_down_to_the_foot_and_its_top_is_bright():
    rows = plot(a_vital(*[100.0] * 10), END, 5, 5, 3)

    assert text(rows[0]) == text(rows[2]) == "⣿" * 5
    assert set(roles(rows[0])) == {"line"}
    assert set(roles(rows[2])) == {"fill"}


def test_zero_is_a_line_and_no_data_is_nothing():
    assert text(plot(a_vital(*[0.0] * 10), END, 5, 5, 2)[1]) == "⣀" * 5
    assert text(plot(a_vital(*[None] * 10), END, 5, 5, 2)[1]) == " " * 5


def test_a_sign_whose_low_values_are_bad_is_a_line_without_area():
    rows = plot(a_vital(*[100.0] * 10, fires=80, below=True), END, 5, 5, 4)

    assert text(rows[0]) == "⠉" * 5
    assert text(rows[3]) == " " * 5


def test_a_steep_line_has_no_holes():
    rows = plot(a_vital(100.0, 100.0, 0.0, 0.0, below=True), END, 4, 2, 3)

    assert all(text(row).strip() for row in rows)


def test_limits_are_drawn_in_empty_cells_only():
    rows = plot(a_vital(*[0.0] * 3, *[100.0] * 3, warns=50, fires=80), END, 6, 6, 10)

    assert text(rows[2])[0] == "╌" and text(rows[4])[0] == "┈"
    assert text(rows[2])[-1] == "⣿"


def test_a_limit_beyond_the_range_is_not_drawn():
    assert "╌" not in "".join(text(row) for row in plot(a_vital(1.0, high=10, fires=80), END, 6, 6, 10))


def test_colour_follows_the_value_over_its_limits():
    vital = a_vital(warns=50, fires=80)

    assert [level(vital, value) for value in (50, 51, 80, 81)] == ["line", "warn", "warn", "fire"]
    assert level(a_vital(fires=80, below=True), 79) == "fire"


def test_a_spark_has_one_cell_a_column_and_blanks_for_gaps():
    row = spark(a_vital(0.0, 50.0, None, 100.0, fires=80), END, 4, 4)

    assert text(row) == "▁▄ ▇"
    assert roles(row) == ["spark", "spark", "blank", "fire"]


values = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(values, max_size=40), st.integers(0, 30), st.integers(0, 6), st.booleans())
def test_any_trend_fills_exactly_the_room_it_is_given(samples, width, height, below):
    rows = plot(a_vital(*samples, warns=50, fires=80, below=below), END, 20, width, height)

    assert len(rows) == (height if width else 0)
    assert all(width_of(row) == width for row in rows)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e9, 1e9), st.integers(1, 200))
def test_any_value_has_a_row_within_the_chart(value, dots):
    assert 0 <= Scale(0, 100, dots).row(value) < dots
    assert Scale(5, 5, dots).row(value) == dots - 1
