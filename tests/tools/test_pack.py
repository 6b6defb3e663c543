"""The files of the word vectors: what is written is what the service loads, small, checked and without pickle."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ranking.semantic.vectors import Unusable, WordVectors, hashed
from tools.vectors.pack import quantised, write

WORDS = ["the", "car", "wine"]
ROWS = np.array([[0.5, -1.0, 0.25], [2.0, 0.0, -0.125], [0.0, 0.0, 0.0]], np.float32)


@given(st.lists(st.lists(st.floats(-8, 8, width=16), min_size=4, max_size=4), min_size=1, max_size=8))
def test_a_quantised_row_is_off_by_less_than_its_scale(rows):
    vectors = np.array(rows, np.float32)
    kept, scales = quantised(vectors)
    assert (kept.dtype, scales.dtype) == (np.int8, np.float16)
    off = np.abs(kept * scales.astype(np.float32)[:, None] - vectors)
    # A scale is rounded itself, to one part in 2,000, or to a fixed step where it is tiny.
    assert (off <= 0.57 * scales.astype(np.float32)[:, None] + 1e-4).all()


def test_what_is_written_is_read_back_by_word(tmp_path):
    write(tmp_path, WORDS, *quantised(ROWS))
    vectors = WordVectors(tmp_path)
    assert (vectors.count, vectors.width, vectors.words()) == (3, 3, WORDS)
    assert [vectors.rank(word) for word in WORDS] == [0, 1, 2]
    assert vectors.rank("beer") == -1
    assert np.allclose(vectors.rows([0, 1, 2]), ROWS, atol=0.02)


def test_the_same_vectors_give_the_same_bytes_and_others_another_version(tmp_path):
    for name, rows in (("one", ROWS), ("same", ROWS), ("other", ROWS[::-1])):
        write(tmp_path / name, WORDS, *quantised(rows))
    one, same, other = ({path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())} for name in
                        ("one", "same", "other"))  # fmt: skip
    assert one == same
    told = [json.loads(files["vectors.json"])["version"] for files in (one, other)]
    assert told[0] != told[1]


@pytest.mark.parametrize("name", ["vectors.npy", "scales.npy", "hashes.npy", "ranks.npy", "words.txt"])
def test_a_changed_file_is_refused(tmp_path, name):
    write(tmp_path, WORDS, *quantised(ROWS))
    raw = bytearray((tmp_path / name).read_bytes())
    raw[-1] ^= 1
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(Unusable, match=name):
        WordVectors(tmp_path)


def test_no_file_needs_pickle_and_hashes_are_in_order(tmp_path):
    write(tmp_path, WORDS, *quantised(ROWS))
    hashes = np.load(tmp_path / "hashes.npy", allow_pickle=False)
    assert sorted(map(hashed, WORDS)) == hashes.tolist()
