from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.model.exposition import LINE_AT_MOST, Exposition
from dashboard.model.snapshot import LARGEST

SCRAPE = """\
# HELP http_requests_total Answered requests.
# TYPE http_requests_total counter
http_requests_total{endpoint="/api/signals",method="GET",status="200"} 6.0

http_requests_total{ status = "500" , method="GET", endpoint="/x y" , } 1e3 1700000000000
queue_depth 4
big +Inf
unknown NaN
"""


def test_every_series_is_read_with_its_labels_sorted():
    samples = Exposition().read(SCRAPE).samples
    assert samples["http_requests_total"] == {
        (("endpoint", "/api/signals"), ("method", "GET"), ("status", "200")): 6.0,
        (("endpoint", "/x y"), ("method", "GET"), ("status", "500")): 1000.0,
    }
    assert samples["queue_depth"] == {(): 4.0}
    assert samples["big"] == samples["unknown"] == {}, "what is no number is not told"


def test_a_second_scrape_is_read_like_the_first():
    exposition = Exposition()
    first = exposition.read(SCRAPE).samples
    again = exposition.read(SCRAPE.replace("6.0", "7.0")).samples
    assert first["http_requests_total"].keys() == again["http_requests_total"].keys()
    assert 7.0 in again["http_requests_total"].values()


def test_escapes_in_labels_are_undone():
    labels = next(iter(Exposition().read('a{b="x\\"y\\\\z\\n} 1"} 2\n').samples["a"]))
    assert labels == (("b", 'x"y\\z\n} 1'),)


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "a 1_000",
        "a one",
        "a 1 2 3",
        "a 1 now",
        "1a 2",
        "{} 1",
        'a{b="1" 2',
        "a{b=1} 2",
        'a{b="1" c="2"} 2',
        'a{b="\\x"} 2',
        'a{b="1",b="2"} 2',
        'a{1b="1"} 2',
        "a 0x10",
        "<html>",
        'a{b="1}',
    ],
)
def test_a_line_that_is_not_in_the_format_is_named(line):
    with pytest.raises(ValueError, match="metrics line 2 "):
        Exposition().read(f"ok 1\n{line}\n")


def test_a_series_may_not_come_twice():
    with pytest.raises(ValueError, match="line 2 repeats a series of a"):
        Exposition().read("a 1\na 2\n")


def test_half_an_answer_is_no_answer():
    with pytest.raises(ValueError, match="end in the middle"):
        Exposition().read("a 12")


def test_nothing_is_read_from_nothing():
    assert Exposition().read("").samples == {}


def test_samples_lines_and_their_length_have_bounds():
    with pytest.raises(ValueError, match="more than 10 samples"):
        Exposition(10).read("".join(f"a{i} 1\n" for i in range(11)))
    with pytest.raises(ValueError, match="too many lines"):
        Exposition(10).read("#\n" * 100)
    with pytest.raises(ValueError, match="line 1 is longer"):
        Exposition().read(f'a{{b="{"x" * LINE_AT_MOST}"}} 1\n')
    with pytest.raises(ValueError, match="more than 64"):
        Exposition().read("a{" + ",".join(f'b{i}="1"' for i in range(65)) + "} 1\n")


def test_what_is_remembered_of_changing_series_has_a_bound():
    exposition = Exposition(5)
    for scrape in range(20):
        assert len(exposition.read("".join(f"a{scrape}_{i} 1\n" for i in range(5))).samples) == 5
        assert len(exposition._known) <= 5


@settings(max_examples=150)
@given(st.text(max_size=200))
def test_no_text_does_anything_but_be_read_or_refused(text):
    with suppress(ValueError):
        Exposition().read(text + "\n")


@settings(max_examples=60)
@given(
    st.dictionaries(st.text(max_size=8), st.floats(-LARGEST, LARGEST, exclude_min=True, exclude_max=True), max_size=6)
)
def test_any_label_and_any_number_come_back_as_written(pairs):
    def quoted(text):
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    text = "".join(f'm{{l="{quoted(label)}"}} {value!r}\n' for label, value in pairs.items())
    for _ in range(2):
        found = Exposition().read(text).samples.get("m", {})
        assert found == {(("l", label),): value for label, value in pairs.items()}
