"""Writes word vectors in the form that the service loads: plain arrays without pickle, int8 with one scale a row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import MANIFEST, file_checksum, hashed


def quantised(vectors: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """Return each row as int8 and its scale: row = int8 * scale."""
    scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float16)
    safe = np.maximum(scales.astype(np.float32), 1e-7)[:, None]
    return np.clip(np.round(vectors / safe), -127, 127).astype(np.int8), scales


def write(folder: Path, words: Sequence[str], rows: npt.NDArray[np.int8], scales: npt.NDArray[np.float16]) -> None:
    """Write the files and their manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    hashes = np.array([hashed(word) for word in words], np.uint64)
    order = np.argsort(hashes, kind="stable")
    arrays = {"vectors": rows, "scales": scales, "hashes": hashes[order], "ranks": order.astype(np.int32)}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    (folder / "words.txt").write_text("\n".join(words), encoding="utf-8")
    names = [*(f"{name}.npy" for name in arrays), "words.txt"]
    manifest = {name: file_checksum(folder / name) for name in names}
    version = file_checksum(folder / "vectors.npy")[:8]
    (folder / MANIFEST).write_text(json.dumps({"version": version} | manifest, indent=1) + "\n", encoding="utf-8")
