from __future__ import annotations

import shutil

import numpy as np
import pytest

from service.ranking.semantic.vectors import Unusable, WordVectors, normalised, weight


def test_words_are_found_by_name_and_by_their_singular(vectors):
    words = vectors.words()[-40:]
    assert [vectors.rank(word) for word in words] == list(range(vectors.count - 40, vectors.count))
    assert vectors.rank("nowhere") == -1
    assert vectors.nearest_rank("vineyards") == vectors.rank("vineyard") >= 0


def test_words_of_like_meaning_point_the_same_way(vectors):
    car, vehicle, wine = normalised(vectors.rows([vectors.rank(word) for word in ("car", "vehicle", "wine")]))
    assert car @ vehicle > 0.7 > 0.4 > car @ wine


def test_rare_words_tell_more():
    assert 0 < weight(0) < weight(100) < weight(50_000) < 1


def test_a_damaged_file_is_noticed(vectors, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(vectors._folder, folder)
    WordVectors(folder)
    raw = bytearray((folder / "vectors.npy").read_bytes())
    raw[-1] ^= 1
    (folder / "vectors.npy").write_bytes(raw)
    with pytest.raises(Unusable, match=r"vectors\.npy"):
        WordVectors(folder)
    (folder / "vectors.npy").unlink()
    with pytest.raises(Unusable, match="cannot be read"):
        WordVectors(folder)


def test_vectors_of_length_zero_stay(vectors):
    assert not normalised(np.zeros((2, 3), np.float32)).any()
