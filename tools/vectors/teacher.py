"""The teacher: all-MiniLM-L6-v2 as an int8 ONNX file, which turns a text into 384 numbers that stand for its meaning.

Needed to build the word vectors only; nothing of it is shipped. Mean pooling over the attention mask, normalised.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from tools.vectors import sources

WIDTH = 384
TOKENS = 48
_BATCH = 64

Floats = npt.NDArray[np.float32]


class Teacher:
    """``model`` and ``tokenizer`` are files of the packages that ``sources.py`` names."""

    def __init__(self, model: Path, tokenizer: Path) -> None:
        self._session = onnxruntime.InferenceSession(str(model))
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float16]:
        """Return one row for each text."""
        rows = np.empty((len(texts), WIDTH), np.float16)
        # Texts of like length side by side: padding costs as much as text.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            rows[places] = self._batch([texts[place] for place in places])
        return rows

    def _batch(self, texts: Sequence[str]) -> Floats:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, feed)[0]
        pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)


def teacher_in(work: Path) -> Teacher:
    """Return the teacher whose packages were unpacked in ``work``."""
    return Teacher(work / sources.MODEL, work / sources.TOKENIZER)
