import json

import pytest
from hypothesis import given, settings

from dashboard.model.snapshot import Snapshot
from dashboard.recording.lines import KEY_EVERY, Decoder, Encoder
from tests.dashboard.recording.samples import NAME, history, kept, steps


def lines_of(answers):
    encoder = Encoder()
    return [encoder.line(NAME, answer) for answer in answers]


@given(steps=steps)
@settings(max_examples=60)
def test_what_is_written_is_read_back_as_far_as_it_is_kept(steps):
    answers, decoder = history(steps), Decoder()

    found = [decoder.read(json.loads(line)) for line in lines_of(answers)]

    assert [repr(answer) for answer in found] == [repr(kept(answer)) for answer in answers]


@given(steps=steps)
@settings(max_examples=30)
def test_no_line_has_an_end_in_it(steps):
    assert all("\n" not in line for line in lines_of(history(steps)))


def test_most_lines_tell_only_what_changed():
    answers = history([("asked", 1)] * (2 * KEY_EVERY))
    lines = lines_of(answers)
    keys = [number for number, line in enumerate(lines) if '"key":' in line]

    # The second answer has series that the first had not.
    assert len(keys) <= 4
    assert max(len(line) for number, line in enumerate(lines) if number not in keys) < len(lines[keys[0]]) / 2


def test_a_reader_that_begins_in_the_middle_is_right_again_at_the_next_key():
    answers = history([("asked", 1)] * 150)
    decoder = Decoder()

    found = [decoder.read(json.loads(line)) for line in lines_of(answers)[5:]]

    known = [number for number, answer in enumerate(found) if answer is not None]
    assert known
    assert known[0] < KEY_EVERY
    assert known == list(range(known[0], len(found)))
    assert repr(found[-1]) == repr(kept(answers[-1]))


def test_targets_and_instances_do_not_mix():
    one, other = history([("asked", 1)] * 5), history([("restart", 4), *[("asked", 2)] * 4])
    encoder, decoder = Encoder(), Decoder()
    pairs = [(name, answer) for both in zip(one, other, strict=True) for name, answer in zip("ab", both, strict=True)]

    found = [decoder.read(json.loads(encoder.line(name, answer))) for name, answer in pairs]

    assert [repr(answer) for answer in found] == [repr(kept(answer)) for _, answer in pairs]


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"target": "web", "wall": "soon", "failure": {}},
        {"target": "web", "wall": 1, "failure": {}},
        {"target": "web", "wall": 1, "instance": "x", "seconds": 1, "key": {"samples": [[1, 2]]}},
        {"target": "web", "wall": 1, "instance": "x", "seconds": 1, "key": {"samples": [["a", [], "NaN?"]]}},
        {"target": "web", "wall": 1, "instance": "x", "seconds": None, "key": {"samples": []}},
    ],
)
def test_a_damaged_line_is_an_error(line):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Decoder().read(line)


def test_a_token_is_never_written():
    answers = [answer for answer in history([("asked", 1)] * 3) if isinstance(answer, Snapshot)]

    assert all("token" not in line for line in lines_of(answers))
