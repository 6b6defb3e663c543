"""The columns of a table share its width, and every cell is exactly as wide as its column."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.widgets.columns import Column, fitted, layout
from dashboard.widgets.runs import width_of

COLUMNS = (
    Column("glyph", "", 1),
    Column("name", "Name", 10, grows=True, most=20),
    Column("value", "Value", 8, right=True),
    Column("extra", "Extra", 12, rank=1),
    Column("more", "More", 12, grows=True, rank=2),
)


def sizes(width):
    return {column.key: size for column, size in layout(COLUMNS, width)}


def test_where_there_is_room_every_column_is_there_and_the_width_is_used_up():
    found = sizes(120)

    assert list(found) == ["glyph", "name", "value", "extra", "more"]
    assert sum(found.values()) == 120


def test_a_column_with_a_bound_does_not_grow_beyond_it():
    assert sizes(200)["name"] == 20 + 2


def test_the_highest_rank_is_given_up_first_and_rank_nought_never():
    assert list(sizes(40)) == ["glyph", "name", "value", "extra"]
    assert list(sizes(30)) == ["glyph", "name", "value"]
    assert list(sizes(3)) == ["glyph", "name", "value"]


@settings(max_examples=60)
@given(st.integers(1, 300))
def test_columns_never_take_more_than_there_is_unless_they_cannot_shrink(width):
    found = layout(COLUMNS, width)

    assert sum(size for _, size in found) <= max(width, 21)
    assert all(size >= 1 for _, size in found)


@settings(max_examples=60)
@given(st.text(max_size=30), st.integers(2, 20), st.integers(0, 1), st.booleans())
def test_a_cell_is_exactly_as_wide_as_its_column(text, size, gap, right):
    assert width_of(fitted([(text, "value")], Column("x", "", 1, right), size, gap)) == size


def test_a_number_stands_at_the_right_and_what_is_too_long_says_so():
    assert fitted([("7", "value")], Column("x", "", 4, right=True), 5, 1) == [
        ("   ", "blank"),
        ("7", "value"),
        (" ", "blank"),
    ]
    assert fitted([("abcdef", "value")], Column("x", "", 4), 5, 1) == [("abc…", "value"), (" ", "blank")]
