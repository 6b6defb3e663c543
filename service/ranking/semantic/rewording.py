"""The words of an index that is made out of an old one: which there are, how often, and in which rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.ranking.semantic import forward, layout, postings, vocabulary
from service.ranking.semantic.gathering import Gathering
from service.ranking.semantic.splicing import Splice, held_by, keys, merged

Longs = npt.NDArray[np.int64]


class Rewording:
    """``base`` is the old index, ``folder`` the new one."""

    def __init__(self, base: Path, folder: Path, splice: Splice, gathered: Gathering) -> None:
        self._base = base
        self._folder = folder
        self._splice = splice
        self._gathered = gathered
        self._starts = layout.load(base, "said_starts")
        self._said = layout.load(base, "said")

    def write(self, lengths: npt.NDArray[np.float32], typical_length: float) -> None:
        """Write stems, words, postings, and the words of each row."""
        self._write_forward()
        terms = vocabulary.write(self._folder, self._gathered.lexicon, self._counts())
        numbers = {term: number for number, term in enumerate(terms)}
        self._write_postings(numbers, lengths, typical_length)

    def _write_forward(self) -> None:
        splice, sizes = self._splice, self._gathered.forward.sizes()
        starts = forward.starts_of(splice.column(np.diff(self._starts), sizes))
        said = forward.opened(self._folder, int(starts[-1]), len(self._gathered.lexicon))
        for start, stop, to in splice.runs():
            some = self._said[self._starts[start] : self._starts[stop]]
            said[starts[to] : starts[to] + len(some)] = some
        words, begins = self._gathered.forward.taken(), forward.starts_of(sizes)
        for number, to in enumerate(splice.fresh_to.tolist()):
            said[starts[to] : starts[to + 1]] = words[begins[number] : begins[number + 1]]
        said.flush()
        layout.save(self._folder, {"said_starts": starts}, {})

    def _counts(self) -> Longs:
        """Return how often each word is met: what there was, less what went, and what came."""
        before, added = layout.load(self._base, "form_counts"), self._gathered.counts
        counts = np.zeros(len(self._gathered.lexicon), np.int64)
        counts[: len(before)] += before
        counts[: len(added)] += added
        going = np.ones(len(self._starts) - 1, bool)
        going[self._splice.kept] = False
        for doc in np.flatnonzero(going).tolist():
            np.subtract.at(counts, self._said[self._starts[doc] : self._starts[doc + 1]], 1)
        return counts

    def _write_postings(self, numbers: dict[str, int], lengths: npt.NDArray[np.float32], typical_length: float) -> None:
        offsets, docs, impacts = (layout.load(self._base, name) for name in ("offsets", "docs", "impacts"))
        # Stems that are met no more have no rows that stay: whatever number they get is never seen.
        of_old = np.array([numbers.get(term, 0) for term in vocabulary.lines(self._base / "terms.txt")], np.int64)
        fresh, strong, frequency = self._fresh(numbers, lengths, typical_length)
        places = self._splice.numbers(len(self._starts) - 1)
        np.add.at(frequency, of_old, held_by(places, offsets, docs))
        starts = forward.starts_of(frequency)
        layout.save(self._folder, {"offsets": starts}, {})
        new_docs, new_impacts = postings.opened(self._folder, int(starts[-1]))
        place = 0
        for some, strengths in merged(places, of_old, offsets, docs, impacts, fresh, strong):
            new_docs[place : place + len(some)] = some
            new_impacts[place : place + len(some)] = strengths
            place += len(some)
        postings.finish_common(self._folder, self._splice.count, starts, new_docs, new_impacts)

    def _fresh(
        self, numbers: dict[str, int], lengths: npt.NDArray[np.float32], typical_length: float
    ) -> tuple[Longs, npt.NDArray[np.uint8], Longs]:
        """Return the new postings as keys in their order, their impacts, and how many each stem has."""
        found = self._gathered.postings.taken()
        of_lexicon = np.array([numbers.get(term, 0) for term in self._gathered.lexicon.terms], np.int64)
        terms, docs = of_lexicon[found["term"]], self._splice.fresh_to[found["doc"]]
        impacts = postings.impacts_of(found["tf"], lengths[docs], typical_length)
        fresh = keys(terms, docs)
        order = np.argsort(fresh)
        return fresh[order], impacts[order], np.bincount(terms, minlength=len(numbers))
