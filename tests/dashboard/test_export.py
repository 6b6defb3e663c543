import pytest

from dashboard import export
from dashboard.export import as_csv, save
from dashboard.model.vitals import Point, Vital

WALL = 1_795_390_200.0


def a_vital(name, unit, *values):
    points = tuple(Point(WALL + at, value) for at, value in values)
    return Vital(name.lower(), name, None, unit, points, 0.0, 1.0)


def test_series_stand_side_by_side_by_time_and_a_gap_is_an_empty_cell():
    text = as_csv([a_vital("Latency p95", "s", (0, 0.25), (1, None)), a_vital("Queue", "", (1, 3.0), (2, 1 / 3))])

    assert text.splitlines() == [
        "time,Latency p95 (s),Queue",
        "2026-11-22T23:30:00.000Z,0.25,",
        "2026-11-22T23:30:01.000Z,,3",
        "2026-11-22T23:30:02.000Z,,0.333333",
    ]


def test_nothing_seen_is_a_head_alone():
    assert as_csv([]) == "time\n"


def test_a_file_is_named_after_target_and_time_and_none_is_overwritten(tmp_path):
    first = save("a", tmp_path, "web 1/../é", WALL, ".csv")
    second = save("b", tmp_path, "web 1/../é", WALL, ".csv")

    assert first.name == "signals-web-1-20261122T233000Z.csv"
    assert first.parent == second.parent == tmp_path
    assert (first.read_text(), second.read_text()) == ("a", "b")
    assert second.name.endswith("-2.csv")


def test_a_name_of_nothing_still_names_a_file(tmp_path):
    assert save("", tmp_path, "///", WALL, ".svg").name == "signals-dashboard-20261122T233000Z.svg"


def test_when_all_names_are_taken_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "NAMES_TRIED", 3)
    save("", tmp_path, "web", WALL, ".csv")
    save("", tmp_path, "web", WALL, ".csv")
    with pytest.raises(FileExistsError, match="and 3 more are there already"):
        save("", tmp_path, "web", WALL, ".csv")
