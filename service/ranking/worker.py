"""A process that ranks by meaning for the service that started it, so that its loop has an interpreter for itself.

``python -m service.ranking.worker DESCRIPTOR``: reads questions from a socket and answers them one after the other,
until the other side closes it. It opens what the service has opened (the copy of a catalogue, its index), and shares
the memory of both. See ``pool.py``.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sqlite3
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.catalogue.snapshot import signals_of
from service.messages import Signal
from service.ranking import frames, spelled
from service.ranking.pool import VERSIONS
from service.ranking.spelled import Told

if TYPE_CHECKING:
    from service.ranking.semantic.ranking import Semantic
    from service.ranking.semantic.vectors import WordVectors

_OOM_SCORE = 500
EXPLAINED = 10
"""Signals of a page where nobody asks for more or less."""

Answer = tuple[Any, bytes]
"""What goes back: (whether it went well, the answer), and the bytes behind it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """See ``Library``: what a search asks of a version of the catalogue."""

    version: str
    _connection: sqlite3.Connection

    def connection(self) -> sqlite3.Connection:
        """Return the connection; there is one thread."""
        return self._connection

    def signals(self, rows: Sequence[int]) -> list[Signal]:
        """Return the signals with these row numbers, in this order."""
        return signals_of(self._connection, rows)

    def close(self) -> None:
        self._connection.close()


class Worker:
    """Answers questions by their name; knows the last versions that it was told of."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Copy, Semantic]] = OrderedDict()
        self._vectors: WordVectors | None = None
        self._answers: dict[str, Callable[..., Any]] = {
            "take": self.take,
            "rank": self.rank,
            "reasons": self.reasons,
            "explanations": self.explanations,
        }

    def answer(self, question: Sequence[Any]) -> Answer:
        """Return (whether it went well, and the answer or what went wrong in words), and the bytes behind that."""
        try:
            answer, behind = self._answers[question[0]](*question[1:])
        except Exception as error:
            return (False, f"{type(error).__name__}: {error}"), b""
        return (True, answer), behind

    def take(self, version: str, database: str, folder: str, synonyms: Sequence[str], year: int) -> Answer:
        """Open a version of the catalogue and its index."""
        from service.ranking.semantic.index import Index
        from service.ranking.semantic.ranking import Semantic
        from service.ranking.semantic.synonyms import Synonyms
        from service.ranking.semantic.vectors import WordVectors

        self._vectors = self._vectors or WordVectors()
        where = f"{Path(database).as_uri()}?mode=ro&immutable=1"
        copy = Copy(version, sqlite3.connect(where, uri=True, isolation_level=None))
        # Of the same content under other synonyms the index is open already.
        known = [one.index for _, one in self._known.values() if one.index.folder == Path(folder)]
        index = known[0] if known else Index(Path(folder), self._vectors)
        semantic = Semantic(index, Synonyms(synonyms), year)
        semantic.rehearse(copy)
        self._known[version] = copy, semantic
        while len(self._known) > VERSIONS:
            self._known.popitem(last=False)[1][0].close()
        return None, b""

    def rank(self, version: str, brief: Any, ranker: str) -> Answer:
        """Return the ranking, and why the first signals match: most are asked for in the same breath."""
        copy, semantic = self._known[version]
        ranking = semantic.rank(copy, spelled.read_brief(brief), ranker)
        first = copy.signals(ranking.rows[:EXPLAINED])
        said = dict(zip([one.id for one in first], semantic.reasons(ranking.brief.spec, first), strict=True))
        told, numbers = spelled.ranking(ranking)
        return (told, said), numbers

    def reasons(self, version: str, spec: str, told: Sequence[Any]) -> Answer:
        """Return why signals match."""
        signals = [Told(*one) for one in told]
        return self._known[version][1].reasons(spec, signals), b""

    def explanations(self, version: str, brief: Any, rows: Sequence[int]) -> Answer:
        """Return what the relevance of rows is made of."""
        copy, semantic = self._known[version]
        made = semantic.explanations(copy, spelled.read_brief(brief), rows)
        return [spelled.explanation(one) for one in made], b""


def _goes_first() -> None:
    """Where memory runs out, the kernel had better end this process than the service: it is started anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")


def main(descriptor: int) -> None:
    """Answer until the service closes its end, or has gone."""
    # Ctrl-C and a stop of the unit reach all processes of the service: what it accepted is still to be ranked.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _goes_first()
    worker = Worker()
    with socket.socket(fileno=descriptor) as line:
        try:
            while True:
                question, _ = frames.receive(line)
                frames.send(line, *worker.answer(question))
        except (EOFError, OSError):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
