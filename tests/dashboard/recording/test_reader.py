import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.config import Target
from dashboard.recording import reader as reader_module
from dashboard.recording.lines import Encoder
from dashboard.recording.reader import Recording
from tests.dashboard.model.samples import WALL
from tests.dashboard.recording.samples import NAME, history, kept

HEAD = json.dumps({"recording": 1, "targets": [{"name": NAME, "url": "http://localhost:8000", "interval": 2}]})
ANSWERS = history([("asked", 1), ("lost", 0), ("restart", 2), ("asked", 2)] * 40)


def text_of(answers, head=HEAD):
    encoder = Encoder()
    return "".join(f"{line}\n" for line in (head, *(encoder.line(NAME, answer) for answer in answers)))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "night.jsonl"


def test_a_window_of_the_recording_is_the_same_as_if_all_were_read(path):
    path.write_text(text_of(ANSWERS))
    found = Recording(path)
    since, until = WALL + 50.0, WALL + 90.0

    wanted = [repr(kept(answer)) for answer in ANSWERS if since <= answer.wall <= until]
    assert [repr(answer) for answer in found.answers(NAME, since, until)] == wanted
    assert (found.begins, found.ends) == (ANSWERS[0].wall, ANSWERS[-1].wall)
    assert found.targets == (Target(NAME, "http://localhost:8000", None, 2.0),)
    assert list(found.answers("nobody", 0.0)) == []


WHOLE = text_of(ANSWERS[:30]).encode()


@given(cut=st.integers(0, len(WHOLE)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cut_at_any_byte_it_loses_at_most_its_last_line(path, cut):
    path.write_bytes(WHOLE[:cut])
    whole = WHOLE[:cut].count(b"\n")
    if whole < 2:
        return
    found = Recording(path)

    answers = list(found.answers(NAME, 0.0))
    assert [repr(answer) for answer in answers[: whole - 1]] == [repr(kept(a)) for a in ANSWERS[: whole - 1]]
    assert found.skipped <= 1


@given(place=st.integers(1, 30), junk=st.binary(max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_line_of_junk_anywhere_harms_nothing_else(path, place, junk):
    lines = WHOLE.split(b"\n")
    path.write_bytes(b"\n".join([*lines[:place], junk.replace(b"\n", b" "), *lines[place:]]))

    found = [repr(answer) for answer in Recording(path).answers(NAME, 0.0)]

    assert found == [repr(kept(answer)) for answer in ANSWERS[:30]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no recording of this dashboard"),
        ("\x00\x01 binary\n", "is no recording"),
        ('{"some": "json"}\n[1, 2]\n"text"\n', "is no recording"),
        (HEAD + "\n", "holds no answer"),
        ('{"recording": 2, "targets": []}\n', "was recorded by a newer dashboard"),
        ("[" * 100_000 + "\n", "is no recording"),
    ],
    ids=["empty", "binary", "other JSON", "no answer", "newer", "deep"],
)
def test_what_is_no_recording_is_one_sentence(path, text, words):
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        Recording(path)


def test_a_file_that_is_not_there_is_one_sentence(path):
    with pytest.raises(ValueError, match=r"cannot read .*night.jsonl: No such file"):
        Recording(path)


def test_a_clock_that_was_set_back_turns_no_order(path):
    answers = ANSWERS[:3] + history([("asked", 1)] * 2)
    path.write_text(text_of(answers))

    assert len(list(Recording(path).answers(NAME, 0.0))) == 5


def test_targets_are_bounded_and_their_words_are_plain(path, monkeypatch):
    monkeypatch.setattr(reader_module, "TARGETS_AT_MOST", 2)
    names = ("one\x1b[31m", "two", "three")
    told = [{"name": name, "url": f"http://h{number}", "interval": 1} for number, name in enumerate(names)]
    encoder = Encoder()
    lines = [encoder.line(name, answer) for name in ("one[31m", "two", "three") for answer in ANSWERS[:2]]
    path.write_text("\n".join([json.dumps({"recording": 1, "targets": told}), *lines]) + "\n")

    found = Recording(path)
    assert all("\x1b" not in target.name for target in found.targets)
    assert len(found.targets) <= 2


def test_a_long_file_tells_how_far_it_is(path, monkeypatch):
    monkeypatch.setattr(reader_module, "TOLD_EVERY", 50)
    path.write_text(text_of(ANSWERS))
    shares = []
    Recording(path, shares.append)

    assert shares == sorted(shares)
    assert len(shares) == 3
    assert 0 < shares[0] < shares[-1] <= 1
