"""Header, strip and hints: the lines that every screen wears."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from dashboard.model.connection import Connection
from dashboard.model.snapshot import Service
from dashboard.widgets.header import service_parts, uptime
from dashboard.widgets.hints import KEYS, keys, length, tabs
from dashboard.widgets.line import Part, fitted
from dashboard.widgets.strip import calm_words, joined, noisy, whole_parts
from tests.dashboard.fakes import FakeModel, dashboard_at

NOW = 100_000.0


def pair(text):
    return Content(text), Content(text.partition(":")[0])


async def shown(scene, size=(120, 30), selector="AlertsStrip", prepare=lambda model: None):
    """The text of one widget of the frame, and the classes of widget and frame."""
    app = dashboard_at(scene)
    async with app.run_test(size=size) as pilot:
        prepare(app.model)
        app.repaint()
        await pilot.pause()
        widget = app.screen.query_one(selector)
        return widget.line(widget.size.width).plain, set(widget.classes) | set(app.screen.query_one("Frame").classes)


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (0, "00:00:00"), (3_661, "01:01:01"), (274_320, "3d 04:12")]
)
def test_uptime_is_read_at_a_glance(seconds, words):
    assert uptime(seconds) == words


def test_the_name_of_a_service_is_cleaned_of_control_characters():
    parts = service_parts(Service("evil\x1b[31m", "1\n2", "i\u202e"), "local", "http://x")

    assert "".join(part.content.plain for part in parts).isprintable()


def test_a_line_gives_up_its_least_important_part_first():
    left = [Part(Content("name")), Part(Content("url"), 5), Part(Content("instance"), 3)]
    right = [Part(Content("12:00"))]

    assert fitted(left, right, 40).plain == " name · url · instance            12:00 "
    assert fitted(left, right, 26).plain == " name · instance    12:00 "
    assert fitted(left, right, 14).plain == " name   12:00 "


def test_what_fits_where_something_more_important_does_not_is_kept():
    left = [Part(Content("name")), Part(Content("much too long"), 1), Part(Content("1s"), 2)]

    assert fitted(left, [], 14).plain == " name · 1s    "


def test_a_sentence_ends_behind_a_whole_part():
    assert whole_parts("unreachable 37s · next try in 4s · refused", 33) == "unreachable 37s · next try in 4s"
    assert whole_parts("unreachable 37s · next try in 4s", 5) == "unreachable 37s"


async def test_a_balancer_is_said_in_strip_and_header():
    def behind(model):
        note = "2 instances answer at this URL, shown is web-1"
        model.connection = lambda now: Connection("ok", "data 0.4s ago", 0.4, data_ok=True, note=note)
        model.instances = lambda now: ("web-1", "web-2")

    strip, _ = await shown("healthy", prepare=behind)
    header, _ = await shown("healthy", selector="Header", prepare=behind)

    assert "all well" in strip and "⇄ 2 instances answer at this URL, shown is web-1" in strip
    assert "web-1 ⇄ 2" in header


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 80), st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20), max_size=4)
)
def test_a_line_never_exceeds_its_width(width, texts):
    parts = [Part(Content(text), rank) for rank, text in enumerate(texts)]

    assert fitted(parts, [Part(Content("12:00:00"))], width).cell_length <= width
    assert joined([pair(text) for text in ["first", *texts]], width).cell_length <= max(width, 6)


def test_alerts_are_said_in_full_where_there_is_room():
    assert joined([pair("A: long"), pair("B: long")], 40).plain.rstrip() == " A: long   B: long"


def test_with_less_room_the_worst_is_said_in_full_and_the_others_in_short():
    assert joined([pair("A: long story"), pair("B: long story"), pair("C: long story")], 30).plain.rstrip() == (
        " A: long story   B   C"
    )


def test_alerts_without_room_are_counted():
    pieces = [pair("A: long story"), pair("Bbbbbbbb: long story"), pair("C: long story")]

    assert joined(pieces, 22).plain.rstrip() == " A: long story  +2"


def test_when_all_is_well_the_strip_says_so_and_why_it_may_not_know():
    assert calm_words(FakeModel("healthy").alerts(NOW)) == "all well · 10 rules ok · 1 without enough traffic"


def test_a_snoozed_alert_is_silent_but_counted():
    model = FakeModel("burning")
    for view in noisy(model.alerts(NOW)):
        model.snooze(view.alert.name, 60, NOW)

    assert noisy(model.alerts(NOW)) == []
    assert "4 snoozed" in calm_words(model.alerts(NOW))


async def test_the_strip_is_calm_when_all_is_well():
    text, classes = await shown("healthy")

    assert text.startswith(" ● all well")
    assert "-firing" not in classes


async def test_the_strip_says_the_worst_thing_first_and_loudly():
    text, classes = await shown("burning")

    assert text.startswith(" ▲ QueueBacklog firing 2m14s")
    assert "-firing" in classes


async def test_an_acknowledged_alert_is_marked_and_no_longer_loud():
    text, classes = await shown("burning", prepare=lambda model: model.acknowledge("QueueBacklog"))

    assert "(ack)" in text
    assert "-firing" not in classes


async def test_a_lost_connection_comes_before_every_alert_and_dims_the_body():
    text, classes = await shown("stale")

    assert text.startswith(" ◌ unreachable 37s · next try in 4s · last answer 12:40:30")
    assert "-stale" in classes


async def test_before_the_first_answer_nothing_is_called_stale():
    text, classes = await shown("first_start")

    assert "no answer yet" in text
    assert "-stale" not in classes
    assert "-firing" not in classes


async def test_the_header_tells_service_instance_uptime_age_and_time():
    text, _ = await shown("healthy", selector="Header")

    assert "signals-agent 1.0.0 · web-1 · up 3d 04:12 · http://localhost:8000" in text
    assert text.rstrip().endswith("◴ 1s  data 0.4s ago  12:41:07")


async def test_in_a_narrow_header_name_age_and_time_stay():
    text, _ = await shown("healthy", size=(50, 20), selector="Header")

    assert text.split() == ["signals-agent", "1.0.0", "data", "0.4s", "ago", "12:41:07"]


def test_only_the_screen_one_is_on_is_named_where_room_is_short():
    assert "".join(content.plain for content, _ in tabs("jobs", names=False)) == " 1  2  3  4  5 Jobs  6  7 "


def test_hints_that_do_not_fit_are_left_out_whole():
    assert [content.plain for content, _ in keys(12)] == ["  ? help"]
    assert length(keys(999)) == length(keys(length(keys(999))))
    assert keys(3) == []
    assert len(keys(999)) == len(KEYS)
