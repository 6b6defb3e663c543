"""The fit: what is least by its own measure, and directions that keep what texts differ in."""

from __future__ import annotations

import numpy as np
import pytest

from tools.vectors.distill import components, fitted

DICE = np.random.default_rng(4)
MIX = DICE.random((30, 6)).astype(np.float32)
MIX /= MIX.sum(axis=1, keepdims=True)
START = DICE.normal(size=(6, 3)).astype(np.float32)
TAUGHT = DICE.normal(size=(30, 3)).astype(np.float32)


@pytest.mark.parametrize("ridge", [0.1, 0.5])
def test_the_fit_is_the_solution_of_the_normal_equations(ridge):
    found = fitted(START, MIX, MIX.T, TAUGHT, ridge, 60)
    moved = np.linalg.solve(MIX.T @ MIX + ridge * np.eye(6), MIX.T @ (TAUGHT - MIX @ START))
    assert np.allclose(found, START + moved, atol=1e-3)


def test_a_strong_ridge_leaves_everything_as_it_was():
    assert np.allclose(fitted(START, MIX, MIX.T, TAUGHT, 1e6, 20), START, atol=1e-4)


def test_components_keep_the_directions_in_which_texts_differ_most():
    texts = np.zeros((50, 4), np.float32)
    texts[:, 1], texts[:, 3] = DICE.normal(scale=9, size=50), DICE.normal(scale=2, size=50)
    words = DICE.normal(size=(5, 4)).astype(np.float32)
    kept = components(words, texts, 2)
    centred = words - words.mean(axis=0)
    assert np.allclose(np.abs(kept), np.abs(centred[:, [1, 3]]), atol=0.4)
    assert components(words, texts, 4).shape == (5, 4)
