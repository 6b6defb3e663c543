"""What a search has found, before it is put in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import scoring

Docs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """Documents with the parts of their scores and the final score; not ordered.

    ``held`` tells how strongly each holds each word (a line a word); ``raised`` the scores after each step that changed
    the sum of the parts, by its name.
    """

    docs: Docs
    held: Floats
    parts: scoring.Parts
    scores: Floats
    raised: Mapping[str, Floats]
