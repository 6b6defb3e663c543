"""Word vectors that, averaged, say what the teacher says: ridge regression on texts, then principal components.

With E0 the teacher's vectors of single words, find Z that makes |X (E0 + Z) - Y|^2 + ridge |Z|^2 least; a row of X
holds the weights of the words of one text, Y the teacher's vector of it. Conjugate gradients, all columns at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.float32]
Matrix = Any
"""A sparse matrix or a plain one."""


def mixing(texts: Sequence[Sequence[int]], weights: Floats) -> sparse.csr_matrix:
    """Return the matrix whose rows hold the weights of the words (by rank) of each text; a row adds up to 1."""
    from scipy import sparse  # needed by a build alone

    sizes = np.array([len(text) for text in texts])
    columns = np.fromiter((word for text in texts for word in text), np.int32, int(sizes.sum()))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    matrix = sparse.csr_matrix((weights[columns], columns, starts), (len(texts), len(weights)), np.float32)
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return sparse.diags((1 / np.maximum(sums, 1e-9)).astype(np.float32)) @ matrix


def fitted(start: Floats, mix: Matrix, turned: Matrix, taught: Floats, ridge: float, rounds: int) -> Floats:
    """Return the word vectors after ``rounds`` of conjugate gradients; ``turned`` is ``mix`` transposed."""
    moved = np.zeros_like(start)
    residual = turned @ (taught - mix @ start)
    direction = residual.copy()
    size = np.einsum("ij,ij->j", residual, residual)
    for _ in range(rounds):
        image = turned @ (mix @ direction) + ridge * direction
        step = size / np.maximum(np.einsum("ij,ij->j", direction, image), 1e-12)
        moved += step * direction
        residual -= step * image
        grown = np.einsum("ij,ij->j", residual, residual)
        direction = residual + (grown / np.maximum(size, 1e-12)) * direction
        size = grown
    return np.asarray(start + moved, np.float32)


def components(vectors: Floats, texts: Floats, width: int) -> Floats:
    """Return the word vectors less their mean in the ``width`` directions in which the texts differ most."""
    spread = (texts - texts.mean(axis=0)).astype(np.float64)
    values, basis = np.linalg.eigh(spread.T @ spread)
    return np.asarray((vectors - vectors.mean(axis=0)) @ basis[:, np.argsort(-values)[:width]], np.float32)
