"""How good the word vectors are: how near averaged words come to the teacher, on texts that the fit has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic.vectors import WordVectors, normalised
from tools.vectors.distill import Matrix
from tools.vectors.lessons import Taught

Floats = npt.NDArray[np.float32]
_ASKED = 1_000


def report(folder: Path, taught: Taught, mix: Matrix, start: Floats, fitted: Floats) -> None:
    """Print it, with the size of the files."""
    unseen = ~taught.seen
    told, texts = taught.vectors[unseen], mix[unseen]
    shipped = WordVectors(folder)
    rows = shipped.rows(range(shipped.count))
    print(f"{shipped.count:,} words x {shipped.width}, {sum(path.stat().st_size for path in folder.iterdir()):,} bytes")
    print(f"texts: {int(taught.seen.sum()):,} seen, {int(unseen.sum()):,} not")
    print(f"cosine with the teacher on unseen texts: {cosine(texts @ start, told):.3f} before the fit,", end=" ")
    print(f"{cosine(texts @ fitted, told):.3f} after")
    print(f"order of {_ASKED} unseen texts, correlation with the teacher's: {agreement(texts @ rows, told):.3f}")
    for word in ("vehicle", "wine", "insurance", "skiing"):
        near = np.argsort(-(normalised(rows) @ normalised(rows[shipped.rank(word)])))[1:7]
        names = shipped.words()
        print(f"near '{word}': {', '.join(names[place] for place in near)}")


def cosine(left: Floats, right: Floats) -> float:
    """Return the mean cosine of the rows of one with those of the other."""
    return float((normalised(np.asarray(left)) * normalised(right)).sum(axis=1).mean())


def agreement(student: Floats, teacher: Floats) -> float:
    """Return the mean correlation of both's likenesses of one text to the others."""
    mine = normalised(np.asarray(student[:_ASKED]))
    theirs = normalised(teacher[:_ASKED] - teacher.mean(axis=0))
    pairs = zip(mine @ mine.T, theirs @ theirs.T, strict=True)
    return float(np.mean([np.corrcoef(one, other)[0, 1] for one, other in pairs]))
