"""What a teacher said is asked once and kept, and a fixed part of it is held back from the fit."""

from __future__ import annotations

import numpy as np
import pytest

from tools.vectors import sources
from tools.vectors.lessons import HELD_OUT, Lessons
from tools.vectors.report import agreement, cosine

WORDS = ["car", "wine", "lover"]


class Teacher:
    """Says of a text how long it is; ``asked`` counts texts."""

    def __init__(self):
        self.asked = 0

    def embed(self, texts):
        self.asked += len(texts)
        return np.array([[len(text), 1.0] for text in texts], np.float16)


def test_a_text_is_asked_once_even_by_a_second_run(tmp_path):
    teacher = Teacher()
    sets = {"names": ["wine lovers", "unknown things"], "phrases": ["the car"]}
    for _ in range(2):
        taught = Lessons(tmp_path, WORDS, lambda: teacher).of(sets)
    assert teacher.asked == 3
    # Texts without a known word teach nothing; plurals are known by their singular.
    assert taught.texts == ["wine lovers", "the car"]
    assert taught.words == [[1, 2], [0]]
    assert taught.vectors[:, 0].tolist() == [11.0, 7.0]


def test_other_texts_are_asked_anew(tmp_path):
    teacher = Teacher()
    Lessons(tmp_path, WORDS, lambda: teacher).of({"names": ["wine"]})
    Lessons(tmp_path, WORDS, lambda: teacher).of({"names": ["wine", "car"]})
    assert teacher.asked == 3


def test_the_same_few_texts_are_held_back_each_time(tmp_path):
    texts = {"names": ["car"] * 2_000}
    one, other = (Lessons(tmp_path, WORDS, Teacher).of(texts).seen for _ in range(2))
    assert (one == other).all()
    assert 0 < (~one).mean() < 3 * HELD_OUT


def test_single_words_keep_their_order(tmp_path):
    assert Lessons(tmp_path, WORDS, Teacher).single_words()[:, 0].tolist() == [3.0, 4.0, 5.0]


def test_a_package_of_another_checksum_is_refused(tmp_path):
    path = tmp_path / "package.whl"
    path.write_bytes(b"not what was published")
    with pytest.raises(ValueError, match=r"package\.whl has the checksum"):
        sources.check(path, "00")


def test_frequent_words_are_words_of_small_letters():
    listed = ["the", ",", "2024", "U.S.", "o'clock", "x", "café", "well-known", "car"]
    assert sources.plain_words(listed, 3) == ["the", "o'clock", "well-known"]


def test_the_report_measures_cosines_and_orders():
    rows = np.random.default_rng(2).normal(size=(40, 5)).astype(np.float32)
    rows -= rows.mean(axis=0)
    assert cosine(rows, 3 * rows) == pytest.approx(1.0, abs=1e-5)
    assert cosine(rows, -rows) == pytest.approx(-1.0, abs=1e-5)
    assert agreement(rows, rows) == pytest.approx(1.0, abs=1e-4)
    assert agreement(rows, rows[::-1]) < 0.6
